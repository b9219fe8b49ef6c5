using System.Globalization;
using System.Net;
using System.Net.Sockets;
using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Repositories;

/// <summary>A store behind nginx, as <c>du-apt repository serve</c> starts it.</summary>
public sealed class StoreServer : IDisposable
{
    private readonly RunningCommand _nginx;

    public StoreServer(SnapshotStore store)
    {
        var port = FreePort();
        Uri = $"http://127.0.0.1:{port}";
        _nginx = store.Desk.Root.StartDuApt("repository", "serve", store.Location, "--port", port.ToString(CultureInfo.InvariantCulture));
        _nginx.WaitForText(Uri);
        for (var attempt = 0; !IsUp(port); attempt++)
        {
            if (attempt == 500 || _nginx.HasEnded)
                throw new TimeoutException($"nginx does not answer at {Uri}: {_nginx.ErrorsSoFar}");
            Thread.Sleep(10);
        }
    }

    public string Uri { get; }

    public RunningCommand Command => _nginx;

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public void Dispose()
    {
        _nginx.Signal(RunningCommand.Terminate);
        _nginx.Wait();
        _nginx.Dispose();
    }

    private static bool IsUp(int port)
    {
        try
        {
            using var client = new TcpClient("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
