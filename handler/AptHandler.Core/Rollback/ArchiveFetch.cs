using AptHandler.Apt;
using AptHandler.Native;

namespace AptHandler.Rollback;

/// <summary>Has apt fetch the archives that a backup does not have yet, as far as there is room for them.</summary>
/// <param name="system">The machine.</param>
/// <param name="apt">What fetches.</param>
/// <param name="folder">Where the backup lies.</param>
/// <param name="index">What the sources say of the archives.</param>
internal sealed class ArchiveFetch(AptSystem system, AptCommand apt, BackupFolder folder, ArchiveIndex index)
{
    private const int MostFailures = 2;

    private string Partial => Path.Combine(system.ArchivesFolder, "partial");

    // Where apt has no such folder it keeps its archives elsewhere, or nowhere.
    private string FetchFolder => Directory.Exists(Partial) ? Partial : folder.Archives;

    /// <summary>Fetches the archives that are missing. The old ones are left out where there is no room for them.</summary>
    /// <param name="wanted">The archives.</param>
    /// <param name="wayBack">Whether the archives of the old versions are wanted, too.</param>
    /// <param name="unpacked">How much room dpkg will need to unpack the new packages, in bytes.</param>
    /// <param name="makeRoom">Gives up older backups. Returns whether there was one.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Why the old archives are not fetched; null where they are.</returns>
    /// <exception cref="IOException">There is no room for the new archives, or for old ones that are required.</exception>
    public string? FetchMissing(
        List<WantedArchive> wanted,
        WayBack wayBack,
        long unpacked,
        Func<bool> makeRoom,
        CancellationToken cancellation
    )
    {
        WantedArchive[] incoming = Missing(wanted, PackageSet.New);
        WantedArchive[] old = wayBack == WayBack.Unwanted ? [] : Missing(wanted, PackageSet.Old);
        long reserve = BackupFolder.RoomFor(system) + unpacked;
        string? obstacle = null;
        while (Free() is var free && free < Sum(incoming) + Sum(old) + reserve)
        {
            if (incoming.Length + old.Length == 0)
                break;
            if (makeRoom())
                continue;
            if (old.Length == 0)
            {
                throw new IOException(
                    $"the .deb files need {Sum(incoming) / 1e6:0.0} MB at {folder.Archives}, but {free / 1e6:0.0} MB are free",
                    Libc.ENOSPC
                );
            }

            obstacle =
                $"the old .deb files need {Sum(old) / 1e6:0.0} MB at {folder.Archives}, and there is no room for them beside the update";
            if (wayBack == WayBack.Required)
                throw new IOException(obstacle, Libc.ENOSPC);
            old = [];
        }

        Fetch([.. incoming, .. old], cancellation);
        return obstacle;
    }

    // Only those that the sources have.
    private WantedArchive[] Missing(List<WantedArchive> wanted, PackageSet set) =>
        [.. wanted.Where(each => each.Archive is null && each.Set == set && index.SizeOf(each) > 0)];

    // Bounded, because a repository can claim any number.
    private long Sum(WantedArchive[] missing) => missing.Sum(each => Math.Min(index.SizeOf(each), 1L << 40));

    // What is fetched goes through the folder of apt, so there must be room in both.
    private long Free()
    {
        long free = new DriveInfo(folder.Archives).AvailableFreeSpace;
        return Directory.Exists(Partial) ? Math.Min(free, new DriveInfo(Partial).AvailableFreeSpace) : free;
    }

    private void Fetch(WantedArchive[] missing, CancellationToken cancellation)
    {
        if (missing.Length == 0)
            return;

        // When one archive is not available, apt fetches none of them. So each is then tried alone. When several in a row fail, it is the
        // network.
        string[] words = [.. missing.Select(each => each.Word).Distinct(StringComparer.Ordinal)];
        if (!TryFetch(words, cancellation) && words.Length > 1)
        {
            int failed = 0;
            foreach (string word in words)
                failed = failed >= MostFailures || !TryFetch([word], cancellation) ? failed + 1 : 0;
        }

        foreach (WantedArchive each in missing)
        {
            string fetched = Path.Combine(FetchFolder, each.ArchiveName);
            if (fetched != folder.Archive(each.ArchiveName) && File.Exists(fetched))
                File.Move(fetched, folder.Archive(each.ArchiveName), overwrite: true);
            if (File.Exists(folder.Archive(each.ArchiveName)))
                each.Archive = each.ArchiveName;
        }
    }

    // Into a folder of the user that apt gives its rights up to. Into a folder that only root may enter, apt would fetch as root.
    private bool TryFetch(string[] words, CancellationToken cancellation)
    {
        try
        {
            apt.Fetch(words, FetchFolder, cancellation);
            return true;
        }
        catch (AptException)
        {
            // The caller sees it: the archive is not there.
            return false;
        }
    }
}
