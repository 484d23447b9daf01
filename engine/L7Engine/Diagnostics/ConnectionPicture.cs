namespace L7Engine.Diagnostics;

/// <summary>What is to be seen of an open connection. Made on the loop; costs no object.</summary>
internal readonly record struct ConnectionPicture
{
    private const int MillisecondsPerTick = 100;

    public required ConnectionSide Side { get; init; }

    public required ConnectionId Connection { get; init; }

    public required string Place { get; init; }

    public required PeerAddress Peer { get; init; }

    public required ConnectionState State { get; init; }

    public required long AgeMilliseconds { get; init; }

    public required long IdleMilliseconds { get; init; }

    public required int RequestCount { get; init; }

    public required long BytesReceived { get; init; }

    public required long BytesSent { get; init; }

    public required PeerStatus PeerStatus { get; init; }

    public required int PeerProbes { get; init; }

    public required Deadline Deadline { get; init; }

    /// <summary>By the clock of the loop.</summary>
    public required long TakenAtMilliseconds { get; init; }

    /// <param name="loops">What each loop has seen.</param>
    public static IReadOnlyList<ConnectionStatus> ToStatus(IReadOnlyList<List<ConnectionPicture>> loops) =>
        [.. loops.SelectMany((seen, loop) => seen.Select(connection => connection.ToStatus(loop)))];

    private ConnectionStatus ToStatus(int loop) => new()
    {
        Side = Side,
        Connection = CloseRecords.NameOf(Side, loop, Connection),
        Place = Place,
        Peer = Peer.ToIPEndPoint(),
        State = State,
        Age = TimeSpan.FromMilliseconds(AgeMilliseconds),
        IdleTime = TimeSpan.FromMilliseconds(IdleMilliseconds),
        RequestCount = RequestCount,
        BytesReceived = BytesReceived,
        BytesSent = BytesSent,
        PeerStatus = PeerStatus,
        PeerProbes = PeerProbes,
        Deadline = Deadline.IsNone || Deadline.Setting.Name is null ? null : Deadline.Setting,
        TimeLeft = Deadline.IsNone
            ? null
            : TimeSpan.FromMilliseconds(Math.Max(0, (Deadline.Tick * MillisecondsPerTick) - TakenAtMilliseconds)),
    };
}
