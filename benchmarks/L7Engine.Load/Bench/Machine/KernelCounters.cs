using System.Globalization;

namespace L7Engine.Load.Bench.Machine;

/// <summary>What the kernel counts of all TCP connections of this network namespace.</summary>
/// <param name="ListenDrops">Connections and connection attempts for which a listen queue had no place; null where it
/// is not told.</param>
/// <param name="Retransmitted">Segments that were sent again.</param>
/// <param name="Sent">Segments that were sent.</param>
/// <param name="TimeWaitEntered">Sockets that have entered TIME_WAIT; null where it is not told.</param>
internal sealed record KernelCounters(long? ListenDrops, long? Retransmitted, long? Sent, long? TimeWaitEntered)
{
    // One segment in a thousand: the loopback loses none, so a few come from elsewhere.
    private const long FewRetransmissions = 20;
    private const long SegmentsPerRetransmission = 1_000;

    public static KernelCounters Read() => Of(
        SystemText.Read("/proc/net/snmp") ?? "", SystemText.Read("/proc/net/netstat") ?? "");

    /// <summary>Takes them from what the files say; what is not in them is null.</summary>
    public static KernelCounters Of(string snmp, string netstat)
    {
        IReadOnlyDictionary<string, long> tcp = TableOf(snmp, "Tcp:");
        IReadOnlyDictionary<string, long> more = TableOf(netstat, "TcpExt:");
        return new KernelCounters(
            // What overflows is dropped, and counted as that, too.
            ValueOf(more, "ListenDrops"),
            ValueOf(tcp, "RetransSegs"),
            ValueOf(tcp, "OutSegs"),

            // Counted when they enter it, whatever the names say: the kernel counts as it arms their timers.
            ValueOf(more, "TW") + ValueOf(more, "TWKilled"));
    }

    /// <summary>True when nothing can happen that is not seen.</summary>
    public bool AreComplete => (ListenDrops + Retransmitted + Sent + TimeWaitEntered) is not null;

    /// <summary>What has come to them since.</summary>
    public KernelCounters Since(KernelCounters before) => new(
        ListenDrops - before.ListenDrops,
        Retransmitted - before.Retransmitted,
        Sent - before.Sent,
        TimeWaitEntered - before.TimeWaitEntered);

    /// <summary>Why what happened in that time does not count; null when it does.</summary>
    public string? Complaint =>
        ListenDrops > 0 ? Text($"a listen queue overflowed: {ListenDrops} connections or attempts were dropped")
        : Retransmitted > Math.Max(FewRetransmissions, Sent.GetValueOrDefault() / SegmentsPerRetransmission)
            ? Text($"{Retransmitted} of {Sent} segments were retransmitted")
        : null;

    private static long? ValueOf(IReadOnlyDictionary<string, long> table, string name) =>
        table.TryGetValue(name, out long value) ? value : null;

    // A line of names, and one of as many values below it.
    private static Dictionary<string, long> TableOf(string text, string title)
    {
        string[][] lines = [.. LinesOf(text, title)];
        return lines is [var names, var values, ..]
            ? names.Zip(values).Skip(1).DistinctBy(p => p.First).ToDictionary(p => p.First, p => NumberOf(p.Second))
            : [];
    }

    private static IEnumerable<string[]> LinesOf(string text, string title) =>
        text.Split('\n').Where(l => l.StartsWith(title, StringComparison.Ordinal))
            .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static long NumberOf(string word) =>
        long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : 0;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
