using AptHandler.Files;

namespace AptHandler.Authoring.Repositories;

/// <summary>
/// Checks that a store serves nothing but what its snapshots and channels name, and that each of them has its record. A file that nobody
/// names may be somebody's work.
/// </summary>
internal sealed class ServedFiles(Store store, StoreFindings findings)
{
    private const string Stray = "it is served, and is none of the repository; take it away";

    private readonly HashSet<string> _named = new(StringComparer.Ordinal);
    private bool _isEverySnapshotWhole = true;

    /// <summary>Checks the files of a snapshot, and notes what it names for the channels.</summary>
    /// <param name="place">The snapshot: <c>snapshots/ID</c>.</param>
    /// <param name="folder">Its folder.</param>
    /// <param name="named">The files that it names.</param>
    /// <param name="isWhole">
    /// Whether those are all. Where an index is damaged, nobody knows what it named, and good files would be called stray.
    /// </param>
    public void CheckSnapshot(string place, string folder, HashSet<string> named, bool isWhole)
    {
        _isEverySnapshotWhole &= isWhole;
        _named.UnionWith(named);
        CheckFolder(place, new DirectoryInfo(folder), isWhole ? named : null);
    }

    /// <summary>Checks all that is served besides the snapshots, which come first.</summary>
    public void CheckNames()
    {
        foreach (FileSystemInfo each in new DirectoryInfo(store.PublicFolder).EnumerateFileSystemInfos())
        {
            if (each.Name is not ("key.asc" or "snapshots" or "channels") || each.LinkTarget is not null)
                findings.Add(each.Name, Stray);
        }

        foreach (string kind in new[] { "snapshots", "channels" })
        {
            foreach (FileSystemInfo each in new DirectoryInfo(Path.Combine(store.PublicFolder, kind)).EnumerateFileSystemInfos())
            {
                string place = $"{kind}/{each.Name}";
                if (!StoreName.IsPossible(each.Name) || each is not DirectoryInfo || each.LinkTarget is not null)
                    findings.Add(place, Stray);
                else if (kind == "channels")
                    findings.Try(place, () => CheckChannelFolder(place, each), isThere: true);
                else if (!File.Exists(store.SnapshotFile(each.Name)))
                    findings.AddUnnamed(
                        place,
                        $"its record is not there; bring {store.SnapshotFile(each.Name)} back from a copy of the repository, or "
                            + "take the folder away if no channel stands there"
                    );
            }
        }
    }

    /// <summary>Checks that what has a record is there, and that each channel that is served has a record.</summary>
    public void CheckRecords()
    {
        // A creation that was killed has written its record already.
        foreach (string file in Directory.GetFiles(store.At("snapshots"), "*.json"))
        {
            string id = Path.GetFileNameWithoutExtension(file);
            if (StoreName.IsPossible(id) && !Directory.Exists(store.SnapshotFolder(id)) && !Unfinished.IsOfSnapshot(store, id))
                findings.Add($"snapshots/{id}", $"it is not there, but its record is; create it again, or remove {file}");
        }

        // A first promotion that was killed has left files there, but no InRelease.
        foreach (string folder in Directory.GetDirectories(Path.Combine(store.PublicFolder, "channels")))
        {
            string name = Path.GetFileName(folder);
            if (
                StoreName.IsPossible(name)
                && Descriptor.StatusOf(Path.Combine(store.ReleaseFolder($"channels/{name}"), "InRelease")) is not null
                && !File.Exists(store.ChannelFile(name))
                && !File.Exists(Unfinished.FileOfChannel(store, name))
            )
                findings.Add(
                    $"channels/{name}",
                    "it is served, but its record is not there; bring that back from a copy of the repository, or promote a snapshot there"
                );
        }
    }

    // A file of any snapshot may lie in any channel: promotions that were killed leave it there. The files of a snapshot that is being
    // dropped are still in the channels, and nobody names them any more.
    private void CheckChannelFolder(string place, FileSystemInfo folder)
    {
        bool isDropped = Directory.EnumerateFiles(store.UnfinishedFolder, "snapshot-*").Any();
        bool isAllNamed = _isEverySnapshotWhole && findings.IsAllNamed;
        CheckFolder(place, folder, isAllNamed && !isDropped ? _named : null);
    }

    private void CheckFolder(string place, FileSystemInfo folder, HashSet<string>? named) =>
        CheckFiles(place, folder, folder.FullName.Length + 1, named);

    // A web server that follows links gives out whatever they lead to. Without names to compare with, only links are looked for.
    private void CheckFiles(string place, FileSystemInfo entry, int start, HashSet<string>? named)
    {
        if (entry.LinkTarget is not null)
            findings.Add(place, $"{Path.GetRelativePath(store.PublicFolder, entry.FullName)} is a link; remove it");
        else if (entry is DirectoryInfo folder)
            foreach (FileSystemInfo each in folder.EnumerateFileSystemInfos())
                CheckFiles(place, each, start, named);
        else if (named?.Contains(entry.FullName[start..]) == false)
            findings.Add(place, $"{entry.FullName[start..]}: {Stray}");
    }
}
