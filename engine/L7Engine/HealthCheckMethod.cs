namespace L7Engine;

/// <summary>How a health check asks.</summary>
public enum HealthCheckMethod
{
    /// <summary>GET: the head of the response counts, its body is read past.</summary>
    Get,

    /// <summary>HEAD: no body is sent.</summary>
    Head,
}
