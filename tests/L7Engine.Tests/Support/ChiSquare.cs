using NUnit.Framework;

namespace L7Engine.Tests.Support;

/// <summary>Pearson's test: whether counts are those of an expected distribution.</summary>
internal static class ChiSquare
{
    // Exceeded once in a million by a fair draw.
    private const double Quantile = 4.753;

    /// <param name="shares">What is expected, up to a common factor; 0 must not occur at all.</param>
    public static void AssertDistributed(IEnumerable<int> picks, double[] shares, string because = "")
    {
        int[] counts = new int[shares.Length];
        int total = 0;
        foreach (int pick in picks)
        {
            counts[pick]++;
            total++;
        }

        double sum = shares.Sum();
        double statistic = 0;
        for (int i = 0; i < shares.Length; i++)
        {
            double expected = total * shares[i] / sum;
            Assert.That(shares[i] > 0 || counts[i] == 0, $"{i} was picked. {because}");
            statistic += shares[i] > 0 ? (counts[i] - expected) * (counts[i] - expected) / expected : 0;
        }

        string all = $"{string.Join(' ', counts)} for {string.Join(' ', shares)}. {because}";
        Assert.That(statistic, Is.LessThan(Limit(shares.Count(s => s > 0) - 1)), all);
    }

    // Wilson and Hilferty (1931).
    private static double Limit(int freedom)
    {
        double spread = 2.0 / (9 * freedom);
        return freedom * Math.Pow(1 - spread + (Quantile * Math.Sqrt(spread)), 3);
    }
}
