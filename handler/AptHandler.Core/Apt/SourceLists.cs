using System.Text;
using AptHandler.Files;

namespace AptHandler.Apt;

/// <summary>
/// Which package lists of its sources apt has. A package that is not in these lists may be in missing ones. Then nobody can tell that there
/// is no such package.
/// </summary>
public sealed class SourceLists
{
    /// <summary>
    /// The format for <c>apt-get indextargets</c>; the release information of apt would leave out lists that were not fetched.
    /// </summary>
    internal const string Format = "$(FILENAME)\t$(METAKEY)\t$(REPO_URI) $(RELEASE) $(COMPONENT)";

    private const string Unreadable = "Unable to read ";
    private const string NoFolder = "DirectoryExists (2:";
    private const string Fetching = "apt-get update fetches them, or du-apt download where the manifest names the source";

    private readonly List<string> _unread = [];
    private readonly List<string> _missing = [];
    private readonly List<string> _empty = [];

    private SourceLists() { }

    /// <summary>Whether no list of any source is there, not even an empty one.</summary>
    public bool AreNone { get; private init; }

    /// <summary>What is missing, in words; empty where nothing is.</summary>
    public string Gap
    {
        get
        {
            List<string> parts = [.. _unread];
            if (_missing.Count > 0)
                parts.Add($"there are no package lists of {Enumeration.Some(_missing)} ({Fetching})");
            if (_empty.Count > 0)
                parts.Add($"the lists of {Enumeration.Some(_empty)} hold no packages (check suite and component)");
            return string.Join("; ", parts);
        }
    }

    /// <summary>The failure where <see cref="AreNone"/> holds.</summary>
    internal AptFailure Failure
    {
        get
        {
            string none = _missing.Count > 0 ? $"there are none of {Enumeration.Some(_missing)}" : "there is no source";
            return new AptFailure(AptFailureKind.NoLists, null, string.Join("; ", [.. _unread, none]));
        }
    }

    /// <summary>Reads what apt says of its sources, with the lists that it has.</summary>
    /// <param name="targets">What <c>apt-get indextargets</c> prints in <see cref="Format"/>.</param>
    /// <param name="warnings">What it prints to standard error.</param>
    /// <param name="folder">apt's folder of lists.</param>
    internal static SourceLists Read(string targets, string warnings, string folder) =>
        Parse(targets, warnings, FilesOf(folder), name => TextOf(Path.Combine(folder, name)));

    /// <summary>Reads what apt says of its sources.</summary>
    /// <param name="targets">What <c>apt-get indextargets</c> prints in <see cref="Format"/>.</param>
    /// <param name="warnings">What it prints to standard error.</param>
    /// <param name="files">The names of the files in apt's folder of lists.</param>
    /// <param name="read">Reads one of these files.</param>
    internal static SourceLists Parse(string targets, string warnings, IReadOnlyCollection<string> files, Func<string, string> read)
    {
        // A list can be compressed. Then its name is followed by a dot and an extension.
        var there = new HashSet<string>(StringComparer.Ordinal);
        foreach (string file in files)
        {
            there.Add(file);
            there.Add(Path.GetFileNameWithoutExtension(file));
        }

        // One source has a list for each architecture, and not every repository has all of them.
        var all = new Dictionary<string, (bool HasList, bool HasRelease)>(StringComparer.Ordinal);
        foreach (string line in Pieces.LinesOf(targets))
        {
            if (line.Split('\t') is not [var path, var key, var words])
                continue;
            string file = Path.GetFileName(path);
            string release = ReleaseOf(file, key);
            string name = NameOf(words);
            string? releaseFile = new[] { $"{release}InRelease", $"{release}Release" }.FirstOrDefault(there.Contains);
            (bool hasList, bool hasRelease) = all.GetValueOrDefault(name);
            bool isThere = there.Contains(file) || (releaseFile is not null && !hasList && Has(read(releaseFile), key));
            all[name] = (hasList || isThere, hasRelease || releaseFile is not null);
        }

        var lists = new SourceLists { AreNone = all.Values.All(each => each is (false, false)) };
        foreach ((string name, (bool hasList, bool hasRelease)) in all)
        {
            if (!hasList)
                (hasRelease ? lists._empty : lists._missing).Add(name);
        }

        foreach (string line in Pieces.LinesOf(warnings))
        {
            int at = line.IndexOf(Unreadable, StringComparison.Ordinal);
            string unread = at < 0 ? "" : $"apt cannot read {line[(at + Unreadable.Length)..].Trim()}";

            // A missing configuration folder is not an unreadable source.
            if (at >= 0 && !line.Contains(NoFolder, StringComparison.Ordinal) && !lists._unread.Contains(unread))
                lists._unread.Add(unread);
        }

        return lists;
    }

    private static string TextOf(string file)
    {
        const int Largest = 4 << 20;
        try
        {
            return Encoding.UTF8.GetString(BoundedFile.Read(file, Largest));
        }
        catch (IOException)
        {
            return "";
        }
    }

    // apt, too, has no lists where it may not read them.
    private static string[] FilesOf(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    // The password of a source must stay secret. A flat repository has no component, and apt then prints the placeholder as it is.
    private static string NameOf(string words)
    {
        string[] parts = words.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return string.Join(' ', parts.Where(part => !part.StartsWith("$(", StringComparison.Ordinal)).Select(ArchiveOrigin.WithoutUser));
    }

    // apt does not fetch a list without packages. The release file names it nevertheless, perhaps with the extension of a compression.
    private static bool Has(string release, string key)
    {
        foreach (ReadOnlySpan<char> line in release.AsSpan().EnumerateLines())
        {
            ReadOnlySpan<char> name = line[(line.LastIndexOf(' ') + 1)..];
            if (name.StartsWith(key, StringComparison.Ordinal) && (name.Length == key.Length || name[key.Length] == '.'))
                return true;
        }

        return false;
    }

    // apt writes the address with '_' for each slash, and every '_' in it as %5f. The key has one part more than it has slashes.
    private static string ReleaseOf(string file, string key)
    {
        int end = file.Length;
        for (int parts = key.Count(c => c == '/') + 1; parts > 0 && end > 0; parts--)
            end = Math.Max(file.LastIndexOf('_', end - 1), 0);
        return file[..Math.Min(end + 1, file.Length)];
    }
}
