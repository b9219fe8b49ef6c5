using System.Globalization;
using System.Text;

namespace AptHandler.SystemTests.Fixtures;

/// <summary>A request without a body; apt sends no others.</summary>
internal sealed class HttpRequest
{
    private readonly Dictionary<string, string> _fields = new(StringComparer.OrdinalIgnoreCase);

    private HttpRequest(string method, string path)
    {
        Method = method;
        Path = path;
    }

    public string Method { get; }

    /// <summary>Without percent signs and query.</summary>
    public string Path { get; }

    public bool IsHead => Method is "HEAD";

    public string? this[string field] => _fields.GetValueOrDefault(field);

    /// <returns>Null at the end of the connection.</returns>
    public static async Task<HttpRequest?> Read(TextReader reader)
    {
        var words = (await reader.ReadLineAsync())?.Split(' ');
        if (words is not [var method, var target, ..])
            return null;

        // A proxy is asked with the whole address.
        var path = target.StartsWith('/') ? target : new Uri(target).AbsolutePath;
        var request = new HttpRequest(method, Uri.UnescapeDataString(path.Split('?')[0]));
        while (await reader.ReadLineAsync() is { Length: > 0 } line)
            if (line.Split(':', 2, StringSplitOptions.TrimEntries) is [var name, var value])
                request._fields[name] = value;
        return request;
    }
}

/// <summary>An answer: a file, a part of one, or a status alone.</summary>
internal sealed record HttpResponse(int Status, byte[] Body, string Fields = "")
{
    public static HttpResponse Plain(int status) => new(status, []);

    public static HttpResponse For(HttpRequest request, string folder)
    {
        var path = Path.GetFullPath(folder + request.Path);
        if (!path.StartsWith(folder + "/", StringComparison.Ordinal) || !File.Exists(path))
            return Plain(404);

        var content = File.ReadAllBytes(path);
        // HTTP knows no fractions of a second.
        var written = DateTimeOffset.FromUnixTimeSeconds(new DateTimeOffset(File.GetLastWriteTimeUtc(path)).ToUnixTimeSeconds());
        var fields = $"Last-Modified: {written:R}\r\nAccept-Ranges: bytes\r\n";
        if (IsTime(request["If-Modified-Since"], out var since) && written <= since)
            return new HttpResponse(304, [], fields);
        if (StartOfRange(request) is not { } start || (IsTime(request["If-Range"], out var then) && then != written))
            return new HttpResponse(200, content, fields);
        return start < content.Length
            ? new HttpResponse(206, content[start..], $"{fields}Content-Range: bytes {start}-{content.Length - 1}/{content.Length}\r\n")
            : new HttpResponse(416, [], $"Content-Range: bytes */{content.Length}\r\n");
    }

    public byte[] Head() =>
        Encoding.ASCII.GetBytes($"HTTP/1.1 {Status} {Reason}\r\n{Fields}Content-Length: {Body.Length}\r\nConnection: keep-alive\r\n\r\n");

    private string Reason =>
        Status switch
        {
            200 => "OK",
            206 => "Partial Content",
            304 => "Not Modified",
            404 => "Not Found",
            416 => "Range Not Satisfiable",
            _ => "Internal Server Error",
        };

    private static bool IsTime(string? text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, "R", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);

    /// <summary>apt resumes a file from where it broke off, and asks for no other ranges.</summary>
    private static int? StartOfRange(HttpRequest request) =>
        request["Range"] is { } range
        && range.StartsWith("bytes=", StringComparison.Ordinal)
        && range.EndsWith('-')
        && int.TryParse(range.AsSpan(6, range.Length - 7), NumberStyles.None, CultureInfo.InvariantCulture, out var start)
            ? start
            : null;
}
