using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace L7Engine.Host.Text;

/// <summary>Addresses with ports, names with ports, and networks. Nothing is resolved here.</summary>
internal static class AddressText
{
    /// <summary>What to write instead, for error lines.</summary>
    public const string Form = "an address and port, such as \"127.0.0.1:8080\" or \"[::1]:8080\"";

    /// <summary>What to write instead for a backend.</summary>
    public const string BackendForm =
        "an address or name, and a port, such as \"127.0.0.1:9001\" or \"app.example:9001\"";

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

    /// <summary>Reads an address; what is none is a name, if it has a port. The engine checks its letters.</summary>
    public static bool TryParse(string text, out EndPoint address)
    {
        bool isAddress = TryParse(text, out IPEndPoint ip);
        address = ip;
        int portStart = text.LastIndexOf(':') + 1;
        if (isAddress || portStart <= 1 || text.AsSpan(0, portStart - 1).ContainsAny(":[]/")
            || !ushort.TryParse(
                text.AsSpan(portStart), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
        {
            return isAddress;
        }

        address = new DnsEndPoint(text[..(portStart - 1)], port);
        return true;
    }

    /// <summary>As <see cref="TryParse(string, out EndPoint)"/> reads it.</summary>
    public static string Of(EndPoint address) => address is DnsEndPoint name
        ? string.Create(CultureInfo.InvariantCulture, $"{name.Host}:{name.Port}")
        : address.ToString()!;

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
