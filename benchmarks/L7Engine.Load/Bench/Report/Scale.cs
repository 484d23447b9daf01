namespace L7Engine.Load.Bench.Report;

/// <summary>Where a value lies along an axis.</summary>
/// <param name="Least">The value at its beginning; more than 0 where it is logarithmic.</param>
/// <param name="Most">The value at its end; more than the least.</param>
/// <param name="From">The place of the beginning, in units of the drawing.</param>
/// <param name="To">The place of the end.</param>
internal sealed record Scale(double Least, double Most, double From, double To, bool IsLogarithmic = false)
{
    /// <summary>Values that are worth a mark, about so many.</summary>
    public IEnumerable<double> Ticks(int about = 4) => IsLogarithmic ? LogTicks() : EvenTicks(about);

    /// <summary>An axis from 0 that ends at a mark.</summary>
    public static Scale FromZero(double most, double from, double to)
    {
        most = most > 0 && double.IsFinite(most) ? most : 1;
        double step = StepOf(most / 4);
        return new Scale(0, Math.Max(step, Math.Ceiling(most / step) * step), from, to);
    }

    /// <summary>A logarithmic axis that holds all values.</summary>
    /// <param name="values">More than 0; others are left out.</param>
    public static Scale Logarithmic(IEnumerable<double> values, double from, double to)
    {
        double[] positive = [.. values.Where(v => v > 0 && double.IsFinite(v))];
        (double least, double most) = positive.Length == 0 ? (1, 10) : (positive.Min(), positive.Max());
        return new Scale(RoundDown(least), RoundUp(Math.Max(most, least * 1.01)), from, to, IsLogarithmic: true);
    }

    public double At(double value)
    {
        double share = IsLogarithmic
            ? Math.Log(Math.Max(value, Least) / Least) / Math.Log(Most / Least)
            : (value - Least) / (Most - Least);
        return From + ((To - From) * Math.Clamp(share, 0, 1));
    }

    private IEnumerable<double> EvenTicks(int about)
    {
        double step = StepOf((Most - Least) / about);
        for (int i = 0; Least + (i * step) <= Most * 1.0001; i++)
        {
            yield return Least + (i * step);
        }
    }

    // 1, 2 and 5 of each power of ten; only the powers where there are many.
    private IEnumerable<double> LogTicks()
    {
        double[] digits = Most / Least > 1_000 ? [1] : [1, 2, 5];
        for (double power = PowerOf(Least); power <= Most * 1.0001; power *= 10)
        {
            foreach (double digit in digits)
            {
                if (power * digit >= Least * 0.9999 && power * digit <= Most * 1.0001)
                {
                    yield return power * digit;
                }
            }
        }
    }

    private static double StepOf(double least)
    {
        double power = PowerOf(least);
        double step = new[] { 1, 2, 2.5, 5, 10 }.First(digit => digit * power >= least * 0.9999);
        return step * power;
    }

    private static double RoundDown(double value)
    {
        double power = PowerOf(value);
        return power * (value >= 5 * power ? 5 : value >= 2 * power ? 2 : 1);
    }

    private static double RoundUp(double value)
    {
        double power = PowerOf(value);
        return power * (value <= power ? 1 : value <= 2 * power ? 2 : value <= 5 * power ? 5 : 10);
    }

    private static double PowerOf(double value) => Math.Pow(10, Math.Floor(Math.Log10(value) + 1e-9));
}
