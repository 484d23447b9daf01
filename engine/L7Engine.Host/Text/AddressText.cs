using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace L7Engine.Host.Text;

/// <summary>Addresses with ports, and networks. Names are not resolved: the file says which address is meant.</summary>
internal static class AddressText
{
    /// <summary>What to write instead, for error lines.</summary>
    public const string Form = "an address and port, such as \"127.0.0.1:8080\" or \"[::1]:8080\"";

    /// <summary>What to write instead of a bad network, for error lines.</summary>
    public const string NetworkForm = "an address, or a network such as \"10.0.0.0/8\"";

    /// <summary>Stricter than the platform, which takes "1" for 0.0.0.1 with port 0.</summary>
    public static bool TryParse(string text, out IPEndPoint address)
    {
        address = new IPEndPoint(IPAddress.None, 0);
        int portStart = text.LastIndexOf(':') + 1;
        if (portStart <= 1 || !TryParseHost(text[..(portStart - 1)], out IPAddress? host)
            || !ushort.TryParse(
                text.AsSpan(portStart), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
        {
            return false;
        }

        address = new IPEndPoint(host, port);
        return true;
    }

    /// <summary>Reads a network, or a single address as the network that holds only it.</summary>
    public static bool TryParse(string text, out IPNetwork network)
    {
        if (IPNetwork.TryParse(text, out network))
        {
            return true;
        }

        if (text.Contains('/', StringComparison.Ordinal) || !IPAddress.TryParse(text, out IPAddress? single)
            || (single.AddressFamily == AddressFamily.InterNetwork && single.ToString() != text))
        {
            return false;
        }

        network = new IPNetwork(single, single.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
        return true;
    }

    private static bool TryParseHost(string text, out IPAddress host)
    {
        bool isBracketed = text is ['[', .., ']'];

        // The platform would take an address with a second pair of brackets, and drop what follows them.
        string address = isBracketed ? text[1..^1] : text;
        bool isAddress = IPAddress.TryParse(address, out IPAddress? parsed) && !address.StartsWith('[');
        host = parsed ?? IPAddress.None;
        return isAddress && (isBracketed
            ? host.AddressFamily == AddressFamily.InterNetworkV6
            : host.AddressFamily == AddressFamily.InterNetwork && host.ToString() == text);
    }
}
