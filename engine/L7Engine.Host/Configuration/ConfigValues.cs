using System.Globalization;
using System.Net;
using L7Engine.Host.Text;

namespace L7Engine.Host.Configuration;

/// <summary>Reads one value of the file as what it stands for; false when it is something else.</summary>
internal delegate bool ConfigValue<T>(ConfigNode node, out T value);

/// <summary>The kinds of values a configuration has.</summary>
internal static class ConfigValues
{
    public static bool Text(ConfigNode node, out string value)
    {
        value = node.Text;
        return node.Kind == NodeKind.String;
    }

    public static bool TextOrNull(ConfigNode node, out string? value)
    {
        value = node.Kind == NodeKind.Null ? null : node.Text;
        return node.Kind is NodeKind.String or NodeKind.Null;
    }

    public static bool Flag(ConfigNode node, out bool value)
    {
        value = node.Text == "true";
        return node.Kind == NodeKind.Flag;
    }

    public static bool FlagOrNull(ConfigNode node, out bool? value)
    {
        bool isFlag = Flag(node, out bool flag);
        value = isFlag ? flag : null;
        return isFlag || node.Kind == NodeKind.Null;
    }

    public static bool Count(ConfigNode node, out int value)
    {
        value = 0;
        return node.Kind == NodeKind.Number
            && int.TryParse(node.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
    }

    public static bool Number(ConfigNode node, out double value)
    {
        value = 0;
        return node.Kind == NodeKind.Number
            && double.TryParse(node.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
    }

    public static bool Bytes(ConfigNode node, out long value)
    {
        value = 0;
        return node.Kind is NodeKind.Number or NodeKind.String && SizeText.TryParse(node.Text, out value);
    }

    public static bool IntBytes(ConfigNode node, out int value)
    {
        bool isSize = Bytes(node, out long bytes) && bytes <= int.MaxValue;
        value = isSize ? (int)bytes : 0;
        return isSize;
    }

    // Of the numbers only 0 is a duration: for every other the unit would have to be guessed.
    public static bool Duration(ConfigNode node, out TimeSpan value)
    {
        value = TimeSpan.Zero;
        return node.Kind switch
        {
            NodeKind.String => DurationText.TryParse(node.Text, out value),
            NodeKind.Number => node.Text == "0",
            _ => false,
        };
    }

    public static bool DurationOrNull(ConfigNode node, out TimeSpan? value)
    {
        bool isDuration = Duration(node, out TimeSpan duration);
        value = isDuration ? duration : null;
        return isDuration || node.Kind == NodeKind.Null;
    }

    public static bool Address(ConfigNode node, out IPEndPoint value)
    {
        value = new IPEndPoint(IPAddress.None, 0);
        return node.Kind == NodeKind.String && AddressText.TryParse(node.Text, out value);
    }

    public static bool BackendAddress(ConfigNode node, out EndPoint value)
    {
        value = new IPEndPoint(IPAddress.None, 0);
        return node.Kind == NodeKind.String && AddressText.TryParse(node.Text, out value);
    }

    public static bool Network(ConfigNode node, out IPNetwork value)
    {
        value = default;
        return node.Kind == NodeKind.String && AddressText.TryParse(node.Text, out value);
    }

    /// <summary>The member of an enumeration, written in camelCase.</summary>
    public static bool Choice<T>(ConfigNode node, out T value)
        where T : struct, Enum
    {
        int index = node.Kind == NodeKind.String ? Array.IndexOf(ChoicesOf<T>(), node.Text) : -1;
        value = index < 0 ? default : Enum.GetValues<T>()[index];
        return index >= 0;
    }

    public static string[] ChoicesOf<T>()
        where T : struct, Enum => Array.ConvertAll(Enum.GetValues<T>(), NameOf);

    public static string NameOf<T>(T value)
        where T : struct, Enum
    {
        string name = value.ToString();
        return $"{char.ToLowerInvariant(name[0])}{name[1..]}";
    }
}
