using AptHandler.Apt;
using AptHandler.Records;
using AptHandler.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace AptHandler.Updates;

/// <summary>The process that works on an update at the moment.</summary>
/// <param name="Process">The process.</param>
/// <param name="Program">Null for a worker; else the program that still runs after its worker died: <c>apt-get</c> or <c>dpkg</c>.</param>
public sealed record RunningUpdate(int Process, string? Program)
{
    /// <summary>Looks for a worker, and for the programs of a worker that was killed. Only root can see those programs.</summary>
    /// <returns>Null where no update is running.</returns>
    /// <exception cref="IOException">The lock file may not be read by this user.</exception>
    public static RunningUpdate? Find(Configuration configuration, UpdateRecords records)
    {
        if (WorkerLock.Holder(configuration.RunDir) is { } worker)
            return new RunningUpdate(worker, null);
        if (records.NewestFirst().FirstOrDefault(record => record.IsBetween) is not { } record)
            return null;
        var scripts = new MaintainerScripts(configuration.System, records.Backup(record).Token, TimeSpan.MaxValue, NullLogger.Instance);
        return scripts.FindProgram() is { } program ? new RunningUpdate(program.Id, program.Name) : null;
    }
}
