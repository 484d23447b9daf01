using System.Globalization;

namespace L7Engine.Configuration;

/// <summary>The settings that sized something at the start: another value needs another start.</summary>
internal static class FixedSettings
{
    /// <summary>Adds an error for each of them that differs; those of listeners are looked at elsewhere.</summary>
    public static void Check(LoadBalancerOptions inForce, LoadBalancerOptions next, ConfigErrors errors)
    {
        Require(next.Loops, inForce.Loops, "loops", errors);
        ConfigErrors limits = errors.In("limits");
        Require(next.Limits.MaxClientConnections, inForce.Limits.MaxClientConnections, "maxClientConnections", limits);
        Require(next.Limits.LedgerEntriesPerLoop, inForce.Limits.LedgerEntriesPerLoop, "ledgerEntriesPerLoop", limits);
        if (next.Limits.MaxBufferBytes != inForce.Limits.MaxBufferBytes)
        {
            limits.Add("maxBuffer", Message(
                ConfigText.Of(next.Limits.MaxBufferBytes), ConfigText.Of(inForce.Limits.MaxBufferBytes)));
        }
    }

    public static string Message(string next, string inForce) =>
        $"is {next}, and {inForce} is in force; it cannot change while the engine runs: start it anew, or leave it";

    private static void Require(int next, int inForce, string key, ConfigErrors errors)
    {
        if (next != inForce)
        {
            errors.Add(key, Message(
                next.ToString(CultureInfo.InvariantCulture), inForce.ToString(CultureInfo.InvariantCulture)));
        }
    }
}
