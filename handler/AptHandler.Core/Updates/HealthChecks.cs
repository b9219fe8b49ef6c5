using System.Diagnostics;
using AptHandler.Files;
using AptHandler.Native;
using AptHandler.Processes;
using AptHandler.Records;
using AptHandler.Results;
using AptHandler.Settings;
using Microsoft.Extensions.Logging;

namespace AptHandler.Updates;

/// <summary>
/// The health checks of the device builder: the executables in a folder. They run after each installation, one after the other in the order
/// of their names. If one does not exit with status 0, the update is undone.
/// </summary>
internal sealed class HealthChecks(Configuration configuration, ILogger log)
{
    private const uint ExecutableByOwner = 0x40; // 0100
    private const int LongestTalk = 300;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The checks, in their order. Only names that run-parts(8) accepts count, so files that an editor or dpkg leaves beside a check are
    /// left out.
    /// </summary>
    /// <exception cref="UpdateException">
    /// A check is not executable, or cannot be trusted because others than root can change it.
    /// </exception>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public IReadOnlyList<string> Find()
    {
        if (Descriptor.StatusOf(configuration.HealthDir) is not { } folder)
            return [];
        Trust(configuration.HealthDir, folder);
        string[] files = Directory.GetFiles(configuration.HealthDir);
        string[] checks = Array.FindAll(files, IsCheck);
        foreach (string other in Array.FindAll(files, file => !IsCheck(file)))
            log.LogWarning("{File} is no health check: the name of one is made of letters, digits, - and _", other);
        Array.Sort(checks, StringComparer.Ordinal);
        foreach (string check in checks)
        {
            using var opened = Descriptor.Open(check, Libc.O_RDONLY);
            Libc.FileStatus status = opened.Status();
            Trust(check, status);
            if ((status.Mode & ExecutableByOwner) == 0)
                throw new UpdateException(
                    ExtendedResult.HealthCheck,
                    $"cannot run the health check {check}: it is not executable; make it so, or take it away"
                );
        }

        return checks;
    }

    /// <summary>Runs the checks.</summary>
    /// <param name="record">The update. The checks get its number and criteria in their environment.</param>
    /// <param name="transcript">The file that gets what the checks print.</param>
    /// <returns>Null, or which check failed and how.</returns>
    /// <exception cref="UpdateException">A check is not executable, or cannot be trusted.</exception>
    /// <exception cref="IOException">A check cannot be started.</exception>
    public string? Run(UpdateRecord record, string transcript)
    {
        foreach (string check in Find())
        {
            log.LogInformation("health check {Check}", check);
            using var kept = Apt.Transcript.Open(transcript);
            kept.Output.Write(System.Text.Encoding.UTF8.GetBytes($"health check {check}\n"), transcript);
            ulong before = kept.Output.Status().Size;
            using ChildProcess child = ChildProcess.Spawn(
                new ChildStart(
                    check,
                    [],
                    [
                        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                        "HOME=/root",
                        "LC_ALL=C.UTF-8",
                        $"DU_APT_INSTALLED_CRITERIA={record.InstalledCriteria}",
                        $"DU_APT_UPDATE={record.Number}",
                    ]
                )
                {
                    Folder = "/",
                    Output = kept.Output.Number,
                    Error = kept.Output.Number,
                }
            );
            ExitStatus? exit;
            for (
                var watch = Stopwatch.StartNew();
                (exit = child.Wait(Tick)) is null && watch.Elapsed.TotalSeconds < configuration.HealthTimeoutSeconds;

            )
                kept.Bound();
            if (exit is null)
                _ = child.Terminate(Grace);
            if (exit is { IsSuccess: true })
                continue;
            string said = kept
                .Output.ReadEnd((int)Math.Min(LongestTalk, kept.Output.Status().Size - Math.Min(before, kept.Output.Status().Size)))
                .Trim();
            string how = exit is { } ended ? ended.ToString() : $"not done after {configuration.HealthTimeoutSeconds} seconds";
            return $"the health check {Path.GetFileName(check)} failed ({how}){(said.Length > 0 ? $": {said.Split('\n')[^1]}" : "")}";
        }

        return null;
    }

    private static bool IsCheck(string file)
    {
        foreach (char c in Path.GetFileName(file.AsSpan()))
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-'))
                return false;
        }

        return true;
    }

    private static void Trust(string path, Libc.FileStatus status)
    {
        if (status.User != Account.Root.User || status.IsWritableByOthers)
            throw new UpdateException(
                ExtendedResult.HealthCheck,
                $"cannot trust {path}: it does not belong to root, or others can write it; chown it to root and take their right away"
            );
    }
}
