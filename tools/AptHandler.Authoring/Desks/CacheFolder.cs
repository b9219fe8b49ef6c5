using System.Globalization;
using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.Authoring.Desks;

/// <summary>
/// A folder for what apt reads and computes at a desk, kept for the next time: <c>$XDG_CACHE_HOME/du-apt/KEY</c> (XDG Base Directory
/// Specification). It belongs to one desk at a time, and another one waits.
/// </summary>
internal sealed class CacheFolder : IDisposable
{
    private const string Variable = "XDG_CACHE_HOME";
    private const string Remedy = $"name a folder for caches by {Variable}";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    // Sources that are edited leave their lists behind, which can be a hundred megabytes each time.
    private static readonly TimeSpan Unused = TimeSpan.FromDays(30);

    private readonly Descriptor _turn;

    private CacheFolder(string path, Descriptor turn) => (Location, _turn) = (path, turn);

    /// <summary>Its path.</summary>
    public string Location { get; }

    /// <summary>Opens the folder for a key, and deletes what nobody has used for long.</summary>
    /// <param name="key">What tells its content from that of others; any text.</param>
    /// <param name="cancellation">Ends the waiting for another desk.</param>
    /// <exception cref="InputException">There is no place for caches, or nothing can be written there.</exception>
    public static CacheFolder Open(string key, CancellationToken cancellation)
    {
        string all = Path.Combine(Home(), "du-apt");
        string path = Path.Combine(all, Fingerprint(key).ToString("x16", CultureInfo.InvariantCulture));
        try
        {
            _ = Directory.CreateDirectory(path);
            foreach (string folder in Directory.GetDirectories(all))
            {
                if (DateTime.UtcNow - Directory.GetLastWriteTimeUtc(folder) > Unused)
                    Directory.Delete(folder, recursive: true);
            }

            Descriptor turn = Descriptor.Open(Path.Combine(path, "lock"), Libc.O_RDWR | Libc.O_CREAT | Libc.O_NOFOLLOW, 0x180 /* 0600 */);
            while (!turn.TryLock())
            {
                cancellation.WaitHandle.WaitOne(Pause);
                cancellation.ThrowIfCancellationRequested();
            }

            return new CacheFolder(path, turn);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"cannot use {path}: {e.Message}; {Remedy}");
        }
    }

    /// <summary>The path of a file or folder in it.</summary>
    public string At(string name) => Path.Combine(Location, name);

    /// <summary>Writes a file, which makes the folder a used one.</summary>
    /// <returns>Its path.</returns>
    public string Write(string name, byte[] content)
    {
        WholeFile.Replace(At(name), content, 0x1A4 /* 0644 */, durable: false);
        return At(name);
    }

    /// <summary>Writes a file that is not there yet: its age tells apt whether what it has computed still holds.</summary>
    /// <returns>Its path.</returns>
    public string WriteOnce(string name, byte[] content) => File.Exists(At(name)) ? At(name) : Write(name, content);

    /// <summary>Leaves the folder to the next one.</summary>
    public void Dispose() => _turn.Dispose();

    private static string Home()
    {
        // A relative path there is invalid, and to be ignored.
        string? named = Environment.GetEnvironmentVariable(Variable) is { } folder && Path.IsPathRooted(folder) ? folder
            : Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home ? Path.Combine(home, ".cache")
            : null;
        return named ?? throw new InputException($"cannot find a place for caches; {Remedy}");
    }

    // FNV-1a. The runtime's cryptographic hashes need a library that not every machine has, and nobody is to be deceived here.
    private static ulong Fingerprint(string text)
    {
        ulong hash = 14695981039346656037;
        foreach (char each in text)
            hash = unchecked((hash ^ each) * 1099511628211);
        return hash;
    }
}
