namespace L7Engine.Clients;

/// <summary>How short of places for client connections the engine is, and what the loops do about it.</summary>
internal enum Shortage
{
    /// <summary>Nothing is done, and nothing is kept track of.</summary>
    None,

    /// <summary>Each loop keeps track of whose connections it has.</summary>
    Near,

    /// <summary>... and closes what carries no exchange.</summary>
    Here,

    /// <summary>... and accepts nothing, either.</summary>
    Complete,
}

/// <summary>The places for client connections, over all loops: how many are taken, and how short they are.</summary>
/// <remarks>
/// Thread-safe. One interlocked count, touched when a connection comes and when it goes. As each loop stops accepting
/// when it learns that all places are taken, the maximum may be passed by one a loop, but for the first.
/// </remarks>
internal sealed class ClientPlaces(int maximum, int loops)
{
    // Past 75 % of the maximum connections are kept track of, and no more below 65 %; past 90 % they are evicted, down
    // to 80 %. The gaps keep one connection that comes and goes from turning all that on and off.
    private readonly int _track = PercentOf(maximum, 75);
    private readonly int _high = PercentOf(maximum, 90);
    private readonly int _low = PercentOf(maximum, 80);
    private readonly int _untrack = PercentOf(maximum, 65);
    private readonly List<ClientPressure> _followers = [];
    private int _taken;
    private int _shortage;

    public int Maximum => maximum;

    /// <summary>What the loops show each other.</summary>
    public EvictionBoard Board { get; } = new(loops);

    public int Taken => Volatile.Read(ref _taken);

    public Shortage Shortage => (Shortage)Volatile.Read(ref _shortage);

    /// <summary>Connections to close before no more have to be.</summary>
    public int Excess => Shortage >= Shortage.Here ? Math.Max(0, Taken - _low) : 0;

    /// <summary>Adds a loop, before the first connection is accepted.</summary>
    /// <returns>Its number on the board.</returns>
    public int Join(ClientPressure follower)
    {
        _followers.Add(follower);
        return _followers.Count - 1;
    }

    /// <summary>Lets every other loop do something, each on its own thread.</summary>
    public void Ask(ClientPressure asking, Action<ClientPressure> what)
    {
        foreach (ClientPressure follower in _followers)
        {
            if (follower != asking)
            {
                _ = follower.Loop.Post(static work => ((Action)work!)(), () => what(follower));
            }
        }
    }

    /// <returns>True when the shortage is another one from here on: every loop has to follow.</returns>
    public bool Take() => Interlocked.Increment(ref _taken) > _track && Update();

    /// <inheritdoc cref="Take"/>
    public bool GiveBack() => Interlocked.Decrement(ref _taken) <= _low && Update();

    private static int PercentOf(int maximum, int percent) => (int)((long)maximum * percent / 100);

    private bool Update()
    {
        bool hasChanged = false;
        while (true)
        {
            // The count is read after the shortage was written: whoever changes either sees the other, so that the last
            // of them leaves the shortage that belongs to the count.
            Shortage was = Shortage;
            Shortage now = After(was, Taken);
            if (now == was)
            {
                return hasChanged;
            }

            hasChanged |= Interlocked.CompareExchange(ref _shortage, (int)now, (int)was) == (int)was;
        }
    }

    private Shortage After(Shortage was, int taken)
    {
        Shortage least = taken >= maximum ? Shortage.Complete
            : taken > _high ? Shortage.Here
            : taken > _track ? Shortage.Near
            : Shortage.None;
        Shortage most = taken <= _untrack ? Shortage.None
            : taken <= _low ? Shortage.Near
            : Shortage.Complete;
        return was < least ? least : was > most ? most : was;
    }
}
