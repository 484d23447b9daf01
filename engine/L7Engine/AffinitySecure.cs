namespace L7Engine;

/// <summary>Whether clients may send the cookie of affinity over HTTPS only.</summary>
public enum AffinitySecure
{
    /// <summary>Where a trusted proxy says, in X-Forwarded-Proto, that the client came over HTTPS.</summary>
    Auto,

    /// <summary>Always: what ends TLS before this engine does not say so.</summary>
    Always,

    /// <summary>Never.</summary>
    Never,
}
