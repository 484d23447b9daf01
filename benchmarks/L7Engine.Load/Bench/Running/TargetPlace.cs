using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace L7Engine.Load.Bench.Running;

/// <summary>Where something listens that runs already.</summary>
internal static class TargetPlace
{
    /// <summary>The Host field of its requests.</summary>
    public static string HostOf(Uri target)
    {
        string host = target.HostNameType == UriHostNameType.IPv6 ? target.Host : target.IdnHost;
        return target.IsDefaultPort ? host : $"{host}:{target.Port.ToString(CultureInfo.InvariantCulture)}";
    }

    /// <summary>Looks where it can be connected to.</summary>
    /// <exception cref="BenchException">Nowhere.</exception>
    /// <remarks>A name may have addresses at which nothing listens: those of the other family, above all.</remarks>
    public static async Task<IPEndPoint> FindAsync(Uri target, CancellationToken stop)
    {
        IPAddress[] addresses;
        try
        {
            addresses = await Dns.GetHostAddressesAsync(target.IdnHost, stop);
        }
        catch (SocketException e)
        {
            throw new BenchException($"--target: {target.IdnHost}: {e.Message}");
        }

        foreach (IPAddress address in addresses)
        {
            var place = new IPEndPoint(address, target.Port);
            if (await IsReachedAsync(place, stop))
            {
                return place;
            }
        }

        string tried = string.Join(", ", addresses.Select(a => new IPEndPoint(a, target.Port)));
        throw new BenchException($"--target: cannot connect to {tried}");
    }

    /// <returns>True when something accepts there.</returns>
    public static async Task<bool> IsReachedAsync(IPEndPoint address, CancellationToken stop)
    {
        using var client = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await client.ConnectAsync(address, stop).AsTask().WaitAsync(TimeSpan.FromSeconds(5), stop);
            return true;
        }
        catch (Exception e) when (e is SocketException or TimeoutException)
        {
            return false;
        }
    }
}
