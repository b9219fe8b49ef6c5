using System.IO.Enumeration;
using AptHandler.Debian;
using AptHandler.Manifests;

namespace AptHandler.Authoring.Manifests;

/// <summary>The packages installed on a machine, as entries of a manifest that installs the same on other devices.</summary>
public sealed class InstalledPackages
{
    private InstalledPackages(IReadOnlyList<ManifestEntry> entries, IReadOnlyList<StatusEntry> leftOut) =>
        (Entries, LeftOut) = (entries, leftOut);

    /// <summary>The packages in their exact versions, by their names.</summary>
    public IReadOnlyList<ManifestEntry> Entries { get; }

    /// <summary>The packages that were left out because they are only partly installed.</summary>
    public IReadOnlyList<StatusEntry> LeftOut { get; }

    /// <summary>Chooses packages.</summary>
    /// <param name="status">What is installed.</param>
    /// <param name="patterns">
    /// Shell patterns (<c>*</c> and <c>?</c>) for names, or for names with architecture; if there are none, all packages are chosen.
    /// </param>
    /// <param name="marks">If given, packages that are marked as automatically installed are left out.</param>
    /// <exception cref="InputException">A pattern matches nothing, or there are too many packages for a manifest.</exception>
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

            // A status file can list far more packages than fit into a manifest.
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

        // Tries all patterns and does not stop at the first match, so that a pattern without any match is found.
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
