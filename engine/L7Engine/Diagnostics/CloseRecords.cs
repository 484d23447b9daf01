using System.Globalization;

namespace L7Engine.Diagnostics;

/// <summary>Entries of the ledger as they are shown outside.</summary>
internal static class CloseRecords
{
    /// <param name="loop">The index of the loop whose ledger it is from.</param>
    public static CloseRecord Of(in CloseEntry entry, int loop) => new()
    {
        ClosedAt = new DateTimeOffset(entry.ClosedAtUtcTicks, TimeSpan.Zero),
        Side = entry.Side,
        Reason = entry.Reason,
        Setting = entry.Cause.Setting.Name is null ? null : entry.Cause.Setting,
        Detail = entry.Cause.Detail,
        ClosedFirst = entry.ClosedFirst,
        PeerProbes = entry.PeerProbes,
        Connection = NameOf(entry.Side, loop, entry.Connection),
        Place = entry.Place ?? "",
        Peer = entry.Peer.ToIPEndPoint(),
        Age = TimeSpan.FromMilliseconds(entry.AgeMilliseconds),
        IdleTime = TimeSpan.FromMilliseconds(entry.IdleMilliseconds),
        RequestCount = entry.RequestCount,
        BytesReceived = entry.BytesReceived,
        BytesSent = entry.BytesSent,
        Errno = entry.Errno,
    };

    /// <summary>Names a connection among those of all loops and both sides.</summary>
    public static string NameOf(ConnectionSide side, int loop, ConnectionId id) => string.Create(
        CultureInfo.InvariantCulture, $"{(side == ConnectionSide.Client ? 'c' : 'b')}{loop}-{id}");

    /// <summary>Merges what the loops have, each newest first, into one list in that order.</summary>
    public static IReadOnlyList<CloseRecord> Merge(CloseEntry[][] loops, int max)
    {
        var merged = new List<CloseRecord>();
        int[] next = new int[loops.Length];
        while (merged.Count < max && NewestOf(loops, next) is var newest and >= 0)
        {
            merged.Add(Of(loops[newest][next[newest]++], newest));
        }

        return merged;
    }

    private static int NewestOf(CloseEntry[][] loops, int[] next)
    {
        int newest = -1;
        for (int i = 0; i < loops.Length; i++)
        {
            if (next[i] < loops[i].Length
                && (newest < 0 || TimeOf(loops, next, i) > TimeOf(loops, next, newest)))
            {
                newest = i;
            }
        }

        return newest;
    }

    private static long TimeOf(CloseEntry[][] loops, int[] next, int loop) => loops[loop][next[loop]].ClosedAtUtcTicks;
}
