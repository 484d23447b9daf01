namespace L7Engine.Load.Bench.Statistics;

/// <summary>Tails of the normal distribution and of Student's t.</summary>
internal static class Normal
{
    // The quantile of the normal distribution at 97.5 %.
    private const double Z = 1.959963985;

    /// <summary>The share of bootstrap draws that lies below a 95 % interval of few observations.</summary>
    /// <remarks>The percentile interval is as narrow as if the spread were known. Taken is the share at which a normal
    /// interval would be as wide as that of Student's t, whose spread is estimated with n - 1 degrees of freedom.
    /// </remarks>
    /// <param name="count">Observations; at least 1. A single one has the widest interval there is.</param>
    /// <returns>0 to 0.025.</returns>
    public static double TailOfExpandedInterval(int count) =>
        count < 2 ? 0 : TailBelow(-Math.Sqrt((double)count / (count - 1)) * QuantileOfT(count - 1));

    /// <summary>Student's t at 97.5 %, by the expansion of Cornish and Fisher (Abramowitz and Stegun 26.7.5).</summary>
    /// <remarks>Its error is below a hundredth from 5 degrees of freedom on; fewer give it too small a value.</remarks>
    public static double QuantileOfT(int degrees)
    {
        double n = degrees;
        double z2 = Z * Z;
        double first = Z * (z2 + 1) / 4;
        double second = Z * (((((5 * z2) + 16) * z2) + 3) / 96);
        double third = Z * (((((((3 * z2) + 19) * z2) + 17) * z2) - 15) / 384);
        double fourth = Z * (((((((((79 * z2) + 776) * z2) + 1_482) * z2) - 1_920) * z2) - 945) / 92_160);
        return Z + (first / n) + (second / (n * n)) + (third / (n * n * n)) + (fourth / (n * n * n * n));
    }

    /// <summary>The share of a normal distribution that is below a value (Abramowitz and Stegun 26.2.17).</summary>
    /// <param name="value">At most 0.</param>
    /// <returns>Right to 1e-7.</returns>
    public static double TailBelow(double value)
    {
        double t = 1 / (1 - (0.2316419 * value));
        double polynomial = t * (0.319381530 + (t * (-0.356563782 + (t * (1.781477937 + (t * (-1.821255978
            + (t * 1.330274429))))))));
        return polynomial * Math.Exp(-value * value / 2) / Math.Sqrt(2 * Math.PI);
    }
}
