using System.Globalization;
using System.Text.Json;
using AptHandler.Files;
using AptHandler.Native;
using AptHandler.Rollback;

namespace AptHandler.Updates;

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
    /// The newest record. One that is damaged is shown as one that was cut off: what it said is to be found by comparing the device with its backup.
    /// </summary>
    /// <exception cref="IOException">It cannot be read, for another reason than its content.</exception>
    public UpdateRecord? Newest()
    {
        List<int> numbers = Numbers();
        if (numbers.Count == 0)
            return null;
        int number = numbers[0];
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
    /// The update that a request goes on with: the newest, when it is for the same criteria and manifest, has not ended and was not cut off in
    /// the middle of its transaction. Else a new one.
    /// </summary>
    /// <exception cref="IOException">The state folder cannot be written.</exception>
    public UpdateRecord Continue(UpdateRequest request, DateTimeOffset now)
    {
        List<int> numbers = Numbers();
        if (numbers.Count > 0 && TryRead(numbers[0]) is { HasEnded: false, IsAtRest: true } newest && newest.InstalledCriteria == request.InstalledCriteria
            && newest.WorkflowId == request.WorkflowId && request.Manifest.Span.SequenceEqual(Manifest(newest)))
        {
            return newest;
        }

        return Begin(request, now);
    }

    /// <summary>Begins the record of a new update.</summary>
    /// <exception cref="IOException">The state folder cannot be written.</exception>
    public UpdateRecord Begin(UpdateRequest request, DateTimeOffset now)
    {
        List<int> numbers = Numbers();
        var record = new UpdateRecord
        {
            Number = numbers.Count > 0 ? numbers[0] + 1 : 1,
            WorkflowId = request.WorkflowId,
            InstalledCriteria = request.InstalledCriteria,
            Began = now,
        };
        Directory.CreateDirectory(FolderOf(record));
        WholeFile.Replace(Path.Combine(FolderOf(record), ManifestFile), request.Manifest.Span, ReadableByGroup);
        Save(record, now);
        using (var folder = Descriptor.Open(_folder, Libc.O_RDONLY | Libc.O_DIRECTORY))
            folder.Sync(_folder);

        // What a script has left running may still write to the transcript of its update.
        numbers.ForEach(number => Apt.Transcript.Bound(Path.Combine(FolderOf(number), TranscriptFile)));
        Prune(numbers);
        return record;
    }

    // However many updates have failed since: the one that is installed stays on record.
    private void Prune(List<int> numbers)
    {
        if (numbers.Count < Kept)
            return;
        int? installed = numbers.Select(TryRead).FirstOrDefault(record => record?.State == UpdateState.Applied)?.Number;
        foreach (int old in numbers.Skip(Kept - 1).Where(number => number != installed))
            TryDelete(FolderOf(old));
    }

    /// <summary>Writes a record.</summary>
    /// <returns>The record as written.</returns>
    /// <exception cref="IOException">It cannot be written; the old one is as it was.</exception>
    public UpdateRecord Save(UpdateRecord record, DateTimeOffset now)
    {
        UpdateRecord saved = record with { Changed = now };
        WholeFile.Replace(
            Path.Combine(FolderOf(record), RecordFile), JsonSerializer.SerializeToUtf8Bytes(saved, CoreJson.Default.UpdateRecord), ReadableByGroup);
        return saved;
    }

    /// <summary>The manifest of an update, as it was deployed; empty when it is damaged.</summary>
    public byte[] Manifest(UpdateRecord record)
    {
        try
        {
            return BoundedFile.Read(Path.Combine(FolderOf(record), ManifestFile), LargestRecord);
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>Where the backup of an update lies.</summary>
    public BackupFolder Backup(UpdateRecord record) => Backup(record.Number);

    /// <summary>Gives up the backups of earlier updates, but for that of the newest one that can still be undone.</summary>
    /// <param name="record">The update that is being worked on.</param>
    /// <param name="all">Whether that one, too: when room is wanted.</param>
    /// <returns>Whether there was one.</returns>
    public bool PruneBackups(UpdateRecord record, bool all)
    {
        bool isOneKept = all;
        bool isOneGone = false;
        foreach (int number in Numbers().Where(number => number < record.Number && Backup(number).Exists))
        {
            UpdateRecord? earlier = TryRead(number);
            if (earlier is { IsAtRest: false })
                continue;
            if (!isOneKept && earlier is { HasChangedMachine: true })
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

    private UpdateRecord Read(int number) =>
        JsonSerializer.Deserialize(BoundedFile.Read(Path.Combine(FolderOf(number), RecordFile), LargestRecord), CoreJson.Default.UpdateRecord) ?? throw new JsonException("null");

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
