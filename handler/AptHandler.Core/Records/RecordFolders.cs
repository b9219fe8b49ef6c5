using System.Globalization;
using System.Text.Json;
using AptHandler.Apt;
using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.Records;

/// <summary>
/// The folders of this device's updates on the disk: <c>updates/&lt;number&gt;/</c> in the state folder, each with <c>update.json</c>,
/// <c>manifest.json</c> (as it was deployed) and <c>apt.log</c> (all that apt, dpkg and the maintainer scripts printed).
/// </summary>
internal sealed class RecordFolders(string stateFolder)
{
    private const int LargestFile = 4 << 20;
    private const int ReadableByGroup = 0x1A0; // 0640

    private readonly string _folder = Path.Combine(stateFolder, "updates");

    /// <summary>The numbers of all updates that have a folder, newest first.</summary>
    public List<int> Numbers()
    {
        // Not Directory.Exists, which says that a folder is not there when it may not be entered.
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

    /// <summary>The folder of an update.</summary>
    public string Of(int number) => Path.Combine(_folder, number.ToString("d6", CultureInfo.InvariantCulture));

    /// <summary>The file with the record of an update.</summary>
    public string RecordFileOf(int number) => Path.Combine(Of(number), "update.json");

    /// <summary>The file with the manifest of an update.</summary>
    public string ManifestFileOf(int number) => Path.Combine(Of(number), "manifest.json");

    /// <summary>The file for what apt prints in the transaction of an update.</summary>
    public string TranscriptOf(int number) => Path.Combine(Of(number), "apt.log");

    /// <summary>Reads the record of an update.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="JsonException">It is damaged.</exception>
    public UpdateRecord Read(int number)
    {
        byte[] text = BoundedFile.Read(RecordFileOf(number), LargestFile);
        return JsonSerializer.Deserialize(text, CoreJson.Default.UpdateRecord) is { IsComplete: true } record
            ? record
            : throw new JsonException("there is a null where a record has none");
    }

    /// <summary>Reads the record of an update; null where it cannot be read or is damaged.</summary>
    public UpdateRecord? TryRead(int number)
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

    /// <summary>Writes a record.</summary>
    /// <exception cref="IOException">It cannot be written; the old one is as it was.</exception>
    public void Write(UpdateRecord record) =>
        WholeFile.Replace(
            RecordFileOf(record.Number),
            JsonSerializer.SerializeToUtf8Bytes(record, CoreJson.Default.UpdateRecord),
            ReadableByGroup
        );

    /// <summary>Reads the manifest of an update; empty when it cannot be read.</summary>
    public byte[] ReadManifest(int number)
    {
        try
        {
            return BoundedFile.Read(ManifestFileOf(number), LargestFile);
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>Makes the folder of a new update, with its manifest.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public void Make(int number, ReadOnlySpan<byte> manifest)
    {
        Directory.CreateDirectory(Of(number));
        WholeFile.Replace(ManifestFileOf(number), manifest, ReadableByGroup);
    }

    /// <summary>Makes sure that a new folder is still there after a loss of power.</summary>
    public void Sync()
    {
        using var folder = Descriptor.Open(_folder, Libc.O_RDONLY | Libc.O_DIRECTORY);
        folder.Sync(_folder);
    }

    /// <summary>Deletes the folder of an update. Where that fails, the folder stays: no update fails because of an old one.</summary>
    public void TryDelete(int number)
    {
        try
        {
            // A daemon that a script has left behind may write to it for ever. The file would keep its room on the disk even when deleted.
            Transcript.Empty(TranscriptOf(number));
            Directory.Delete(Of(number), recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next update tries again.
        }
    }
}
