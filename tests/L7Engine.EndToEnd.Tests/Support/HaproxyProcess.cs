using System.Net;
using System.Net.Sockets;

namespace L7Engine.EndToEnd.Tests.Support;

/// <summary>A HAProxy of one thread in front of a backend, connections kept on both sides, nothing written down.</summary>
internal sealed class HaproxyProcess : IAsyncDisposable
{
    // Between the look for a free port and its use another process may take it.
    private const int MaxAttempts = 10;

    // What others open meanwhile gets its port at another address, and so does whoever listens.
    private static readonly IPAddress At = IPAddress.Parse("127.0.6.2");

    private readonly TempFolder _folder;

    private HaproxyProcess(ChildProcess process, TempFolder folder, IPEndPoint address) =>
        (Process, _folder, Address) = (process, folder, address);

    public ChildProcess Process { get; }

    public IPEndPoint Address { get; }

    /// <param name="core">The processor that it is kept to.</param>
    public static async Task<HaproxyProcess> StartAsync(IPEndPoint backend, int core)
    {
        string program = Tool.Require("haproxy");
        for (int attempt = 1; ; attempt++)
        {
            var folder = new TempFolder();
            IPEndPoint address = FreeAddress.At(At);
            string config = folder.Write("haproxy.cfg", Config(address, backend));
            var process = ChildProcess.Start("taskset", "-c", Cores.Name(core), program, "-db", "-f", config);
            var haproxy = new HaproxyProcess(process, folder, address);
            if (await ListensAsync(haproxy))
            {
                return haproxy;
            }

            await haproxy.DisposeAsync();
            if (attempt == MaxAttempts)
            {
                throw new InvalidOperationException($"HAProxy does not start: {process.Errors}");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        _folder.Dispose();
    }

    // It says nothing when it is ready.
    private static async Task<bool> ListensAsync(HaproxyProcess haproxy)
    {
        Task<int> exit = haproxy.Process.ExitAsync();
        await Task.Yield();
        return Patience.Until(() => exit.IsCompleted || IsReached(haproxy.Address)) && !exit.IsCompleted;
    }

    private static bool IsReached(IPEndPoint address)
    {
        try
        {
            using var client = new TcpClient();
            client.Connect(address);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string Config(IPEndPoint address, IPEndPoint backend) => $"""
        global
          nbthread 1
        defaults
          mode http
          timeout client 60s
          timeout server 60s
          timeout connect 5s
          http-reuse always
          option forwardfor
        frontend web
          bind {address} backlog 4096
          default_backend app
        backend app
          server one {backend} pool-max-conn 1024

        """;
}
