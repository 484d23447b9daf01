namespace L7Engine.Host.Text;

/// <summary>Finds what someone meant to write.</summary>
internal static class NearestName
{
    // Longer than any name, and short enough for a table of its square.
    private const int MaxLength = 64;

    /// <returns>The known name that takes the fewest edits, or null when none is near enough to be a guess.</returns>
    public static string? Of(string written, IEnumerable<string> known)
    {
        if (written.Length > MaxLength)
        {
            return null;
        }

        string? nearest = null;
        int fewest = Math.Max(1, written.Length / 3) + 1;
        foreach (string name in known)
        {
            int edits = EditsBetween(written.ToUpperInvariant(), name.ToUpperInvariant());
            if (edits < fewest)
            {
                (nearest, fewest) = (name, edits);
            }
        }

        return nearest;
    }

    // Optimal string alignment: a letter added, dropped, replaced, or swapped with its neighbour is one edit.
    private static int EditsBetween(string a, string b)
    {
        int[,] edits = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                edits[i, j] = i == 0 || j == 0 ? i + j : Fewest(edits, a, b, i, j);
            }
        }

        return edits[a.Length, b.Length];
    }

    private static int Fewest(int[,] edits, string a, string b, int i, int j)
    {
        int replaced = edits[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
        int least = Math.Min(replaced, Math.Min(edits[i - 1, j], edits[i, j - 1]) + 1);
        bool isSwap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
        return isSwap ? Math.Min(least, edits[i - 2, j - 2] + 1) : least;
    }
}
