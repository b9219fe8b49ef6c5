using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.Rollback;

/// <summary>
/// Where a backup lies: <c>backup/</c> in the folder of its update, with <c>backup.json</c>, <c>archives/</c>, <c>contents</c>,
/// <c>names/</c>, <c>token</c>, <c>ballast</c>, <c>trace.json</c> once the update has ended well, and <c>changes.json</c> while it is
/// undone. <c>backup.json</c> is written last: without it there is no backup.
/// </summary>
public sealed class BackupFolder(string updateFolder)
{
    private const long LeastRoom = 1 << 20;
    private const int ReadableByOwner = 0x180; // 0600: copies of files that not everybody may read

    private readonly string _folder = Path.Combine(updateFolder, "backup");

    // What was read or written last, as long as somebody has it: a second one of the same would take as much memory again.
    private WeakReference<Backup>? _last;
    private Libc.FileIdentity _lastIdentity;

    /// <summary>The folder of the update.</summary>
    public string UpdateFolder => updateFolder;

    /// <summary>Where the .deb files lie.</summary>
    public string Archives => Path.Combine(_folder, "archives");

    /// <summary>Where the contents of files lie that no archive has.</summary>
    public string Contents => Path.Combine(_folder, "contents");

    /// <summary>A further name of a file that has several.</summary>
    public string KeptName(string name) => Path.Combine(_folder, "names", name);

    private string Description => Path.Combine(_folder, "backup.json");

    private string Trace => Path.Combine(_folder, "trace.json");

    private string Changes => Path.Combine(_folder, "changes.json");

    private string Ballast => Path.Combine(_folder, "ballast");

    /// <summary>The path of an archive.</summary>
    public string Archive(string name) => Path.Combine(Archives, name);

    /// <summary>Begins a backup. What was there is gone.</summary>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    public void Begin()
    {
        Delete();
        const UnixFileMode ForOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        foreach (string folder in new[] { _folder, Archives, KeptName("") })
            Directory.CreateDirectory(folder, ForOwner);
        WholeFile.Replace(TokenFile, Encoding.ASCII.GetBytes(Guid.NewGuid().ToString("N")), ReadableByOwner);
    }

    /// <summary>
    /// What the processes of this update have in their environment, and nobody else can know. Where there is none, one that no process has.
    /// </summary>
    public string Token
    {
        get
        {
            const int Largest = 100;
            try
            {
                return Encoding.ASCII.GetString(BoundedFile.Read(TokenFile, Largest));
            }
            catch (IOException)
            {
                return Guid.NewGuid().ToString("N");
            }
        }
    }

    private string TokenFile => Path.Combine(_folder, "token");

    /// <summary>Ends a backup: all is on the disk when this returns.</summary>
    /// <exception cref="IOException">It cannot be written; then there is no backup.</exception>
    public void Complete(Backup backup)
    {
        foreach (string file in Directory.EnumerateFiles(Archives).Append(Archives))
        {
            using var opened = Descriptor.Open(file, Libc.O_RDONLY | Libc.O_NOFOLLOW);
            opened.Sync(file);
        }

        Write(Description, backup, BackupJson.Default.Backup);
        Remember(backup);
        using var update = Descriptor.Open(updateFolder, Libc.O_RDONLY | Libc.O_DIRECTORY);
        update.Sync(updateFolder);
    }

    /// <summary>Reads a backup.</summary>
    /// <returns>The backup, or null where there is none, or only a damaged one.</returns>
    public Backup? Read()
    {
        if (_last is not null && _last.TryGetTarget(out Backup? last) && RegularFile.Identify(Description) == _lastIdentity)
            return last;
        Backup? read = Read(Description, BackupJson.Default.Backup);
        if (read is not null)
            Remember(read);
        return read;
    }

    private void Remember(Backup backup) => (_last, _lastIdentity) = (new WeakReference<Backup>(backup), RegularFile.Identify(Description));

    /// <summary>Notes what the update has left behind, so that going back later can tell it from what others have done since.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void WriteTrace(UpdateTrace trace) => Write(Trace, trace, BackupJson.Default.UpdateTrace);

    /// <summary>Whether what the update has left behind was noted: it had ended well.</summary>
    public bool HasTrace => File.Exists(Trace);

    /// <summary>What the update has left behind; null where nobody noted it.</summary>
    /// <param name="shared">The object that stands for a path elsewhere in memory; else the path as it was given.</param>
    internal UpdateTrace? ReadTrace(Func<string, string> shared)
    {
        var options = new JsonSerializerOptions(BackupJson.Default.Options) { Converters = { new SharedTextConverter(shared) } };
        return Read(Trace, new BackupJson(options).UpdateTrace);
    }

    /// <summary>Notes what others had changed when the update began to be undone.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void WriteChanges(NotedChanges changes) => Write(Changes, changes, BackupJson.Default.NotedChanges);

    /// <summary>What was noted by an earlier start; null where there was none.</summary>
    public NotedChanges? ReadChanges() => Read(Changes, BackupJson.Default.NotedChanges);

    /// <summary>Forgets it: the update is undone anew.</summary>
    /// <exception cref="IOException">That cannot be done.</exception>
    public void ForgetChanges() => File.Delete(Changes);

    // Piece by piece: the text of many files is as large again as what it says of them.
    private static void Write<T>(string file, T value, JsonTypeInfo<T> type) =>
        WholeFile.Replace(file, stream => JsonSerializer.Serialize(stream, value, type), ReadableByOwner);

    private static T? Read<T>(string file, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            using var opened = Descriptor.Open(file, Libc.O_RDONLY | Libc.O_NOFOLLOW);
            return JsonSerializer.Deserialize(new DescriptorStream(opened, file), type);
        }
        catch (Exception e) when (e is IOException or JsonException or FormatException)
        {
            return null;
        }
    }

    /// <summary>
    /// How much room is kept: for a new status file of dpkg beside the old ones, its journal, and what the worker itself writes. In bytes.
    /// </summary>
    public static long RoomFor(AptSystem system) => Math.Max(LeastRoom, 3 * new FileInfo(system.StatusFile).Length);

    /// <summary>Keeps room on the disk: dpkg cannot even begin to mend a machine whose disk is full.</summary>
    /// <exception cref="IOException">There is not so much room.</exception>
    public void KeepRoom(AptSystem system)
    {
        using var ballast = Descriptor.Open(Ballast, Libc.O_WRONLY | Libc.O_CREAT | Libc.O_NOFOLLOW, ReadableByOwner);
        int error = Libc.Allocate(ballast.Number, 0, RoomFor(system));
        if (error != 0)
            throw new IOException($"cannot keep room for going back in {Ballast}: {Libc.Describe(error)}", error);
    }

    /// <summary>Gives the room back.</summary>
    /// <returns>Whether there was some.</returns>
    public bool FreeRoom()
    {
        if (!File.Exists(Ballast))
            return false;
        File.Delete(Ballast);
        return true;
    }

    /// <summary>Forgets the backup.</summary>
    /// <exception cref="IOException">It cannot be deleted.</exception>
    public void Delete()
    {
        // The description first: what is half deleted must not look like a backup.
        if (!Directory.Exists(_folder))
            return;
        File.Delete(Description);
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Whether anything is there, whole or not.</summary>
    public bool Exists => Directory.Exists(_folder);
}
