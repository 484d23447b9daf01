using L7Engine.EndToEnd.Tests.Load;
using L7Engine.EndToEnd.Tests.Transport;

namespace L7Engine.EndToEnd.Tests;

/// <summary>Scenarios that need a process of their own: run as <c>dotnet L7Engine.EndToEnd.Tests.dll scenario</c>.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args) => args switch
    {
        ["exhaust-descriptors"] => DescriptorExhaustionTests.Run(),
        ["load", .. string[] plan] => await GeneratorProcess.RunAsync(plan),
        _ => 2,
    };
}
