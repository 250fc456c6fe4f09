namespace StratoVirt.Definitions.Diagnostics;

/// <summary>Finds the word that a misspelt one was probably meant to be.</summary>
internal static class NearestWord
{
    /// <summary>Longer words are no slips of the finger; the bound also caps the cost, length times length.</summary>
    private const int MaxLength = 64;

    /// <summary>The candidate fewest edits away, when that is at most a third of its letters (at least one, two from
    /// four letters on); null when none is near. Case is ignored.</summary>
    internal static string? Find(string word, IEnumerable<string> candidates)
    {
        if (word.Length is 0 or > MaxLength)
        {
            return null;
        }

        string? nearest = null;
        int best = int.MaxValue;
        foreach (string candidate in candidates)
        {
            int allowed = candidate.Length < 4 ? 1 : Math.Max(2, candidate.Length / 3);
            int distance = Distance(word, candidate);
            if (distance <= allowed && distance < best)
            {
                (nearest, best) = (candidate, distance);
            }
        }

        return nearest;
    }

    /// <summary>Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours,
    /// ignoring case.</summary>
    internal static int Distance(string left, string right)
    {
        int[] beforeLast = new int[right.Length + 1];
        int[] last = new int[right.Length + 1];
        int[] current = new int[right.Length + 1];
        for (int j = 0; j <= right.Length; j++)
        {
            last[j] = j;
        }

        for (int i = 1; i <= left.Length; i++)
        {
            current[0] = i;
            for (int j = 1; j <= right.Length; j++)
            {
                int substitution = last[j - 1] + (Same(left[i - 1], right[j - 1]) ? 0 : 1);
                int distance = Math.Min(substitution, Math.Min(last[j], current[j - 1]) + 1);
                bool swapped = i > 1 && j > 1 && Same(left[i - 1], right[j - 2]) && Same(left[i - 2], right[j - 1]);
                current[j] = swapped ? Math.Min(distance, beforeLast[j - 2] + 1) : distance;
            }

            (beforeLast, last, current) = (last, current, beforeLast);
        }

        return last[right.Length];
    }

    private static bool Same(char left, char right) => char.ToUpperInvariant(left) == char.ToUpperInvariant(right);
}
