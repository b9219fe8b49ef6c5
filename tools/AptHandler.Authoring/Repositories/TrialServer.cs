using System.Buffers;
using System.Globalization;
using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.Authoring.Repositories;

/// <summary>nginx on this machine alone, to try a store out.</summary>
public static class TrialServer
{
    private const string Nginx = "/usr/sbin/nginx";

    // What ends a string of nginx's, or begins something in it.
    private static readonly SearchValues<char> Signs = SearchValues.Create("\"\\$;{}");

    /// <summary>Writes nginx's configuration, and has nginx check it and the port.</summary>
    /// <returns>The path of the configuration.</returns>
    /// <exception cref="InputException">There is no nginx, or the port is taken.</exception>
    public static string Prepare(Store store, int port)
    {
        string folder = store.At("serving");
        _ = Directory.CreateDirectory(folder);
        string configuration = Path.Combine(folder, "nginx.conf");
        if (store.Location.AsSpan().ContainsAny(Signs))
            throw new InputException($"cannot serve {store.Location}: nginx has no way to name it; choose a path without quotation marks, braces and signs of the shell");

        // One process with the rights of whoever started it, and every file that it writes in a folder of its own.
        string text = string.Create(CultureInfo.InvariantCulture, $$"""
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
                autoindex on;
              }
            }

            """);
        WholeFile.Replace(configuration, System.Text.Encoding.UTF8.GetBytes(text), 0x1A4 /* 0644 */, durable: false);
        ToolOutcome outcome = new Tool(Nginx, "nginx-light", ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8"]).Run(["-q", "-t", "-e", "stderr", "-c", configuration]);
        return outcome.IsSuccess
            ? configuration
            : throw new InputException(string.Create(CultureInfo.InvariantCulture, $"cannot serve {store.Location} at port {port}: {outcome.LastWords}; choose another --port"));
    }

    /// <summary>Becomes nginx: this process goes on as the server, and ends as one.</summary>
    /// <exception cref="IOException">It cannot.</exception>
    public static unsafe void Become(string configuration)
    {
        byte** words = NativeStrings.Copy([Nginx, "-e", "stderr", "-c", configuration]);
        _ = Libc.Execute(words[0], words);
        throw FileFailure.Of("start", Nginx);
    }
}
