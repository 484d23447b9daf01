using System.Runtime.InteropServices;
using L7Engine.Transport.Epoll;
using L7Engine.Transport.Portable;

namespace L7Engine.Transport;

/// <summary>The transport that suits the platform.</summary>
internal static class Transports
{
    /// <summary>A new one each time: loops that are to share their addresses come from the same one.</summary>
    public static ITransport Default => HasEpoll ? new EpollTransport() : new PortableTransport();

    private static bool HasEpoll => OperatingSystem.IsLinux()
        && RuntimeInformation.ProcessArchitecture is (Architecture.X64 or Architecture.Arm64);
}
