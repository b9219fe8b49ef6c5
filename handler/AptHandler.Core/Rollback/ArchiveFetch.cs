using AptHandler.Apt;
using AptHandler.Native;

namespace AptHandler.Rollback;

/// <summary>Lets apt fetch the archives that a backup does not have yet, if there is enough room for them.</summary>
/// <param name="system">The machine.</param>
/// <param name="apt">Fetches the archives.</param>
/// <param name="folder">The folder of the backup.</param>
/// <param name="index">The archives in the sources.</param>
internal sealed class ArchiveFetch(AptSystem system, AptCommand apt, BackupFolder folder, ArchiveIndex index)
{
    private const int MostFailures = 2;

    private string Partial => Path.Combine(system.ArchivesFolder, "partial");

    // A machine without this folder keeps apt's archives elsewhere, or keeps none.
    private string FetchFolder => Directory.Exists(Partial) ? Partial : folder.Archives;

    /// <summary>Fetches the archives that are missing. Old archives are left out where there is no room for them.</summary>
    /// <param name="wanted">The archives.</param>
    /// <param name="wayBack">Whether the archives of the old versions are wanted, too.</param>
    /// <param name="unpacked">How much room dpkg will need to unpack the new packages, in bytes.</param>
    /// <param name="makeRoom">Deletes older backups. Returns whether there was one.</param>
    /// <param name="cancellation">Cancels the fetching.</param>
    /// <returns>Why the old archives are not fetched; null where they are, where none are wanted, or where apt has failed.</returns>
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

    // Only archives that the sources have.
    private WantedArchive[] Missing(List<WantedArchive> wanted, PackageSet set) =>
        [.. wanted.Where(each => each.Archive is null && each.Set == set && index.SizeOf(each) > 0)];

    // Each size is limited, because a repository can claim any number.
    private long Sum(WantedArchive[] missing) => missing.Sum(each => Math.Min(index.SizeOf(each), 1L << 40));

    // apt fetches archives into its own folder first, so there must be room in both.
    private long Free()
    {
        long free = new DriveInfo(folder.Archives).AvailableFreeSpace;
        return Directory.Exists(Partial) ? Math.Min(free, new DriveInfo(Partial).AvailableFreeSpace) : free;
    }

    private void Fetch(WantedArchive[] missing, CancellationToken cancellation)
    {
        if (missing.Length == 0)
            return;

        // When one archive is not available, apt fetches none of them. So each is then tried alone. When several in a row fail, the
        // network is probably the cause, and trying stops.
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

    // Fetches into a folder of the user to which apt drops its rights. With a folder that only root may enter, apt would fetch as root.
    private bool TryFetch(string[] words, CancellationToken cancellation)
    {
        try
        {
            apt.Fetch(words, FetchFolder, cancellation);
            return true;
        }
        catch (AptException)
        {
            // The caller sees that the archive is missing.
            return false;
        }
    }
}
