namespace L7Engine.Diagnostics;

/// <summary>Computes what other idle timeouts would do from the gaps that were seen.</summary>
/// <remarks>
/// Pure. A gap that we ended is censored: only how long it was at least is known. A client that closes is no such gap
/// but a competing event: it would not have asked, and to call it censored would call a half of all requests all of
/// them. Source: Aalen and Johansen, "An empirical transition matrix for non-homogeneous Markov chains based on
/// censored observations" (1978); Little, "A proof for the queuing formula L = λW" (1961). A mutable struct: one walk.
/// </remarks>
internal struct WhatIfEstimate
{
    // A close comes up to a tick of 100 ms after its time, so half of one on the average.
    private const double LatenessMilliseconds = 50;

    // Fewer than this say nothing about others: some may be gaps that ended just before we closed a little late.
    private const int LeastWatched = 20;

    private const double RoundingErrors = 1e-6;

    private readonly GapSums _sums;
    private double _watched;
    private double _censored;
    private double _survival = 1;
    private double _found;
    private double _openMilliseconds;
    private double _unseenMilliseconds;

    private WhatIfEstimate(GapSums sums)
    {
        _sums = sums;
        _watched = sums.GapCount;
    }

    /// <summary>The points of all asked timeouts, the shortest first.</summary>
    public static WhatIfPoint[] PointsOf(GapSums sums)
    {
        ReadOnlySpan<int> asked = GapBuckets.AskedMilliseconds;
        ReadOnlySpan<int> edges = GapBuckets.Edges;
        var points = new WhatIfPoint[asked.Length];
        var walk = new WhatIfEstimate(sums);
        int bucket = 0;
        for (int i = 0; i < asked.Length; i++)
        {
            for (; edges[bucket] < asked[i]; bucket++)
            {
                walk.Pass(bucket, edges[bucket + 1] - edges[bucket]);
            }

            points[i] = walk.PointAt(asked[i]);
        }

        return points;
    }

    // Where too few stand for too many nothing is known, and from there on nothing either.
    private readonly bool IsSeen => _unseenMilliseconds == 0 && _sums.GapCount >= 1
        && (_watched >= LeastWatched || _survival * _sums.GapCount <= Math.Max(2 * _watched, RoundingErrors));

    private void Pass(int bucket, int widthMilliseconds)
    {
        double censored = _sums.ByEngine[bucket];
        if (!IsSeen)
        {
            _unseenMilliseconds += widthMilliseconds;
            _censored += censored;
            return;
        }

        double requests = _sums.ByRequest[bucket];
        double closes = _sums.ByClient[bucket];

        // Those that we ended in here were watched for half of it.
        double exposed = _watched - (censored / 2);
        double before = _survival;
        if (exposed > 0)
        {
            _found += before * requests / exposed;
            _survival = Math.Max(before * (1 - ((requests + closes) / exposed)), 0);
        }

        _openMilliseconds += (before + _survival) / 2 * widthMilliseconds;
        _watched -= requests + closes + censored;
        _censored += censored;
    }

    private readonly WhatIfPoint PointAt(int timeoutMilliseconds)
    {
        // With nothing at all every share is possible.
        double unseen = _unseenMilliseconds > 0 ? _survival : 0;
        double keep = _sums.Requests > 0 ? Math.Min(_sums.Kept / _sums.Requests, 1) : 1;
        double late = _survival * LatenessMilliseconds;
        bool isSeen = _unseenMilliseconds == 0;
        return new WhatIfPoint
        {
            IdleTimeout = TimeSpan.FromMilliseconds(timeoutMilliseconds),
            Gaps = (long)Math.Round(_sums.GapCount - _censored),
            ShareLow = keep * _found,
            ShareHigh = keep * Math.Min(_found + unseen, 1),
            OpenLow = OpenAt(_openMilliseconds + (isSeen ? late : 0)),
            OpenHigh = OpenAt(_openMilliseconds + (unseen * _unseenMilliseconds) + late),
        };
    }

    // Little's law: connections open are arrivals a second times seconds open; here both are sums over the same time.
    private readonly double OpenAt(double gapMilliseconds) => _sums.ObservedMilliseconds > 0
        ? (_sums.BusyMilliseconds + (_sums.Kept * gapMilliseconds)) / _sums.ObservedMilliseconds
        : 0;
}
