using System.Text;
using AptHandler.Files;
using AptHandler.Native;
using AptHandler.Processes;

namespace AptHandler.Authoring.Desks;

/// <summary>
/// A folder for what apt reads and computes at a desk, kept for the next time: <c>$XDG_CACHE_HOME/du-apt/KEY</c> (XDG Base Directory
/// Specification). Only one desk uses it at a time; other desks wait.
/// </summary>
internal sealed class CacheFolder : IDisposable
{
    private const string Variable = "XDG_CACHE_HOME";
    private const string Lock = "lock";
    private const int LengthOfName = 64; // a SHA-256
    private const int LengthOfOldName = 16;
    private const string Remedy = $"name a folder for caches by {Variable}";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    // When a user edits sources, the lists of the old ones stay behind. They can take a hundred megabytes each time.
    private static readonly TimeSpan Unused = TimeSpan.FromDays(30);

    private readonly Descriptor _turn;

    private CacheFolder(string path, Descriptor turn) => (Location, _turn) = (path, turn);

    /// <summary>The path of the folder.</summary>
    public string Location { get; }

    /// <summary>Opens the folder for a key, and deletes folders that nobody has used for a long time.</summary>
    /// <param name="key">Identifies the content of the folder; any text.</param>
    /// <param name="patience">How long to wait for another desk.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="InputException">
    /// There is no place for caches, nothing can be written there, or another desk does not finish in time.
    /// </exception>
    public static CacheFolder Open(string key, TimeSpan patience, CancellationToken cancellation)
    {
        string all = Path.Combine(Home(), "du-apt");
        string path = Path.Combine(all, FileHash.Sha256(Encoding.UTF8.GetBytes(key))[0]);
        try
        {
            _ = Directory.CreateDirectory(path);
            Descriptor turn = OpenLock(path);
            for (
                long end = Environment.TickCount64 + (long)patience.TotalMilliseconds;
                !turn.TryLock();
                cancellation.WaitHandle.WaitOne(Pause)
            )
            {
                cancellation.ThrowIfCancellationRequested();
                if (Environment.TickCount64 > end)
                    throw new InputException(
                        $"cannot use {path}: another du-apt has been using it for {patience.TotalSeconds:0} s; wait for it to end, "
                            + "or end it"
                    );
            }

            Directory.SetLastWriteTimeUtc(path, DateTime.UtcNow);
            DeleteUnused(all);
            return new CacheFolder(path, turn);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"cannot use {path}: {e.Message}; make it your own, or {Remedy}");
        }
    }

    // Deletes only what was made here: a folder with such a name that is not a link, in a folder that is not a link, and that is not
    // locked.
    private static void DeleteUnused(string all)
    {
        if (new DirectoryInfo(all).LinkTarget is not null)
            return;
        foreach (string folder in Directory.GetDirectories(all))
        {
            bool isOurs =
                Path.GetFileName(folder) is { Length: LengthOfName or LengthOfOldName } name
                && name.All(char.IsAsciiHexDigitLower)
                && new DirectoryInfo(folder).LinkTarget is null
                && File.Exists(Path.Combine(folder, Lock));
            if (!isOurs || DateTime.UtcNow - Directory.GetLastWriteTimeUtc(folder) <= Unused)
                continue;
            using Descriptor turn = OpenLock(folder);
            if (turn.TryLock())
                Directory.Delete(folder, recursive: true);
        }
    }

    private static Descriptor OpenLock(string folder) =>
        Descriptor.Open(
            Path.Combine(folder, Lock),
            Libc.O_RDWR | Libc.O_CREAT | Libc.O_NOFOLLOW,
            0x180 /* 0600 */
        );

    /// <summary>The path of a file or folder in it.</summary>
    public string At(string name) => Path.Combine(Location, name);

    /// <summary>Writes a file. That also marks the folder as used.</summary>
    /// <returns>Its path.</returns>
    public string Write(string name, byte[] content)
    {
        WholeFile.Replace(
            At(name),
            content,
            0x1A4 /* 0644 */
            ,
            durable: false
        );
        return At(name);
    }

    /// <summary>
    /// Writes a file unless it has this content already: from the age of the file, apt decides whether its own caches are still valid. Only
    /// the owner can read the file, because it may contain a password.
    /// </summary>
    /// <returns>Its path.</returns>
    public string WriteUnlessSame(string name, byte[] content)
    {
        // An existing file may have been written when everybody could read these files.
        const UnixFileMode ForItsOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        if (!BoundedFile.Holds(At(name), content) || File.GetUnixFileMode(At(name)) != ForItsOwner)
            WholeFile.Replace(At(name), content, (int)ForItsOwner, durable: false);
        return At(name);
    }

    /// <summary>Unlocks the folder for the next desk.</summary>
    public void Dispose() => _turn.Dispose();

    private static string Home()
    {
        // The specification says that a relative path is invalid and must be ignored.
        string? named =
            Environment.GetEnvironmentVariable(Variable) is { } folder && Path.IsPathRooted(folder) ? folder
            : Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home ? Path.Combine(home, ".cache")
            : null;
        return named ?? throw new InputException($"cannot find a place for caches; {Remedy}");
    }
}
