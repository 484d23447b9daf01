namespace L7Engine.Transport;

/// <summary>The transport that suits the platform.</summary>
internal static class Transports
{
    public static ITransport Default => throw new PlatformNotSupportedException();
}
