using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace L7Engine.EndToEnd.Tests.Support;

/// <summary>The closes of clients' connections that <c>run --explain-closes</c> has told.</summary>
/// <param name="LostCount">How many it had no time to tell.</param>
internal sealed partial record Closes(IReadOnlyList<(IPEndPoint Peer, string Reason)> Told, long LostCount)
{
    /// <summary>Stops the engine, and reads all that it told.</summary>
    public static async Task<Closes> OfAsync(HostProcess host)
    {
        host.Terminate();
        host.Interrupt();
        await host.ExitAsync();
        var told = from line in host.Errors.All
                   let close = Close().Match(line)
                   where close.Success
                   select (IPEndPoint.Parse(close.Groups[1].Value), close.Groups[2].Value);
        var lost = from line in host.Errors.All
                   let few = Lost().Match(line)
                   where few.Success
                   select long.Parse(few.Groups[1].Value, CultureInfo.InvariantCulture);
        return new Closes([.. told], lost.Sum());
    }

    [GeneratedRegex(@" closed client (\S+) \(.*?\): (\w+),")]
    private static partial Regex Close();

    [GeneratedRegex(@"^(\d+) (?:closes were not told|lines lost)")]
    private static partial Regex Lost();
}
