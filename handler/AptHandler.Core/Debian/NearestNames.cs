namespace AptHandler.Debian;

/// <summary>Finds the names that a misspelt name of a package may mean.</summary>
internal static class NearestNames
{
    private const int Most = 3;
    private const int ShortName = 5;

    /// <summary>The known names that are nearest to a name, the nearest first; empty where none is near.</summary>
    /// <param name="name">The name as it was written.</param>
    /// <param name="known">All existing names. A name that no manifest can hold is left out.</param>
    public static IReadOnlyList<string> Of(string name, IEnumerable<string> known)
    {
        // A short name with two other letters is a different name, not a typing error.
        int farthest = name.Length <= ShortName ? 1 : 2;
        var near = new List<(int Distance, string Name)>();
        foreach (string each in known)
        {
            if (
                Math.Abs(each.Length - name.Length) <= farthest
                && Distance(name, each) is var distance
                && distance > 0
                && distance <= farthest
                && PackageName.TryParse(each, out _, out _)
            )
                near.Add((distance, each));
        }

        near.Sort(
            (left, right) => left.Distance != right.Distance ? left.Distance - right.Distance : string.CompareOrdinal(left.Name, right.Name)
        );
        return [.. near.Take(Most).Select(each => each.Name)];
    }

    // Each letter that is inserted, left out, changed, or swapped with its neighbour counts one (optimal string alignment).
    private static int Distance(string left, string right)
    {
        int[] before = new int[right.Length + 1],
            last = new int[right.Length + 1],
            row = new int[right.Length + 1];
        for (int j = 0; j <= right.Length; j++)
            last[j] = j;
        for (int i = 1; i <= left.Length; i++)
        {
            row[0] = i;
            for (int j = 1; j <= right.Length; j++)
            {
                int change = left[i - 1] == right[j - 1] ? 0 : 1;
                row[j] = Math.Min(Math.Min(last[j], row[j - 1]) + 1, last[j - 1] + change);
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
            }

            (before, last, row) = (last, row, before);
        }

        return last[right.Length];
    }
}
