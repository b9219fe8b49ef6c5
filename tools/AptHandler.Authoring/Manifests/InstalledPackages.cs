using System.IO.Enumeration;
using AptHandler.Debian;
using AptHandler.Manifests;

namespace AptHandler.Authoring.Manifests;

/// <summary>What is installed somewhere, as entries of a manifest that brings other devices to the same.</summary>
public sealed class InstalledPackages
{
    private InstalledPackages(IReadOnlyList<ManifestEntry> entries, IReadOnlyList<StatusEntry> leftOut) =>
        (Entries, LeftOut) = (entries, leftOut);

    /// <summary>The packages in their exact versions, by their names.</summary>
    public IReadOnlyList<ManifestEntry> Entries { get; }

    /// <summary>What would be among them, but is only partly there.</summary>
    public IReadOnlyList<StatusEntry> LeftOut { get; }

    /// <summary>Chooses packages.</summary>
    /// <param name="status">What is installed.</param>
    /// <param name="patterns">
    /// Patterns of the shell (<c>*</c> and <c>?</c>) for names, or for names with architecture; without any, all packages.
    /// </param>
    /// <param name="marks">Where given, what is marked as automatically installed is left out.</param>
    /// <exception cref="InputException">A pattern matches nothing, or the packages are too many for a manifest.</exception>
    public static InstalledPackages Choose(DpkgStatus status, IReadOnlyList<string> patterns, AutoMarks? marks)
    {
        var isUsed = new bool[patterns.Count];
        var names = new List<string>();
        var versions = new Dictionary<string, string>(StringComparer.Ordinal);
        var leftOut = new List<StatusEntry>();
        int length = 0;
        foreach (StatusEntry entry in status.Entries)
        {
            string name = status.NameOf(entry);
            if (!entry.HoldsFiles || (patterns.Count > 0 && !Matches(entry, name)))
                continue;
            if (!entry.IsInstalled)
                leftOut.Add(entry);
            else if ((marks is null || !IsAutomatic(name)) && versions.TryAdd(name, entry.Version))
            {
                names.Add(name);
                length += name.Length + versions[name].Length;
            }

            // A status file can list far more than fits into a manifest.
            if (length > ManifestReader.MaximumSize)
                throw new InputException(TooMany(names.Count));
        }

        int unused = Array.IndexOf(isUsed, false);
        if (unused >= 0)
            throw new InputException($"no package is installed whose name matches \"{patterns[unused]}\"; dpkg -l lists what there is");
        string[] sorted = [.. names];
        Array.Sort(sorted, StringComparer.Ordinal);
        var entries = new List<ManifestEntry>();
        foreach (string name in sorted)
            entries.Add(new ManifestEntry(name, versions[name]));
        return new InstalledPackages(entries, leftOut);

        // All of them, so that each is known to match something.
        bool Matches(StatusEntry entry, string qualifiedName)
        {
            bool matches = false;
            for (int i = 0; i < isUsed.Length; i++)
            {
                if (
                    FileSystemName.MatchesSimpleExpression(patterns[i], entry.Name, ignoreCase: false)
                    || FileSystemName.MatchesSimpleExpression(patterns[i], qualifiedName, ignoreCase: false)
                )
                    matches = isUsed[i] = true;
            }

            return matches;
        }

        bool IsAutomatic(string name) => marks.IsAutomatic(PackageName.Known(name));
    }

    private static string TooMany(int count) =>
        $"cannot write a manifest of more than {count} packages: it would have more than {ManifestReader.MaximumSize} bytes; "
        + "choose fewer packages, or make several manifests";
}
