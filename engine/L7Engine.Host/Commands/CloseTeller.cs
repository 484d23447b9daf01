using System.Globalization;
using L7Engine.Host.Text;

namespace L7Engine.Host.Commands;

/// <summary>Writes a line for each close until the engine has ended.</summary>
internal static class CloseTeller
{
    /// <summary>Closes of a loop that may wait to be told.</summary>
    public const int Capacity = 4096;

    public static async Task RunAsync(CloseSubscription closes, TextWriter lines)
    {
        long toldLost = 0;
        await foreach (CloseRecord close in closes)
        {
            lines.WriteLine(CloseText.Of(close));
            if (closes.Lost > toldLost)
            {
                long lost = closes.Lost - toldLost;
                toldLost += lost;
                lines.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{lost} closes were not told: too many"));
            }
        }
    }
}
