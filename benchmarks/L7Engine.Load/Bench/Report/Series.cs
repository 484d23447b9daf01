using System.Globalization;

namespace L7Engine.Load.Bench.Report;

/// <summary>Which colour belongs to whom: the same on the whole page.</summary>
internal static class Series
{
    private const int Colours = 4;

    public static string BarOf(Subject subject, int index) => $"bar {ColourOf(subject, index)}";

    /// <param name="isDashed">A second line of the same colour.</param>
    public static string LineOf(Subject subject, int index, bool isDashed = false) =>
        $"line {ColourOf(subject, index)}{(isDashed ? " dashed" : "")}";

    /// <summary>By number, where what is drawn are not subjects.</summary>
    public static string LineOf(int index, bool isDashed = false) =>
        $"line c{Number(index)}{(isDashed ? " dashed" : "")}";

    // None at all is grey: it is what the others are held against.
    private static string ColourOf(Subject subject, int index) =>
        subject.Name == Subject.Direct ? "grey" : $"c{Number(index)}";

    private static string Number(int index) => (index % Colours).ToString(CultureInfo.InvariantCulture);
}
