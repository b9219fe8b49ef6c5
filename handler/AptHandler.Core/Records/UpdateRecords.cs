using System.Globalization;
using System.Text.Json;
using AptHandler.Files;
using AptHandler.Native;
using AptHandler.Requests;
using AptHandler.Rollback;

namespace AptHandler.Records;

/// <summary>
/// The records of this device's updates: <c>updates/&lt;number&gt;/</c> in the state folder, each with <c>update.json</c>,
/// <c>manifest.json</c> (as it was deployed) and <c>apt.log</c> (all that apt, dpkg and the maintainer scripts printed).
/// </summary>
public sealed class UpdateRecords(string stateFolder)
{
    /// <summary>How many updates are kept, at most, besides the one that is installed.</summary>
    public const int Kept = 50;

    private const int LargestRecord = 4 << 20;
    private const string RecordFile = "update.json";
    private const string ManifestFile = "manifest.json";
    private const string TranscriptFile = "apt.log";
    private const int ReadableByGroup = 0x1A0; // 0640

    private readonly string _folder = Path.Combine(stateFolder, "updates");
    private BackupFolder? _backup;

    /// <summary>All records, newest first. A damaged one is left out: it counts as not there.</summary>
    public IEnumerable<UpdateRecord> NewestFirst()
    {
        foreach (int number in Numbers())
        {
            if (TryRead(number) is { } record)
                yield return record;
        }
    }

    /// <summary>
    /// An update that is half-done, or null. One between two states comes before one that only owes something: others are undone when
    /// nothing is between. A damaged record counts as one that was cut off, as long as no later update has changed the device: what it said
    /// is to be found by comparing the device with its backup.
    /// </summary>
    /// <exception cref="IOException">The newest record cannot be read, for another reason than its content.</exception>
    public UpdateRecord? HalfDone()
    {
        UpdateRecord? owing = null;
        bool hasLaterChanges = false;
        foreach (int number in Numbers())
        {
            UpdateRecord? record = hasLaterChanges ? TryRead(number) : ReadOrCutOff(number);
            if (record is { IsBetween: true })
                return record;
            if (record is { OwesDeployment: true })
                owing ??= record;
            hasLaterChanges |= record is { HasChangedMachine: true };
        }

        return owing;
    }

    /// <summary>
    /// The update that a person wants to know of: the one that is half-done, else the newest. Of a deployment whose steps are all
    /// downloaded already it is the one that was worked on last.
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

