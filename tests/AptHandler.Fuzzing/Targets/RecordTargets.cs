using AptHandler.Fuzzing.Engine;
using AptHandler.Records;
using AptHandler.Rollback;

namespace AptHandler.Fuzzing.Targets;

/// <summary>Files that the handler, or the agent, has written and that a power cut may have damaged.</summary>
/// <param name="scratch">Where they are written.</param>
internal sealed class RecordTargets(ScratchFolder scratch)
{
    /// <summary>Records of two updates: those that are damaged count as not there.</summary>
    public void Records(byte[] input)
    {
        int separator = input.AsSpan().IndexOf((byte)FuzzTarget.Separator);
        scratch.Write("updates/000001/update.json", separator < 0 ? input : input.AsSpan(0, separator));
        scratch.Write("updates/000002/update.json", separator < 0 ? [] : input.AsSpan(separator + 1));
        var records = new UpdateRecords(scratch["."]);
        foreach (UpdateRecord record in records.NewestFirst())
        {
            object?[] promised =
            [
                record.InstalledCriteria,
                record.WorkflowId,
                record.Place,
                record.Packages,
                record.Remark,
                record.Warning,
                .. record.Packages.Select(change => change.Name),
            ];
            Expect.That(Array.TrueForAll(promised, each => each is not null), "a record has no null that its type does not promise");
            Expect.That(!record.HasEnded || !record.IsBetween, "a record that has ended is not between two states");
        }

        _ = records.HalfDone();
        _ = records.Damaged();
        _ = records.Find("1", onDevice: true);
    }

    /// <summary>The description of a backup, what an update left behind, and what others changed since: read, or not there.</summary>
    public void Backup(byte[] input)
    {
        foreach (string name in (string[])["backup.json", "trace.json", "changes.json"])
            scratch.Write($"update/backup/{name}", input);
        var folder = new BackupFolder(scratch["update"]);
        _ = folder.Read();
        _ = folder.ReadTrace(text => text);
        _ = folder.ReadChanges();
    }

    /// <summary>The agent's list of installed criteria: what is added is the newest, whatever was there.</summary>
    public void InstalledCriteria(byte[] input)
    {
        const string Criteria = "contoso-1.0";
        DateTimeOffset latest = DateTimeOffset.MaxValue.AddSeconds(-1);
        var file = new InstalledCriteriaFile(scratch.Write("installedcriteria", input));
        _ = file.Newest();
        Expect.That(file.Add(Criteria, latest), "criteria are added");
        Expect.That(file.Newest() is { Criteria: Criteria }, "what was added last is the newest");
        file.Remove(Criteria);
        Expect.That(file.Newest() is not { Criteria: Criteria }, "what was removed is gone");
    }
}
