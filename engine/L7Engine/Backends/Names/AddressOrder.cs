using System.Net;
using System.Net.Sockets;

namespace L7Engine.Backends.Names;

/// <summary>Gives addresses of a name one order, so that the same set in another order is no change.</summary>
internal static class AddressOrder
{
    /// <returns>Each once, those of IPv4 first; one of IPv4 that is written as one of IPv6 is of IPv4.</returns>
    public static IPAddress[] Sort(IEnumerable<IPAddress> addresses)
    {
        IPAddress[] sorted = [.. addresses.Select(a => a.IsIPv4MappedToIPv6 ? a.MapToIPv4() : a).Distinct()];
        Array.Sort(sorted, Compare);
        return sorted;
    }

    public static bool IsOfIPv4(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork;

    private static int Compare(IPAddress a, IPAddress b)
    {
        byte[] left = a.GetAddressBytes();
        byte[] right = b.GetAddressBytes();
        int order = left.Length.CompareTo(right.Length);
        order = order != 0 ? order : left.AsSpan().SequenceCompareTo(right);
        return order != 0 || IsOfIPv4(a) ? order : a.ScopeId.CompareTo(b.ScopeId);
    }
}
