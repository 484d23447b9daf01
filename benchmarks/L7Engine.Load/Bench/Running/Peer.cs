using System.Diagnostics;
using System.Net;

namespace L7Engine.Load.Bench.Running;

/// <summary>Another proxy that can be measured beside the engine, with its fair configuration: one thread, connections
/// kept on both sides as long as the other side keeps them, nothing logged, the same fields added.</summary>
internal sealed record Peer(
    string Name, string VersionFlag, Func<PeerPlace, string> Configuration, Func<PeerPlace, string[]> Arguments)
{
    public static IReadOnlyList<Peer> All { get; } =
    [
        new Peer("haproxy", "-v", HaproxyOf, p => ["-db", "-f", p.File]),
        new Peer("nginx", "-v", NginxOf, p => ["-p", p.Folder, "-e", "stderr", "-c", p.File]),
    ];

    /// <returns>Where the program is; null when it is not installed.</returns>
    public string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(':', StringSplitOptions.RemoveEmptyEntries)
        .SelectMany(f => f.EndsWith("/bin", StringComparison.Ordinal) ? [f, $"{f[..^3]}sbin"] : new[] { f })
        .Select(f => Path.Combine(f, Name))
        .FirstOrDefault(File.Exists);

    /// <returns>What the program says it is.</returns>
    public async Task<string> VersionOfAsync(string program, CancellationToken stop)
    {
        using Process asked = Process.Start(new ProcessStartInfo(program, [VersionFlag])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        asked.StandardInput.Close();
        string[] said = await Task.WhenAll(
            asked.StandardOutput.ReadToEndAsync(stop), asked.StandardError.ReadToEndAsync(stop));
        string first = string.Concat(said).Split('\n')[0];
        return first.Replace("nginx version: ", "", StringComparison.Ordinal)
            .Replace("HAProxy version ", "", StringComparison.Ordinal).Trim();
    }

    private static string HaproxyOf(PeerPlace place) => $"""
        global
          nbthread 1
          maxconn {place.MaxConnections}
        defaults
          mode http
          timeout connect 4s
          timeout client 75s
          timeout http-keep-alive 75s
          timeout server 60s
          http-reuse always
          option forwardfor
        frontend web
          bind {place.Address} backlog 4096
          http-request set-header X-Forwarded-Proto http
          http-request set-header X-Forwarded-Host %[req.hdr(host)]
          http-request set-header Via "1.1 haproxy"
          http-response set-header Via "1.1 haproxy"
          default_backend app
        backend app
          server one {place.Backend} pool-max-conn 1024 pool-purge-delay 60s

        """;

    private static string NginxOf(PeerPlace place) => $$"""
        daemon off;
        worker_processes 1;
        pid "{{place.Folder}}/nginx.pid";
        error_log stderr crit;
        events { worker_connections {{4 * place.MaxConnections}}; }
        http {
          access_log off;
          client_body_temp_path "{{place.Folder}}/body";
          proxy_temp_path "{{place.Folder}}/proxy";
          fastcgi_temp_path "{{place.Folder}}/fastcgi";
          uwsgi_temp_path "{{place.Folder}}/uwsgi";
          scgi_temp_path "{{place.Folder}}/scgi";
          keepalive_timeout 75s;
          keepalive_requests 1000000000;
          upstream app {
            server {{place.Backend}};
            keepalive 1024;
            keepalive_requests 1000000000;
            keepalive_timeout 60s;
          }
          server {
            listen {{place.Address}} backlog=4096;
            location / {
              proxy_pass http://app;
              proxy_http_version 1.1;
              proxy_set_header Connection "";
              proxy_set_header Host $http_host;
              proxy_set_header X-Forwarded-For $remote_addr;
              proxy_set_header X-Forwarded-Proto http;
              proxy_set_header X-Forwarded-Host $http_host;
              proxy_set_header Via "1.1 nginx";
              add_header Via "1.1 nginx";
            }
          }
        }

        """;
}

/// <summary>Where a peer listens, sends and keeps its files.</summary>
internal sealed record PeerPlace(IPEndPoint Address, IPEndPoint Backend, string Folder, int MaxConnections)
{
    public string File => Path.Combine(Folder, "configuration");
}
