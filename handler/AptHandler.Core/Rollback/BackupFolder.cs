using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.Rollback;

/// <summary>
/// The folder of a backup: <c>backup/</c> in the folder of its update, with <c>backup.json</c>, <c>archives/</c>, <c>contents</c>,
/// <c>names/</c>, <c>token</c> and <c>ballast</c>. Once the update has ended well, there is also <c>trace.json</c>. While the update is
/// undone, there is also <c>changes.json</c>. <c>backup.json</c> is written last: without it there is no backup.
/// </summary>
public sealed class BackupFolder(string updateFolder)
{
    private const long LeastRoom = 1 << 20;
    private const int ReadableByOwner = 0x180; // 0600: copies of files that not everybody may read

    private readonly string _folder = Path.Combine(updateFolder, "backup");

    // The backup that was read or written last, while somebody uses it. A second copy would need the same memory again.
    private WeakReference<Backup>? _last;
    private Libc.FileIdentity _lastIdentity;

    /// <summary>The folder of the update.</summary>
    public string UpdateFolder => updateFolder;

    /// <summary>The folder of the .deb files.</summary>
    public string Archives => Path.Combine(_folder, "archives");

    /// <summary>The file with the contents of files that no archive has.</summary>
    public string Contents => Path.Combine(_folder, "contents");

    /// <summary>The path of a second name of a file: a hard link that keeps the file itself.</summary>
    public string KeptName(string name) => Path.Combine(_folder, "names", name);

    private string Description => Path.Combine(_folder, "backup.json");

    private string Trace => Path.Combine(_folder, "trace.json");

    private string Changes => Path.Combine(_folder, "changes.json");

    private string Ballast => Path.Combine(_folder, "ballast");

    /// <summary>The path of an archive.</summary>
    public string Archive(string name) => Path.Combine(Archives, name);

    /// <summary>Starts a backup. Deletes the one that was there.</summary>
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
    /// A secret in the environment of this update's processes, which nobody else can know. Where none is kept, a token that no process has.
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

    /// <summary>Completes a backup. Everything is on the disk when this returns.</summary>
    /// <exception cref="IOException">The backup cannot be written; then there is none.</exception>
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

    /// <summary>Notes what the update has left behind, so that later changes by others can be told apart from it.</summary>
    /// <exception cref="IOException">The trace cannot be written.</exception>
    public void WriteTrace(UpdateTrace trace) => Write(Trace, trace, BackupJson.Default.UpdateTrace);

    /// <summary>Whether the update has a trace. Then it had ended well.</summary>
    public bool HasTrace => File.Exists(Trace);

    /// <summary>Reads what the update has left behind; null where it was not noted.</summary>
    /// <param name="shared">Returns an equal path that is in memory already; else the path that it was given.</param>
    internal UpdateTrace? ReadTrace(Func<string, string> shared)
    {
        var options = new JsonSerializerOptions(BackupJson.Default.Options) { Converters = { new SharedTextConverter(shared) } };
        return Read(Trace, new BackupJson(options).UpdateTrace);
    }

    /// <summary>Notes what others had changed when the update started to be undone.</summary>
    /// <exception cref="IOException">The note cannot be written.</exception>
    public void WriteChanges(NotedChanges changes) => Write(Changes, changes, BackupJson.Default.NotedChanges);

    /// <summary>Reads the changes that an earlier start noted; null where there was none.</summary>
    public NotedChanges? ReadChanges() => Read(Changes, BackupJson.Default.NotedChanges);

    /// <summary>Deletes the noted changes, because the update is undone anew.</summary>
    /// <exception cref="IOException">The note cannot be deleted.</exception>
    public void ForgetChanges() => File.Delete(Changes);

    // Written piece by piece, because the whole text would take as much memory again as the value.
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
    /// How much room to reserve, in bytes: for a new status file of dpkg beside the old ones, its journal, and the files that the worker
    /// writes.
    /// </summary>
    public static long RoomFor(AptSystem system) => Math.Max(LeastRoom, 3 * new FileInfo(system.StatusFile).Length);

    /// <summary>Reserves room on the disk: dpkg cannot even start to fix a machine whose disk is full.</summary>
    /// <exception cref="IOException">There is not enough room.</exception>
    public void KeepRoom(AptSystem system)
    {
        using var ballast = Descriptor.Open(Ballast, Libc.O_WRONLY | Libc.O_CREAT | Libc.O_NOFOLLOW, ReadableByOwner);
        int error = Libc.Allocate(ballast.Number, 0, RoomFor(system));
        if (error != 0)
            throw new IOException($"cannot keep room for going back in {Ballast}: {Libc.Describe(error)}", error);
    }

    /// <summary>Frees the reserved room.</summary>
    /// <returns>Whether some was reserved.</returns>
    public bool FreeRoom()
    {
        if (!File.Exists(Ballast))
            return false;
        File.Delete(Ballast);
        return true;
    }

    /// <summary>Deletes the backup.</summary>
    /// <exception cref="IOException">The backup cannot be deleted.</exception>
    public void Delete()
    {
        // The description is deleted first: a half-deleted folder must not look like a backup.
        if (!Directory.Exists(_folder))
            return;
        File.Delete(Description);
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Whether the folder exists, complete or not.</summary>
    public bool Exists => Directory.Exists(_folder);
}
