namespace L7Engine.Load.Bench.Running;

/// <summary>What a run is asked for.</summary>
public sealed record BenchSettings
{
    /// <summary>A look of less than a minute, when no peers are measured beside the engine.</summary>
    public static BenchSettings Quick { get; } = new() { Program = [] };

    /// <summary>Enough blocks for narrow intervals: some ten minutes, twice that with peers.</summary>
    public static BenchSettings Full { get; } = new()
    {
        Program = [],
        IsFull = true,
        Blocks = 30,
        BlockTime = TimeSpan.FromSeconds(2),
        SeriesBlocks = 10,
        SeriesBlockTime = TimeSpan.FromMilliseconds(300),
        MaxTime = null,
    };

    /// <summary>The words that start this program so that it plays a role, without the role's own.</summary>
    public required IReadOnlyList<string> Program { get; init; }

    /// <summary>Measures what clients do with no proxy, too, and draws plots of all subjects.</summary>
    public bool IsFull { get; init; }

    /// <summary>Whether HAProxy and nginx are measured, where they are installed.</summary>
    public bool WithPeers { get; init; }

    /// <summary>What already runs and is measured in place of all else; null starts processes.</summary>
    public Uri? Target { get; init; }

    /// <summary>Blocks of each mode, one a round.</summary>
    /// <value>Default 8.</value>
    public int Blocks { get; init; } = 8;

    /// <summary>The length of a block: seven tenths as fast as it goes, then three at a fixed rate.</summary>
    /// <value>Default 1 s.</value>
    public TimeSpan BlockTime { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Connections of clients that are open at a time.</summary>
    /// <value>Default 64.</value>
    public int Connections { get; init; } = 64;

    /// <summary>Size of each response's body in bytes.</summary>
    /// <value>Default 100.</value>
    public int BodyBytes { get; init; } = 100;

    /// <summary>The first of the ports that are listened on; the others follow it.</summary>
    /// <value>Default 0: free ones.</value>
    public int FirstPort { get; init; }

    /// <summary>Blocks of each point of the plots over connections and bodies; 0 draws none.</summary>
    /// <value>Default 3.</value>
    public int SeriesBlocks { get; init; } = 3;

    /// <summary>The length of such a block.</summary>
    /// <value>Default 120 ms.</value>
    public TimeSpan SeriesBlockTime { get; init; } = TimeSpan.FromMilliseconds(120);

    /// <summary>When the time of the whole run is over, further rounds of those points are left out.</summary>
    /// <value>Default 56 s. Null takes all the time there is.</value>
    public TimeSpan? MaxTime { get; init; } = TimeSpan.FromSeconds(56);
}
