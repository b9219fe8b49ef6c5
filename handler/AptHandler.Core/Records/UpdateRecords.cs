using System.Globalization;
using System.Text.Json;
using AptHandler.Requests;
using AptHandler.Rollback;

namespace AptHandler.Records;

/// <summary>The records of this device's updates: which one is half-done, which one a request means, and how long each is kept.</summary>
public sealed class UpdateRecords(string stateFolder)
{
    /// <summary>How many updates are kept, at most, besides the one that is installed.</summary>
    public const int Kept = 50;

    private readonly RecordFolders _folders = new(stateFolder);
    private BackupFolder? _backup;

    /// <summary>All records, newest first. A damaged one is left out: it counts as not there.</summary>
    public IEnumerable<UpdateRecord> NewestFirst()
    {
        foreach (int number in _folders.Numbers())
        {
            if (_folders.TryRead(number) is { } record)
                yield return record;
        }
    }

    /// <summary>
    /// An update that is half-done, or null. One between two states comes first. One that only has earlier steps of its deployment left to
    /// undo comes after it, because those are undone when no update is between two states. A damaged record counts as one that was cut off,
    /// as long as no later update has changed the device. A comparison of the device with its backup then shows what the record said.
    /// </summary>
    /// <exception cref="IOException">The newest record cannot be read, for another reason than its content.</exception>
    public UpdateRecord? HalfDone()
    {
        UpdateRecord? owing = null;
        bool hasLaterChanges = false;
        foreach (int number in _folders.Numbers())
        {
            UpdateRecord? record = hasLaterChanges ? _folders.TryRead(number) : ReadOrCutOff(number);
            if (record is { IsBetween: true })
                return record;
            if (record is { OwesDeployment: true })
                owing ??= record;
            hasLaterChanges |= record is { HasChangedMachine: true };
        }

        return owing;
    }

