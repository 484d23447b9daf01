using System.Text;

namespace L7Engine.Backends.Health;

/// <summary>The request of a health check, as it is sent.</summary>
internal static class CheckRequest
{
    /// <param name="via">Our element of Via: a check that comes round to this engine is answered 508.</param>
    public static byte[] Of(Backend backend, HealthCheckOptions check, ReadOnlySpan<byte> via) =>
    [
        .. Encoding.ASCII.GetBytes($"{(check.Method == HealthCheckMethod.Head ? "HEAD" : "GET")} {check.Path}"),
        .. " HTTP/1.1\r\nHost: "u8,
        .. check.Host is { } host ? Encoding.ASCII.GetBytes(host) : backend.Authority,
        .. "\r\nUser-Agent: l7engine-health\r\nVia: 1.1 "u8,
        .. via,
        .. "\r\nConnection: close\r\n\r\n"u8,
    ];
}
