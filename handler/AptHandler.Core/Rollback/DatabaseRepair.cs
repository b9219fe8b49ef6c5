using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Files;
using AptHandler.Native;
using Microsoft.Extensions.Logging;

namespace AptHandler.Rollback;

/// <summary>
/// Fixes damage of a power cut to dpkg's own files, before dpkg runs on them. dpkg treats an empty or missing status file as an empty
/// machine, and stops at a torn file of its journal.
/// </summary>
internal sealed class DatabaseRepair(AptSystem system, ILogger log)
{
    private const int LargestTriggers = 4 << 20;

    private static readonly string[] TriggerFiles = ["File", "Unincorp"];

    /// <summary>Fixes the files, and logs each fix.</summary>
    /// <exception cref="DpkgStatusException">The status file is damaged, and so is the one before it.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public void Run()
    {
        foreach (string entry in UpdatesJournal.List(system.StatusFile))
        {
            if (!IsWhole(entry))
                Remove(entry);
        }

        if (new FileInfo(system.StatusFile) is not { Exists: true, Length: > 0 } || !IsWhole(system.StatusFile))
            RestoreStatus();

        string format = Path.Combine(system.AdminFolder, "info", "format");
        if (File.Exists(format) && BoundedFile.ReadStart(format, 1) is not [(byte)'1'])
        {
            WholeFile.Replace(format, "1\n"u8, WholeFile.ReadableByAll);
            log.LogWarning("{File} was damaged and is mended", format);
        }

        foreach (string triggers in TriggerFiles.Select(name => Path.Combine(system.AdminFolder, "triggers", name)))
        {
            byte[] text = File.Exists(triggers) ? BoundedFile.Read(triggers, LargestTriggers) : [];
            if (text.Length > 0 && (text.Contains((byte)0) || text[^1] != '\n'))
                Remove(triggers);
        }
    }

    private void RestoreStatus()
    {
        string older = system.StatusFile + "-old";
        if (new FileInfo(older) is not { Exists: true, Length: > 0 } || !IsWhole(older))
        {
            // A machine that never had a package also has an empty status file.
            if (
                File.Exists(system.StatusFile)
                && new FileInfo(system.StatusFile).Length == 0
                && !Directory.EnumerateFiles(Path.Combine(system.AdminFolder, "info"), "*.list").Any()
            )
                return;
            throw new DpkgStatusException(
                $"cannot use '{system.StatusFile}', which is damaged, and so is {older}; restore it from /var/backups, then run "
                    + "du-apt recover"
            );
        }

        using (var source = Descriptor.Open(older, Libc.O_RDONLY))
        {
            WholeFile.Replace(system.StatusFile, new DescriptorStream(source, older).CopyTo, WholeFile.ReadableByAll);
        }

        log.LogWarning("{File} was damaged; {Older} is put in its place", system.StatusFile, older);
    }

    private static bool IsWhole(string file)
    {
        try
        {
            using RegularFile? opened = RegularFile.Open(file);
            if (opened is null || opened.Length == 0)
                return false;
            var reader = new StanzaReader(opened, "");
            while (reader.TryRead(out _))
            {
                // The loop only tests whether the file can be read.
            }

            return true;
        }
        catch (DpkgStatusException)
        {
            return false;
        }
    }

    private void Remove(string file)
    {
        File.Delete(file);
        log.LogWarning("{File} was damaged and is removed", file);
    }
}
