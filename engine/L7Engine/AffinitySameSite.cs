namespace L7Engine;

/// <summary>Whether the cookie of affinity comes along with requests from other sites.</summary>
/// <remarks>Source: RFC 6265bis, the attribute SameSite.</remarks>
public enum AffinitySameSite
{
    /// <summary>Only when the user follows a link.</summary>
    Lax,

    /// <summary>Never.</summary>
    Strict,

    /// <summary>Always. Clients then take it over HTTPS only.</summary>
    None,
}