    private UpdateRecord? ReadOrCutOff(int number)
    {
        try
        {
            return Read(number);
        }
        catch (Exception e) when (e is JsonException || (e is FileNotFoundException && Backup(number).Exists))
        {
            return new UpdateRecord
            {
                Number = number,
                InstalledCriteria = "",
                Began = new DateTimeOffset(Directory.GetLastWriteTimeUtc(FolderOf(number))),
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

    /// <summary>The number of a record that is there but cannot be read, or null. Nobody knows any more what it said.</summary>
    public int? Damaged()
    {
        foreach (int number in Numbers())
        {
            if (File.Exists(Path.Combine(FolderOf(number), RecordFile)) && TryRead(number) is null)
                return number;
        }

        return null;
    }

    /// <summary>
    /// The newest update that an id means: its number, the agent's id of its deployment, or its installed criteria; null when there is
    /// none.
    /// </summary>
    /// <param name="id">The id.</param>
    /// <param name="onDevice">Whether one that has left changes on the device is meant, if there is such a one.</param>
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
    /// The update that a request goes on with: one for the same criteria, deployment and manifest that has not ended and was not cut off in
    /// the middle of its transaction. It need not be the newest: all steps of a deployment are downloaded before the first is installed.
    /// But no later one has changed the device. Else a new one.
    /// </summary>
    /// <exception cref="IOException">The state folder cannot be written.</exception>
    public UpdateRecord Continue(UpdateRequest request, DateTimeOffset now)
    {
        foreach (int number in Numbers())
        {
            UpdateRecord? record = TryRead(number);
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

    /// <summary>Begins the record of a new update.</summary>
    /// <exception cref="IOException">The state folder cannot be written.</exception>
    public UpdateRecord Begin(UpdateRequest request, DateTimeOffset now)
    {
        List<int> numbers = Numbers();
        var record = new UpdateRecord
        {
            Number = numbers.Count > 0 ? numbers[0] + 1 : 1,
            WorkflowId = request.WorkflowId,
            Place = request.Place,
            InstalledCriteria = request.InstalledCriteria,
            Began = now,
        };
        Directory.CreateDirectory(FolderOf(record));
        WholeFile.Replace(ManifestFileOf(record), request.Manifest.Span, ReadableByGroup);
        Save(record, now);
        using (var folder = Descriptor.Open(_folder, Libc.O_RDONLY | Libc.O_DIRECTORY))
            folder.Sync(_folder);

        // What a script has left running may still write to the transcript of its update.
        numbers.ForEach(number => Apt.Transcript.Bound(Path.Combine(FolderOf(number), TranscriptFile)));
        Prune(numbers);
        return record;
    }

    // However many updates have failed since: the one that is installed stays on record, with the other steps of its deployment.
    private void Prune(List<int> numbers)
    {
        if (numbers.Count < Kept)
            return;
        UpdateRecord? installed = NewestFirst().FirstOrDefault(record => record.State == UpdateState.Applied);
        HashSet<int> steps = installed is null
            ? []
            : [.. new Deployment(this, installed.WorkflowId).Steps(installed).Select(record => record.Number)];
        foreach (int old in numbers.Skip(Kept - 1).Where(number => !steps.Contains(number)))
            TryDelete(FolderOf(old));
    }

    /// <summary>Writes a record.</summary>
    /// <returns>The record as written.</returns>
    /// <exception cref="IOException">It cannot be written; the old one is as it was.</exception>
    public UpdateRecord Save(UpdateRecord record, DateTimeOffset now)
    {
        UpdateRecord saved = record with { Changed = now };
        WholeFile.Replace(
            Path.Combine(FolderOf(record), RecordFile),
            JsonSerializer.SerializeToUtf8Bytes(saved, CoreJson.Default.UpdateRecord),
            ReadableByGroup
        );
        return saved;
    }

    /// <summary>The file with the manifest of an update.</summary>
    public string ManifestFileOf(UpdateRecord record) => Path.Combine(FolderOf(record), ManifestFile);

    /// <summary>The manifest of an update, as it was deployed; empty when it is damaged.</summary>
    public byte[] Manifest(UpdateRecord record)
    {
        try
        {
            return BoundedFile.Read(ManifestFileOf(record), LargestRecord);
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>Where the backup of an update lies.</summary>
    public BackupFolder Backup(UpdateRecord record)
    {
        // The same object for the same update: it knows what was read of it already.
        if (_backup?.UpdateFolder != FolderOf(record))
            _backup = Backup(record.Number);
        return _backup;
    }

    /// <summary>
    /// Gives up the backups of earlier updates, but for those of earlier steps of the same deployment, and that of the newest update that
    /// can still be undone.
    /// </summary>
    /// <param name="record">The update that is being worked on.</param>
    /// <param name="all">Whether that one, too: when room is wanted.</param>
    /// <param name="keepsDeployment">Whether those of the deployment stay even when room is wanted.</param>
    /// <returns>Whether one was given up.</returns>
    public bool PruneBackups(UpdateRecord record, bool all, bool keepsDeployment)
    {
        var deployment = new Deployment(this, record.WorkflowId);
        bool isOneKept = all;
        bool isOneGone = false;
        foreach (int number in Numbers().Where(number => number < record.Number && Backup(number).Exists))
        {
            UpdateRecord? earlier = TryRead(number);
            if (earlier is { IsAtRest: false })
                continue;
            bool isStep = deployment.OnDevice.Any(step => step.Number == number);
            if (isStep ? !all || keepsDeployment : !isOneKept && earlier is { HasChangedMachine: true })
            {
                isOneKept = true;
                continue;
            }

            Backup(number).Delete();
            isOneGone = true;
        }

        return isOneGone;
    }

    private BackupFolder Backup(int number) => new(FolderOf(number));

    /// <summary>The file for what apt prints in the transaction of an update.</summary>
    public string Transcript(UpdateRecord record) => Path.Combine(FolderOf(record), TranscriptFile);

    private List<int> Numbers()
    {
        // Not Directory.Exists, for which a folder that may not be entered is none.
        if (Descriptor.StatusOf(_folder) is null)
            return [];
        var numbers = new List<int>();
        foreach (string path in Directory.EnumerateDirectories(_folder))
        {
            if (int.TryParse(Path.GetFileName(path.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out int number))
                numbers.Add(number);
        }

        numbers.Sort((a, b) => b.CompareTo(a));
        return numbers;
    }

    private UpdateRecord Read(int number)
    {
        byte[] text = BoundedFile.Read(Path.Combine(FolderOf(number), RecordFile), LargestRecord);
        return JsonSerializer.Deserialize(text, CoreJson.Default.UpdateRecord) is { IsComplete: true } record
            ? record
            : throw new JsonException("there is a null where a record has none");
    }

    private UpdateRecord? TryRead(int number)
    {
        try
        {
            return Read(number);
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return null;
        }
    }

    private static void TryDelete(string folder)
    {
        try
        {
            // A daemon that a script has left behind may write to it for ever, and hold the room that it takes.
            Apt.Transcript.Empty(Path.Combine(folder, TranscriptFile));
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No update fails because an old record stays; the next one tries again.
        }
    }

    private string FolderOf(UpdateRecord record) => FolderOf(record.Number);

    private string FolderOf(int number) => Path.Combine(_folder, number.ToString("d6", CultureInfo.InvariantCulture));
}
