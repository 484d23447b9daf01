using System.Text.RegularExpressions;
using L7Engine.Tests.Support;
using L7Engine.Tests.Tidy;
using NUnit.Framework;

namespace L7Engine.Tests.Closes;

/// <summary>Every reason to close comes about, and is entered with all that led to it.</summary>
[TestFixture]
internal sealed partial class CloseReasonTests : EngineFixture
{
    private static readonly CloseScenario[] Scenarios = [.. ClientScenarios.All, .. BackendScenarios.All];

    [TestCaseSource(nameof(Scenarios))]
    public void A_close_is_entered_once_with_its_reason_its_setting_and_who_closed_first(CloseScenario scenario)
    {
        HasBug = scenario.Reason == CloseReason.EngineFault;
        Take(scenario.Play());

        CloseRecord[] closes = [.. Bed.Closed().Where(c => c.Side == scenario.Side)];
        Assert.That(closes.Select(c => c.Reason).Distinct(), Is.EqualTo([scenario.Reason]));
        Assert.That(closes[0].Setting?.ToString() ?? "", Is.EqualTo(scenario.Setting));
        Assert.That(closes[0].ClosedFirst, Is.EqualTo(scenario.ClosedFirst));
        Assert.That(closes[0].Detail is not null, Is.EqualTo(IsOfProtocol(scenario.Reason)));
    }

    // A reason that nothing produces would be a promise that nobody keeps.
    [Test]
    public void Every_reason_has_a_scenario_on_each_side_that_the_README_names()
    {
        var promised = from row in ReasonRow().Matches(SourceTree.ReadText("README.md"))
                       let reason = Enum.Parse<CloseReason>(row.Groups[1].Value)
                       from side in SidesOf(row.Groups[2].Value)
                       select (side, reason);

        Assert.That(Scenarios.Select(s => (s.Side, s.Reason)).Distinct(), Is.EquivalentTo(promised));
        Assert.That(Scenarios.Select(s => s.Reason), Is.SupersetOf(Enum.GetValues<CloseReason>().Skip(1)));
    }

    [Test]
    public void Every_setting_that_fires_is_one_of_the_file()
    {
        string file = SourceTree.ReadText("README.md").Split("```jsonc\n")[1].Split("```")[0];

        var unknown = from scenario in Scenarios
                      where scenario.Setting.Length > 0
                      from key in scenario.Setting.Split('=')[0].Split('.')
                      where !file.Contains($"\"{key}\":", StringComparison.Ordinal)
                      select scenario.Setting;

        Assert.That(unknown, Is.Empty);
    }

    private static bool IsOfProtocol(CloseReason reason) =>
        reason is CloseReason.ProtocolError or CloseReason.BackendProtocolError;

    private static ConnectionSide[] SidesOf(string text) => text switch
    {
        "client" => [ConnectionSide.Client],
        "backend" => [ConnectionSide.Backend],
        _ => [ConnectionSide.Client, ConnectionSide.Backend],
    };

    [GeneratedRegex(@"^\| `(\w+)` \| (client|backend|both) \|", RegexOptions.Multiline)]
    private static partial Regex ReasonRow();
}