    private UpdateRecord? ReadOrCutOff(int number)
    {
        try
        {
            return _folders.Read(number);
        }
        catch (Exception e) when (e is JsonException || (e is FileNotFoundException && Backup(number).Exists))
        {
            return new UpdateRecord
            {
                Number = number,
                InstalledCriteria = "",
                Began = new DateTimeOffset(Directory.GetLastWriteTimeUtc(_folders.Of(number))),
                State = UpdateState.Installing,
                HasChangedMachine = true,
                IsDamaged = true,
            };
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>
    /// The update that a person wants to know of: the one that is half-done, else the newest. When all steps of its deployment are
    /// downloaded already, it is the step that was worked on last.
    /// </summary>
    public UpdateRecord? Current()
    {
        if (HalfDone() is { } halfDone)
            return halfDone;
        UpdateRecord? newest = NewestFirst().FirstOrDefault();
        return newest is { State: UpdateState.Begun or UpdateState.Downloaded }
            ? new Deployment(this, newest.WorkflowId).Updates.Prepend(newest).MaxBy(record => record.Changed)
            : newest;
    }

    /// <summary>The number of a record that is there but cannot be read, or null. What it said is lost.</summary>
    public int? Damaged()
    {
        foreach (int number in _folders.Numbers())
        {
            if (File.Exists(_folders.RecordFileOf(number)) && _folders.TryRead(number) is null)
                return number;
        }

        return null;
    }

    /// <summary>
    /// The newest update that an id means: its number, the agent's id of its deployment, or its installed criteria; null when there is
    /// none.
    /// </summary>
    /// <param name="id">The id.</param>
    /// <param name="onDevice">Whether updates that have left changes on the device come first.</param>
    public UpdateRecord? Find(string id, bool onDevice = false)
    {
        List<UpdateRecord> all = [.. NewestFirst()];
        if (onDevice)
            all = [.. all.OrderByDescending(record => record.HasChangedMachine)];
        return all.Find(record => record.Number.ToString(CultureInfo.InvariantCulture) == id)
            ?? all.Find(record => id.Length > 0 && record.WorkflowId == id)
            ?? all.Find(record => record.InstalledCriteria == id);
    }

    /// <summary>The newest update that a request with a manifest is about, or null.</summary>
    public UpdateRecord? Of(UpdateRequest request) => NewestFirst().FirstOrDefault(record => IsOf(record, request));

    /// <summary>
    /// The update that a request goes on with, else a new one. It is for the same criteria, deployment and manifest, has not ended, and was
    /// not cut off in the middle of its transaction. It need not be the newest: all steps of a deployment are downloaded before the first
    /// one is installed. But no later update has changed the device.
    /// </summary>
    /// <exception cref="IOException">The state folder cannot be written.</exception>
    public UpdateRecord Continue(UpdateRequest request, DateTimeOffset now)
    {
        foreach (int number in _folders.Numbers())
        {
            UpdateRecord? record = _folders.TryRead(number);
            if (record is { HasEnded: false, IsAtRest: true } && IsOf(record, request))
                return record;
            if (record is null or { HasChangedMachine: true })
                break;
        }

        return Begin(request, now);
    }

    private bool IsOf(UpdateRecord record, UpdateRequest request) =>
        record.InstalledCriteria == request.InstalledCriteria
        && record.WorkflowId == request.WorkflowId
        && record.Place == request.Place
        && request.Manifest.Span.SequenceEqual(Manifest(record));

    /// <summary>Starts the record of a new update.</summary>
    /// <exception cref="IOException">The state folder cannot be written.</exception>
    public UpdateRecord Begin(UpdateRequest request, DateTimeOffset now)
    {
        List<int> numbers = _folders.Numbers();
        var record = new UpdateRecord
        {
            Number = numbers.Count > 0 ? numbers[0] + 1 : 1,
            WorkflowId = request.WorkflowId,
            Place = request.Place,
            InstalledCriteria = request.InstalledCriteria,
            Began = now,
        };
        _folders.Make(record.Number, request.Manifest.Span);
        Save(record, now);
        _folders.Sync();

        // A process that a script has left running may still write to the transcript of its update.
        numbers.ForEach(number => Apt.Transcript.Bound(_folders.TranscriptOf(number)));
        Prune(numbers);
        return record;
    }

    // The update that is installed stays on record, with the other steps of its deployment, however many updates have failed since.
    private void Prune(List<int> numbers)
    {
        if (numbers.Count < Kept)
            return;
        UpdateRecord? installed = NewestFirst().FirstOrDefault(record => record.State == UpdateState.Applied);
        HashSet<int> steps = installed is null
            ? []
            : [.. new Deployment(this, installed.WorkflowId).Steps(installed).Select(record => record.Number)];
        foreach (int old in numbers.Skip(Kept - 1).Where(number => !steps.Contains(number)))
            _folders.TryDelete(old);
    }

    /// <summary>Writes a record.</summary>
    /// <returns>The record as written.</returns>
    /// <exception cref="IOException">It cannot be written; the old one is as it was.</exception>
    public UpdateRecord Save(UpdateRecord record, DateTimeOffset now)
    {
        UpdateRecord saved = record with { Changed = now };
        _folders.Write(saved);
        return saved;
    }

    /// <summary>The file with the manifest of an update.</summary>
    public string ManifestFileOf(UpdateRecord record) => _folders.ManifestFileOf(record.Number);

    /// <summary>The manifest of an update, as it was deployed; empty when it is damaged.</summary>
    public byte[] Manifest(UpdateRecord record) => _folders.ReadManifest(record.Number);

    /// <summary>Where the backup of an update lies.</summary>
    public BackupFolder Backup(UpdateRecord record)
    {
        // The same object for the same update, because it remembers what it has read already.
        if (_backup?.UpdateFolder != _folders.Of(record.Number))
            _backup = Backup(record.Number);
        return _backup;
    }

    private BackupFolder Backup(int number) => new(_folders.Of(number));

    /// <summary>
    /// Deletes the backups of earlier updates. The backups of earlier steps of the same deployment stay, and that of the newest update that
    /// can still be undone.
    /// </summary>
    /// <param name="record">The update that is being worked on.</param>
    /// <param name="all">Whether all of these go, too, because room is needed.</param>
    /// <param name="keepsDeployment">Whether those of the deployment stay even when room is needed.</param>
    /// <returns>Whether one was deleted.</returns>
    public bool PruneBackups(UpdateRecord record, bool all, bool keepsDeployment)
    {
        var deployment = new Deployment(this, record.WorkflowId);
        bool isOneKept = all;
        bool isOneGone = false;
        foreach (int number in _folders.Numbers().Where(number => number < record.Number && Backup(number).Exists))
        {
            UpdateRecord? earlier = _folders.TryRead(number);
            if (earlier is { IsAtRest: false })
                continue;
            bool isStep = deployment.OnDevice.Any(step => step.Number == number);
            bool staysAsStep = isStep && (!all || keepsDeployment);
            bool staysAsNewest = !isStep && !isOneKept && earlier is { HasChangedMachine: true };
            if (staysAsStep || staysAsNewest)
            {
                isOneKept = true;
                continue;
            }

            Backup(number).Delete();
            isOneGone = true;
        }

        return isOneGone;
    }

    /// <summary>The file for what apt prints in the transaction of an update.</summary>
    public string Transcript(UpdateRecord record) => _folders.TranscriptOf(record.Number);
}
