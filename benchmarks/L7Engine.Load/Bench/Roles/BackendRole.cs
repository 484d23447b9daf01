using System.Net;

namespace L7Engine.Load.Bench.Roles;

/// <summary>The process of the backend: one port where connections are kept, one where each is closed after its
/// response. Asked, it tells of both how many connections it has accepted and how many requests it has answered.
/// </summary>
internal static class BackendRole
{
    /// <param name="keeping">The port where connections are kept; 0 is a free one.</param>
    /// <param name="closing">The other.</param>
    /// <exception cref="ListenException">A port cannot be listened on.</exception>
    public static async Task RunAsync(int keeping, int closing, Stream input, TextWriter output)
    {
        using var keeps = new BackendListener(new IPEndPoint(IPAddress.Loopback, keeping), closes: false);
        using var closes = new BackendListener(new IPEndPoint(IPAddress.Loopback, closing), closes: true);
        var thread = new Thread(new BackendLoop([keeps, closes]).Run) { IsBackground = true };
        thread.Start();
        await RoleLines.ServeAsync(input, output, $"{keeps.Address} {closes.Address}", _ => Task.FromResult(
            string.Create(null, $"{keeps.Accepted} {keeps.Requests} {closes.Accepted} {closes.Requests}")));
    }
}
