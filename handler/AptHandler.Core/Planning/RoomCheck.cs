using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Files;
using AptHandler.Results;
using AptHandler.Rollback;

namespace AptHandler.Planning;

/// <summary>
/// Checks whether the machine has room for a plan: for the archives, the packages, and what dpkg and the worker write besides.
/// </summary>
/// <param name="system">The machine or private root.</param>
public sealed class RoomCheck(AptSystem system)
{
    /// <summary>Checks the room. The way back is not counted here: if there is no room for it, the policy for rollbacks decides.</summary>
    /// <exception cref="UpdateException">There is too little room; the message names the folder and what is needed.</exception>
    public void Check(UpdatePlan update)
    {
        if (update.Apt.IsEmpty)
            return;
        long archives = 0;
        foreach (PlannedInstallation each in update.Apt.Installations)
        {
            if (!File.Exists(Path.Combine(system.ArchivesFolder, each.ArchiveName)))
                archives += PlanReview.Find(update.Paragraphs, each.Name, each.NewVersion)?.Number("Size") ?? 0;
        }

        long unpacked = Unpacked(update) + BackupFolder.RoomFor(system);
        (string archivesFolder, string rootFolder) = (system.ArchivesFolder, system.RootFolder);
        bool isOneFileSystem = Descriptor.DeviceOf(archivesFolder) == Descriptor.DeviceOf(rootFolder);
        Require(
            rootFolder,
            isOneFileSystem ? archives + unpacked : unpacked,
            isOneFileSystem ? "the packages and their archives" : "the packages"
        );
        if (!isOneFileSystem)
            Require(archivesFolder, archives, "the archives");
    }

    /// <summary>
    /// How much room dpkg needs to unpack the packages of a plan, in bytes: it unpacks each beside its old version before it replaces it.
    /// </summary>
    public static long Unpacked(UpdatePlan update)
    {
        long growth = 0;
        long beside = 0;
        foreach (PlannedInstallation each in update.Apt.Installations)
        {
            long size = InstalledSize(PlanReview.Find(update.Paragraphs, each.Name, each.NewVersion));
            long oldSize = each.OldVersion is null ? 0 : InstalledSize(PlanReview.Find(update.Paragraphs, each.Name, each.OldVersion));
            growth += size - oldSize;
            beside = Math.Max(beside, Math.Min(size, oldSize));
        }

        foreach (PlannedRemoval each in update.Apt.Removals)
            growth -= InstalledSize(PlanReview.Find(update.Paragraphs, each.Name, each.OldVersion));
        return Math.Max(0, growth) + beside;
    }

    private static void Require(string folder, long bytes, string what)
    {
        if (bytes == 0 || !Directory.Exists(folder))
            return;
        long free = new DriveInfo(folder).AvailableFreeSpace;
        if (free < bytes)
        {
            throw new UpdateException(
                ExtendedResult.NoSpace,
                $"{what} need {Megabytes(bytes)} at {folder}, but {Megabytes(free)} are free; free some space, for example with "
                    + "apt-get clean"
            );
        }
    }

    // The size in bytes. It is limited, because a repository can claim any number.
    private static long InstalledSize(ControlParagraph? paragraph) => 1024 * Math.Min(paragraph?.Number("Installed-Size") ?? 0, 1L << 40);

    private static string Megabytes(long bytes) => bytes < 1_000_000 ? $"{bytes / 1e3:0} kB" : $"{bytes / 1e6:0.0} MB";
}
