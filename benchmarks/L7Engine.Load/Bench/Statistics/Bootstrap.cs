namespace L7Engine.Load.Bench.Statistics;

/// <summary>How far a figure can be believed: 95 % intervals by drawing blocks again, with replacement.</summary>
/// <remarks>
/// What is drawn are whole blocks, because requests of one block are not independent of each other. Sources: Efron and
/// Tibshirani, An Introduction to the Bootstrap, chapters 13 (percentile intervals) and 8.6 (blocks); Hesterberg, What
/// Teachers Should Know About the Bootstrap, 2015 (expanded percentiles: those of few blocks are too narrow otherwise).
/// Pure: the same blocks and seed give the same interval.
/// </remarks>
internal static class Bootstrap
{
    /// <summary>How often is drawn. Of many blocks the ends of the interval are the 50th and the 1,950th of all that
    /// was drawn, of eight the 12th and the 1,988th.</summary>
    public const int Draws = 2_000;

    /// <returns>The median with its interval; null when there is no block.</returns>
    public static Estimate? Median(IReadOnlyList<double> blocks, int seed)
    {
        double[] drawn = new double[blocks.Count];
        return Of(blocks.Count, seed, 1, (chosen, results) =>
        {
            for (int i = 0; i < chosen.Length; i++)
            {
                drawn[i] = blocks[chosen[i]];
            }

            Array.Sort(drawn);
            results[0] = MiddleOf(drawn);
        })?[0];
    }

    /// <summary>The ratio of two figures that were taken in turns: of each pair, and then the median of the ratios.
    /// What slows down a whole round is in both, and so in no ratio.</summary>
    /// <param name="above">By round.</param>
    /// <param name="below">By round; a round that is in one of the two alone is left out.</param>
    /// <returns>Null when there is no pair.</returns>
    public static Estimate? Ratio(
        IReadOnlyDictionary<int, double> above, IReadOnlyDictionary<int, double> below, int seed) =>
        Median([.. PairsOf(above, below).Where(p => p.Below > 0).Select(p => p.Above / p.Below)], seed);

    /// <summary>The difference of two figures that were taken in turns.</summary>
    /// <inheritdoc cref="Ratio" path="/param"/>
    public static Estimate? Difference(
        IReadOnlyDictionary<int, double> first, IReadOnlyDictionary<int, double> second, int seed) =>
        Median([.. PairsOf(first, second).Select(p => p.Above - p.Below)], seed);

    /// <summary>Several figures of all blocks together.</summary>
    /// <param name="count">How many blocks there are.</param>
    /// <param name="figures">How many figures.</param>
    /// <param name="compute">Given the numbers of blocks, some more than once, writes the figures.</param>
    /// <returns>Null when there is no block.</returns>
    public static Estimate[]? Of(int count, int seed, int figures, Computation compute)
    {
        if (count == 0)
        {
            return null;
        }

        int[] chosen = [.. Enumerable.Range(0, count)];
        double[] all = new double[figures];
        compute(chosen, all);
        double[][] drawn = [.. Enumerable.Range(0, figures).Select(_ => new double[Draws])];
        double[] results = new double[figures];
        var random = new Random(seed);
        for (int draw = 0; draw < Draws; draw++)
        {
            for (int i = 0; i < count; i++)
            {
                chosen[i] = random.Next(count);
            }

            compute(chosen, results);
            for (int i = 0; i < figures; i++)
            {
                drawn[i][draw] = results[i];
            }
        }

        int tail = (int)(Normal.TailOfExpandedInterval(count) * Draws);
        return [.. drawn.Select((values, i) => IntervalOf(all[i], values, tail))];
    }

    private static Estimate IntervalOf(double value, double[] drawn, int tail)
    {
        Array.Sort(drawn);
        double low = drawn[tail];
        double high = drawn[^(tail + 1)];

        // The figure of all is within, whatever was drawn.
        return new Estimate(value, Math.Min(low, value), Math.Max(high, value));
    }

    private static double MiddleOf(double[] sorted)
    {
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static IEnumerable<(double Above, double Below)> PairsOf(
        IReadOnlyDictionary<int, double> above, IReadOnlyDictionary<int, double> below) =>
        above.Keys.Where(below.ContainsKey).Order().Select(round => (above[round], below[round]));

    /// <summary>Computes figures of the blocks that were drawn.</summary>
    internal delegate void Computation(ReadOnlySpan<int> chosen, Span<double> figures);
}
