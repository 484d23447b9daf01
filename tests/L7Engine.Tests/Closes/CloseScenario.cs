using L7Engine.Tests.Support;

namespace L7Engine.Tests.Closes;

/// <summary>How one reason to close comes about, and what the ledger says of it.</summary>
/// <param name="ClosedFirst">Whose end comes first.</param>
/// <param name="Setting">The setting that fires, as it is shown; empty when none does.</param>
/// <param name="Play">Starts an engine and plays it until the close has been entered.</param>
internal sealed record CloseScenario(
    ConnectionSide Side, CloseReason Reason, CloseParty ClosedFirst, string Setting, Func<EngineBed> Play)
{
    public override string ToString() => $"{Side} {Reason} {Setting}".TrimEnd();
}
