using System.Globalization;
using System.Net;
using System.Net.Sockets;
using L7Engine.Load.Bench.Roles;

namespace L7Engine.Load.Bench.Running;

/// <summary>Starts peers on ports that are free, each with a folder of its own.</summary>
/// <param name="processor">Where they are kept; null is anywhere.</param>
/// <remarks>Not thread-safe: one is started at a time.</remarks>
internal sealed class PeerProcesses(
    RunProcesses processes, int? processor, BenchSettings settings, CancellationToken stop)
{
    // Between the look for a free port and its use another process may take it.
    private const int MaxAttempts = 3;

    private readonly List<DirectoryInfo> _folders = [];

    /// <summary>Starts one, and waits until it listens.</summary>
    /// <exception cref="BenchException">It does not.</exception>
    public async Task<(Child Child, PeerPlace Place)> StartAsync(Peer peer, string program, IPEndPoint backend)
    {
        for (int attempt = 1; ; attempt++)
        {
            int port = processes.NextPort();
            DirectoryInfo folder = AddFolder();
            var place = new PeerPlace(
                new IPEndPoint(IPAddress.Loopback, FreePort(port, peer.Name)), backend, folder.FullName,
                Math.Max(settings.Connections, BenchSeries.MaxConnections) + 100);
            await File.WriteAllTextAsync(place.File, peer.Configuration(place), stop);
            Child child = await processes.StartAsync(
                processor, peer.Name, [BenchRole.Peer, place.Folder, program, .. peer.Arguments(place)]);
            if (await ListensAsync(child, place.Address))
            {
                return (child, place);
            }

            if (attempt == MaxAttempts || port != 0)
            {
                throw await child.EndedAsync();
            }
        }
    }

    /// <summary>Removes what they have written; they must have ended.</summary>
    public void DeleteFolders()
    {
        foreach (DirectoryInfo folder in _folders.Where(f => Directory.Exists(f.FullName)))
        {
            folder.Delete(recursive: true);
        }
    }

    private DirectoryInfo AddFolder()
    {
        try
        {
            DirectoryInfo folder = Directory.CreateTempSubdirectory("l7engine-bench-");
            _folders.Add(folder);
            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BenchException($"--peers: no folder can be made in {Path.GetTempPath()}: {e.Message}");
        }
    }

    private async Task<bool> ListensAsync(Child child, IPEndPoint address)
    {
        int peer = int.Parse(child.Ready, CultureInfo.InvariantCulture);
        while (Directory.Exists($"/proc/{peer}") && !child.HasExited)
        {
            if (await TargetPlace.IsReachedAsync(address, stop))
            {
                return true;
            }

            await Task.Delay(10, stop);
        }

        return false;
    }

    // Looked at before the peer tries: a port in use answers as if the peer did.
    private static int FreePort(int wanted, string what)
    {
        using var listener = new TcpListener(IPAddress.Loopback, wanted);
        try
        {
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }
        catch (SocketException e)
        {
            throw new BenchException($"{what}: cannot listen on {listener.LocalEndpoint}: {e.Message}");
        }
    }
}
