using System.Collections.Concurrent;
using System.IO.Enumeration;
using System.Net;
using System.Net.Sockets;

namespace AptHandler.SystemTests.Fixtures;

/// <summary>What a server does to a request instead of answering it well.</summary>
public enum Fault
{
    /// <summary>404.</summary>
    NotFound,

    /// <summary>500.</summary>
    ServerError,

    /// <summary>The full Content-Length, half of the bytes, and the connection is closed.</summary>
    HalfFile,

    /// <summary>The right length, every byte inverted.</summary>
    WrongBytes,

    /// <summary>Half of the bytes, and then silence for as long as the server lives.</summary>
    Stall,

    /// <summary>The connection is reset without an answer.</summary>
    Refuse,
}

/// <summary>One request and how it was answered; 0 when there was no answer.</summary>
public sealed record HttpExchange(string Method, string Path, string? Range, string? IfModifiedSince, int Status);

/// <summary>A web server on 127.0.0.1 over a folder, as good as apt needs it and as bad as a test wants it.</summary>
public sealed class HttpServer : IDisposable
{
    private readonly string _folder;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<TcpClient, bool> _connections = new();
    private readonly ConcurrentQueue<HttpExchange> _exchanges = new();
    private readonly Lock _faultsLock = new();
    private readonly List<FaultRule> _faults = [];
    private TcpListener? _listener;
    private int _port;

    public HttpServer(string folder)
    {
        _folder = Path.GetFullPath(folder);
        Up();
    }

    public HttpServer(Repository repository)
        : this(repository.Location) { }

    public string Uri => $"http://127.0.0.1:{_port}/";

    public IReadOnlyList<HttpExchange> Exchanges => [.. _exchanges];

    /// <summary>Spoils answers from now on.</summary>
    /// <param name="pattern">Of the decoded path, with * and ?: "/pool/hello_*", "*InRelease".</param>
    /// <param name="times">How many requests are spoilt before the server is well again.</param>
    public void Fail(string pattern, Fault fault, int times = int.MaxValue)
    {
        lock (_faultsLock)
            _faults.Add(new FaultRule(pattern, fault, times));
    }

    public void Heal()
    {
        lock (_faultsLock)
            _faults.Clear();
    }

    /// <summary>Connections are refused, and those that are open end.</summary>
    public void Down()
    {
        _listener?.Dispose();
        _listener = null;
        foreach (var connection in _connections.Keys)
            connection.Dispose();
    }

    /// <summary>Back at the same address.</summary>
    public void Up()
    {
        var listener = Listen();
        _listener = listener;
        _port = ((IPEndPoint)listener.LocalEndpoint).Port;
        _ = Accept(listener);
    }

    // While the server was down another program may have been given its port for a connection of its own: those end soon.
    private TcpListener Listen()
    {
        for (var attempt = 0; ; attempt++)
        {
            var listener = new TcpListener(IPAddress.Loopback, _port);
            try
            {
                listener.Start();
                return listener;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse && attempt < 100)
            {
                listener.Dispose();
                Thread.Sleep(100);
            }
        }
    }

    public void Dispose()
    {
        _stopping.Cancel();
        Down();
        _stopping.Dispose();
    }

    private async Task Accept(TcpListener listener)
    {
        try
        {
            while (true)
                _ = Serve(await listener.AcceptTcpClientAsync());
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            // The server went down.
        }
    }

    private async Task Serve(TcpClient client)
    {
        using var connection = client;
        _connections[connection] = true;
        try
        {
            var stream = connection.GetStream();
            using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
            // apt sends several requests ahead: they wait in the reader.
            while (await HttpRequest.Read(reader) is { } request)
                if (!await Answer(connection, stream, request))
                    return;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The client has gone, or the server is going.
        }
        finally
        {
            _connections.TryRemove(connection, out _);
        }
    }

    /// <returns>Whether the connection can be used again.</returns>
    private async Task<bool> Answer(TcpClient connection, NetworkStream stream, HttpRequest request)
    {
        var fault = NextFault(request.Path);
        if (fault is Fault.Refuse)
        {
            Note(request, 0);
            connection.LingerState = new LingerOption(enable: true, seconds: 0);
            return false;
        }

        var response = fault switch
        {
            Fault.NotFound => HttpResponse.Plain(404),
            Fault.ServerError => HttpResponse.Plain(500),
            _ => HttpResponse.For(request, _folder),
        };
        Note(request, response.Status);
        var body = fault is Fault.WrongBytes ? Array.ConvertAll(response.Body, b => (byte)~b) : response.Body;
        var isCut = fault is Fault.HalfFile or Fault.Stall;
        var sent = isCut ? body.Length / 2 : body.Length;
        await stream.WriteAsync(response.Head(), _stopping.Token);
        if (!request.IsHead)
            await stream.WriteAsync(body.AsMemory(0, sent), _stopping.Token);
        if (fault is Fault.Stall)
            await Task.Delay(Timeout.Infinite, _stopping.Token);
        return !isCut;
    }

    private void Note(HttpRequest request, int status) =>
        _exchanges.Enqueue(new HttpExchange(request.Method, request.Path, request["Range"], request["If-Modified-Since"], status));

    private Fault? NextFault(string path)
    {
        lock (_faultsLock)
        {
            var rule = _faults.Find(rule => rule.Left > 0 && FileSystemName.MatchesSimpleExpression(rule.Pattern, path, ignoreCase: false));
            if (rule is null)
                return null;
            rule.Left--;
            return rule.Fault;
        }
    }

    private sealed class FaultRule(string pattern, Fault fault, int times)
    {
        public string Pattern => pattern;

        public Fault Fault => fault;

        public int Left { get; set; } = times;
    }
}
