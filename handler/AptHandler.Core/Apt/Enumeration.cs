namespace AptHandler.Apt;

/// <summary>Lists names in a sentence.</summary>
internal static class Enumeration
{
    /// <summary>How many are named, at most.</summary>
    public const int Named = 8;

    /// <summary>The first words, and how many more there are.</summary>
    public static string Some(IReadOnlyList<string> words) =>
        words.Count <= Named ? string.Join(", ", words) : $"{string.Join(", ", words.Take(Named))} and {words.Count - Named} more";
}
