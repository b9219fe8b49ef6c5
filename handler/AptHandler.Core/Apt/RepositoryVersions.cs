namespace AptHandler.Apt;

/// <summary>The versions that the sources of a machine have, as <c>apt-cache madison</c> lists them: newest first.</summary>
public sealed class RepositoryVersions
{
    private readonly Dictionary<string, List<string>> _versions = new(StringComparer.Ordinal);

    /// <summary>Reads lines <c>name | version | source</c>.</summary>
    public static RepositoryVersions Parse(string text)
    {
        var repository = new RepositoryVersions();
        foreach (string line in text.Split('\n'))
        {
            string[] columns = line.Split('|', 3, StringSplitOptions.TrimEntries);
            if (columns.Length < 3)
                continue;
            if (!repository._versions.TryGetValue(columns[0], out List<string>? versions))
                repository._versions.Add(columns[0], versions = []);
            if (!versions.Contains(columns[1]))
                versions.Add(columns[1]);
        }

        return repository;
    }

    /// <summary>The versions of a package in the repository's spelling, newest first; empty for an unknown one.</summary>
    /// <param name="name">The name, with the architecture where that is a foreign one.</param>
    public IReadOnlyList<string> this[string name] => _versions.TryGetValue(name, out List<string>? versions) ? versions : [];
}
