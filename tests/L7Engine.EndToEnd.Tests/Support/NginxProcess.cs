using System.Net;

namespace L7Engine.EndToEnd.Tests.Support;

/// <summary>An nginx as a backend: it serves files, takes uploads, and answers a few paths itself.</summary>
internal sealed class NginxProcess : IAsyncDisposable
{
    /// <summary>A path whose answer has a body of 100 bytes.</summary>
    public const string Hundred = "/hundred";

    /// <summary>A path that refuses bodies of more than 1 KiB with 413 as soon as it has seen the head.</summary>
    public const string Refusing = "/refusing";

    /// <summary>A path that answers any method with the value of the field <see cref="IdField"/>, and writes it down.
    /// </summary>
    public const string Echo = "/echo";

    public const string IdField = "X-Id";

    // Between the look for a free port and its use another process may take it.
    private const int MaxAttempts = 10;

    private readonly ChildProcess _process;

    private NginxProcess(ChildProcess process, TempFolder folder, IPEndPoint address) =>
        (_process, Folder, Address) = (process, folder, address);

    public IPEndPoint Address { get; }

    /// <summary>What is served below <c>/files/</c>, and where <c>PUT /files/NAME</c> goes.</summary>
    public TempFolder Folder { get; }

    /// <summary>To end it, or let it hang.</summary>
    public ChildProcess Process => _process;

    /// <summary>The requests for <see cref="Echo"/> that it has executed: method and id, as often as it did.</summary>
    public IReadOnlyList<string> Executed =>
        File.Exists(Folder.PathOf("executed")) ? File.ReadAllLines(Folder.PathOf("executed")) : [];

    /// <param name="at">Where to listen; null, or the port 0, is a free port. Another must be free.</param>
    public static async Task<NginxProcess> StartAsync(IPEndPoint? at = null)
    {
        string program = Tool.Require("nginx");
        for (int attempt = 1; ; attempt++)
        {
            var folder = new TempFolder();
            IPEndPoint address = at is { Port: > 0 } ? at : FreeAddress.At(at?.Address ?? IPAddress.Loopback);
            string config = folder.Write("nginx.conf", Config(folder.Root, address));
            var process = ChildProcess.Start(program, "-p", folder.Root, "-e", "stderr", "-c", config);
            var nginx = new NginxProcess(process, folder, address);
            try
            {
                // Said once the port is bound.
                await process.Errors.ContainingAsync("event method");
                return nginx;
            }
            catch (EndOfStreamException) when (attempt < MaxAttempts)
            {
                await nginx.DisposeAsync();
            }
        }
    }

    /// <summary>Adds a file below <c>/files/</c>.</summary>
    public void AddFile(string name, byte[] bytes)
    {
        Directory.CreateDirectory(Folder.PathOf("files"));
        Folder.Write(Path.Combine("files", name), bytes);
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        Folder.Dispose();
    }

    private static string Config(string root, IPEndPoint address) => $$"""
        daemon off;
        master_process off;
        pid {{root}}/nginx.pid;
        error_log stderr notice;
        events { worker_connections 4096; }
        http {
          access_log off;
          client_body_temp_path {{root}}/body;
          proxy_temp_path {{root}}/proxy;
          fastcgi_temp_path {{root}}/fastcgi;
          uwsgi_temp_path {{root}}/uwsgi;
          scgi_temp_path {{root}}/scgi;
          log_format id '$request_method $http_x_id';
          keepalive_requests 100000000;
          keepalive_timeout 300s;
          server {
            listen {{address}};
            location {{Hundred}} { return 200 "{{new string('x', 100)}}"; }
            location {{Echo}} { access_log {{root}}/executed id; return 200 "$http_x_id"; }
            location {{Refusing}} { client_max_body_size 1k; root {{root}}; dav_methods PUT; }
            location /files/ { root {{root}}; dav_methods PUT; create_full_put_path on; client_max_body_size 0; }
          }
        }
        """;
}
