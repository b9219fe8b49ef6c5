namespace AptHandler.Apt;

/// <summary>
/// Who provides what, as <c>apt-cache showpkg</c> lists it: "Reverse Provides:", then lines <c>name version (= provided version)</c>.
/// </summary>
internal static class ReverseProvides
{
    /// <summary>The names of the packages that provide one of those that were asked for, each once.</summary>
    public static IReadOnlyList<string> Parse(string text)
    {
        var names = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        bool isList = false;
        foreach (string line in text.Split('\n'))
        {
            if (line.StartsWith("Package: ", StringComparison.Ordinal))
                isList = false;
            else if (isList && line.IndexOf(' ', StringComparison.Ordinal) is > 0 and var end && seen.Add(line[..end]))
                names.Add(line[..end]);
            isList |= line.StartsWith("Reverse Provides:", StringComparison.Ordinal);
        }

        return names;
    }
}
