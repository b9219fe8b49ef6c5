namespace AptHandler.Debian;

/// <summary>
/// dpkg's journal: the files with all-digit names in <c>updates</c> beside the status file. Each holds the newest stanza of one package.
/// </summary>
/// <remarks>
/// dpkg writes a file at every change of a state, and merges the files into the status file when it ends. After a crash the files stay, and
/// the status file alone is out of date.
/// </remarks>
internal static class UpdatesJournal
{
    private const string Remedy = "remove the damaged file and run 'dpkg --configure -a'";

    /// <summary>The journal files, in the order in which dpkg wrote them.</summary>
    /// <param name="statusPath">The status file.</param>
    /// <returns>The paths; none where there is no folder.</returns>
    /// <exception cref="DpkgStatusException">The folder may not be read.</exception>
    public static string[] List(string statusPath)
    {
        string folder = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(statusPath)) ?? "/", "updates");
        try
        {
            string[] files = Directory.GetFileSystemEntries(folder);
            files = Array.FindAll(files, static file => !Path.GetFileName(file.AsSpan()).ContainsAnyExceptInRange('0', '9'));
            Array.Sort(files, StringComparer.Ordinal);
            return files;
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DpkgStatusException($"cannot list '{folder}': {e.Message}; check that it is a folder that may be read", e);
        }
    }

    /// <summary>Reads the stanzas of journal files.</summary>
    /// <param name="files">The files, in their order.</param>
    /// <returns>The stanzas in their order, or null where a file is gone: dpkg has merged it into a newer status file.</returns>
    /// <exception cref="DpkgStatusException">A file cannot be read or is torn.</exception>
    public static List<StatusEntry>? Read(string[] files)
    {
        var stanzas = new List<StatusEntry>(files.Length);
        foreach (string file in files)
        {
            using RegularFile? stanza = RegularFile.Open(file);
            if (stanza is null)
                return null;

            var reader = new StanzaReader(stanza, Remedy);
            while (reader.TryRead(out StatusEntry entry))
                stanzas.Add(entry);
        }

        return stanzas;
    }

    /// <summary>
    /// Merges journal stanzas with those of the status file. The newer stanza replaces the older one, and "not-installed" removes it.
    /// </summary>
    /// <param name="entries">The stanzas of the status file.</param>
    /// <param name="stanzas">The stanzas of the journal, in their order.</param>
    /// <returns>The entries as dpkg itself would write them; new ones come last.</returns>
    public static List<StatusEntry> Merge(List<StatusEntry> entries, List<StatusEntry> stanzas)
    {
        var newest = new Dictionary<PackageName, StatusEntry>();
        foreach (StatusEntry stanza in stanzas)
            newest[KeyOf(stanza)] = stanza;

        var merged = new List<StatusEntry>(entries.Count + newest.Count);
        foreach (StatusEntry entry in entries)
        {
            if (!newest.Remove(KeyOf(entry), out StatusEntry newer))
                merged.Add(entry);
            else if (newer.State != PackageState.NotInstalled)
                merged.Add(newer);
        }

        // In the order of the journal, so that the same files always give the same list.
        foreach (StatusEntry stanza in stanzas)
        {
            if (newest.Remove(KeyOf(stanza), out StatusEntry added) && added.State != PackageState.NotInstalled)
                merged.Add(added);
        }

        return merged;
    }

    private static PackageName KeyOf(StatusEntry entry) => new(entry.Name, entry.Architecture);
}
