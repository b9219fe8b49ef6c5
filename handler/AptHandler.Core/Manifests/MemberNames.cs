using System.Text;
using System.Text.Json;

namespace AptHandler.Manifests;

/// <summary>The known members of one kind of object.</summary>
internal sealed class MemberNames
{
    // A longer name is not a typing error, and comparing it takes time.
    private const int LongestNearMiss = 40;

    private readonly string[] _names;
    private readonly byte[][] _utf8;

    /// <summary>No known members: for an object whose author chooses all names.</summary>
    public static readonly MemberNames None = new();

    public MemberNames(params string[] names) => (_names, _utf8) = (names, [.. names.Select(Encoding.UTF8.GetBytes)]);

    /// <summary>The code of the error for an unknown member; null where it is only a warning, because the member has no effect.</summary>
    public string? CodeOfUnknown { get; init; }

    /// <summary>The name of a member.</summary>
    public string this[int index] => _names[index];

    /// <summary>
    /// The index of the member whose name is the current token; -1 for an unknown one. Upper and lower case differ, as they do for the
    /// agent.
    /// </summary>
    /// <exception cref="InvalidOperationException">The name holds half of a surrogate pair.</exception>
    public int IndexOf(ref readonly Utf8JsonReader reader)
    {
        for (int i = 0; i < _utf8.Length; i++)
            if (reader.ValueTextEquals(_utf8[i]))
                return i;
        return -1;
    }

    /// <summary>The index of a name; -1 for an unknown one.</summary>
    public int IndexOf(string name) => _names.AsSpan().IndexOf(name);

    /// <summary>The known name that the author probably meant by an unknown one; null when none is near.</summary>
    public string? Nearest(string unknown)
    {
        if (unknown.Length > LongestNearMiss)
            return null;

        string folded = Fold(unknown);
        string? nearest = null;
        int least = int.MaxValue;
        foreach (string name in _names)
        {
            int distance = Distance(Fold(name), folded);
            if (distance <= (name.Length < 6 ? 1 : 2) && distance < least)
                (nearest, least) = (name, distance);
        }

        return nearest;
    }

    // "AgentRestartRequired" and "agent_restart_required" are spellings of one name, not typing errors.
    private static string Fold(string name) =>
        name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();

    // Levenshtein's distance, one row of the table at a time.
    private static int Distance(string left, string right)
    {
        int[] row = [.. Enumerable.Range(0, right.Length + 1)];
        for (int i = 1; i <= left.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= right.Length; j++)
            {
                int replaced = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
