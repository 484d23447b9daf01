using L7Engine.EndToEnd.Tests.Transport;

namespace L7Engine.EndToEnd.Tests;

/// <summary>Scenarios that need a process of their own: run as <c>dotnet L7Engine.EndToEnd.Tests.dll scenario</c>.</summary>
internal static class Program
{
    private static int Main(string[] args) => args is ["exhaust-descriptors"] ? DescriptorExhaustionTests.Run() : 2;
}
