using Microsoft.Extensions.Logging;

namespace AptHandler.Rollback;

/// <summary>Reports to the operator how a machine differs from before, after it was brought back to the old set.</summary>
/// <param name="remarks">Gets the remarks.</param>
/// <param name="log">Gets the remarks, too, and the names for which the remarks have no room.</param>
internal sealed class ReturnRemarks(List<string> remarks, ILogger log)
{
    /// <summary>Compares, and adds the remarks.</summary>
    /// <param name="files">The restored files.</param>
    /// <param name="databases">The restored data of dpkg and its tools.</param>
    /// <param name="alternativesThatStay">The alternatives that somebody has changed since the update.</param>
    /// <param name="muted">The packages whose maintainer scripts were left out.</param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public void Add(FileReturn files, DatabaseReturn databases, IReadOnlyList<string> alternativesThatStay, SortedSet<string> muted)
    {
        (List<string> leftOver, List<string> different) = files.Compare();
        different.AddRange(databases.Compare());
        string[] saved = [.. files.Later.SavedFiles];
        int stays = files.Later.Staying.Count + alternativesThatStay.Count;
        bool isAsBefore = leftOver.Count + different.Count + saved.Length + stays == 0;
        remarks.Add(isAsBefore ? Settlement.AsBefore : "the packages are as before");
        AddNames("saved: ", saved);
        remarks.AddRange(files.Later.Staying.Select(path => $"{path} was changed after the update, and stays"));
        remarks.AddRange(alternativesThatStay.Select(name => $"the alternative {name} was changed after the update, and stays"));
        AddNames("left over: ", leftOver);
        AddNames("not as before: ", different);
        if (muted.Count > 0)
            remarks.Add($"done without the maintainer scripts of {string.Join(", ", muted)}, which failed");

        if (remarks[0] == Settlement.AsBefore)
            return;
        foreach (string remark in remarks)
            log.LogWarning("after going back: {Remark}", remark);
    }

    private void AddNames(string words, IReadOnlyList<string> names)
    {
        // The status line in the cloud has room for this many characters of names.
        const int Most = 200;
        if (names.Count == 0)
            return;
        int told = 0;
        for (int characters = 0; told < names.Count && (told == 0 || characters + names[told].Length <= Most); told++)
            characters += names[told].Length + 2;
        for (int at = told; at < names.Count; at++)
            log.LogWarning("after going back: {Words}{Name}", words, names[at]);
        string more = told < names.Count ? $" and {names.Count - told} more (see the log)" : "";
        remarks.Add($"{words}{string.Join(", ", names.Take(told))}{more}");
    }
}
