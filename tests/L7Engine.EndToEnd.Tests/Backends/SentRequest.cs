namespace L7Engine.EndToEnd.Tests.Backends;

/// <summary>One request of a load, and what came of it.</summary>
/// <param name="Began">Since the load began.</param>
/// <param name="Ended">Since the load began.</param>
/// <param name="Status">0 when no whole response came.</param>
/// <param name="IsRight">The response is the one for this request.</param>
internal sealed record SentRequest(string Method, int Id, TimeSpan Began, TimeSpan Ended, int Status, bool IsRight)
{
    public bool IsRepeatable => Method == "GET";

    public override string ToString() => FormattableString.Invariant(
        $"{Method} {Id}: {Status}, from {Began.TotalMilliseconds:F0} to {Ended.TotalMilliseconds:F0} ms");
}
