namespace L7Engine;

/// <summary>Which addresses of a name are used.</summary>
public enum NameAddresses
{
    /// <summary>Those of IPv4 and of IPv6.</summary>
    All,

    /// <summary>Those of IPv4.</summary>
    OnlyIPv4,

    /// <summary>Those of IPv6.</summary>
    OnlyIPv6,
}
