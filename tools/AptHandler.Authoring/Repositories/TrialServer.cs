using System.Buffers;
using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.Authoring.Repositories;

/// <summary>nginx that listens only on this machine, to try out a store.</summary>
public static class TrialServer
{
    private const string Nginx = "/usr/sbin/nginx";

    // Characters that end a string in nginx's configuration, or have a special meaning in it.
    private static readonly SearchValues<char> Signs = SearchValues.Create("\"\\$;{}");

    /// <summary>Writes nginx's configuration, and has nginx check it and the port.</summary>
    /// <returns>The path of the configuration.</returns>
    /// <exception cref="InputException">There is no nginx, or the port is taken.</exception>
    public static string Prepare(Store store, int port)
    {
        string folder = store.At("serving");
        try
        {
            _ = Directory.CreateDirectory(folder);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new InputException($"cannot serve {store.Location}: {e.Message}; run this as the user whom the repository belongs to");
        }

        string configuration = Path.Combine(folder, "nginx.conf");
        if (store.Location.AsSpan().ContainsAny(Signs))
            throw new InputException(
                $"cannot serve {store.Location}: nginx has no way to name it; choose a path without quotation marks, braces and "
                    + "signs of the shell"
            );

        if (IsTaken(port))
            throw new InputException($"cannot serve {store.Location} at port {port}: another program listens there; choose another --port");

        // One process with the rights of the user who started it. All files that it writes are in one folder.
        string text = $$"""
            daemon off;
            master_process off;
            pid "{{folder}}/pid";
            error_log stderr;
            events {}
            http {
              access_log off;
              default_type application/octet-stream;
              client_body_temp_path "{{folder}}/body";
              proxy_temp_path "{{folder}}/proxy";
              fastcgi_temp_path "{{folder}}/fastcgi";
              uwsgi_temp_path "{{folder}}/uwsgi";
              scgi_temp_path "{{folder}}/scgi";
              sendfile on;
              keepalive_requests 10000;
              server {
                listen 127.0.0.1:{{port}};
                root "{{store.PublicFolder}}";
                disable_symlinks on from=$document_root;
                autoindex on;
              }
            }

            """;
        WholeFile.Replace(configuration, System.Text.Encoding.UTF8.GetBytes(text), WholeFile.ReadableByAll, durable: false);
        ToolOutcome outcome = new Tool(Nginx, "nginx-light", ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8"]).Run([
            "-q",
            "-t",
            "-e",
            "stderr",
            "-c",
            configuration,
        ]);
        return outcome.IsSuccess
            ? configuration
            : throw new InputException($"cannot serve {store.Location} at port {port}: {outcome.LastWords}; choose another --port");
    }

    // nginx itself would report that too late for a message with a remedy. proc(5): local address, remote address, state; 0A is listening.
    private static bool IsTaken(int port)
    {
        string end = $":{port:X4}";
        foreach (string file in new[] { "/proc/net/tcp", "/proc/net/tcp6" })
        {
            foreach (string line in File.Exists(file) ? File.ReadLines(file) : [])
            {
                if (
                    line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var local, _, "0A", ..]
                    && local.EndsWith(end, StringComparison.Ordinal)
                )
                    return true;
            }
        }

        return false;
    }

    /// <summary>Replaces this process by nginx: it continues as the server, and ends as one.</summary>
    /// <exception cref="IOException">nginx cannot be started.</exception>
    public static unsafe void Become(string configuration)
    {
        byte** words = NativeStrings.Copy([Nginx, "-e", "stderr", "-c", configuration]);
        _ = Libc.Execute(words[0], words);
        throw FileFailure.Of("start", Nginx);
    }
}
