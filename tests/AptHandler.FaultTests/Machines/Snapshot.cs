using AptHandler.SystemTests.Fixtures;

namespace AptHandler.FaultTests.Machines;

/// <summary>
/// All of a machine that an update is about: what dpkg says of each package, apt's marks, and every file outside of caches and logs.
/// dpkg's status alone would not do: a removal that was cut off can look perfectly clean there.
/// </summary>
public sealed class Snapshot
{
    private const int LongestQuote = 160;

    private static readonly string[] Elsewhere =
    [
        "/apt.conf", "/config.json", "/manifest.json", "/run", "/tmp", "/var/cache", "/var/log", "/var/lib/apt", "/var/lib/adu", "/var/lib/du-apt-handler",
        "/var/lib/dpkg/available", "/var/lib/dpkg/lock", "/var/lib/dpkg/lock-frontend", "/var/lib/dpkg/triggers/Lock", "/var/lib/dpkg/status",
        "/var/lib/dpkg/status-old", "/var/lib/dpkg/status-new", "/var/lib/dpkg/updates/tmp.i",
    ];

    private readonly Dictionary<string, string> _parts;

    private Snapshot(Dictionary<string, string> parts) => _parts = parts;

    /// <summary>Looks at a machine on which nothing runs.</summary>
    /// <param name="root">Its private root.</param>
    public static Snapshot Of(string root)
    {
        var parts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var paragraph in File.ReadAllText(Path.Combine(root, "var/lib/dpkg/status")).Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var lines = paragraph.Trim('\n').Split('\n');
            var state = $"{Field(lines, "Version")} {Field(lines, "Status")}";
            // Of a removed package dpkg remembers what was configured last, by whichever way it came to where it is.
            parts[$"package {Field(lines, "Package")}"] = state.EndsWith("config-files", StringComparison.Ordinal) ? state : $"{state}\n{paragraph.Trim('\n')}";
        }

        var marks = Command.Run("apt-mark", ["showauto"], new Dictionary<string, string?>(StringComparer.Ordinal) { ["APT_CONFIG"] = Path.Combine(root, "apt.conf") });
        parts["automatic"] = marks.Succeeded("read the auto marks").Output;
        AddFiles(parts, root, "");
        return new Snapshot(parts);
    }

    /// <summary>What is different here, a line each; none when the two are equal.</summary>
    public IReadOnlyList<string> DifferencesFrom(Snapshot wanted) =>
    [
        .. _parts.Keys.Union(wanted._parts.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select(name => Difference(name, _parts.GetValueOrDefault(name), wanted._parts.GetValueOrDefault(name)))
            .OfType<string>(),
    ];

    private static string? Difference(string name, string? here, string? wanted)
    {
        if (here == wanted)
            return null;
        var (ours, theirs) = (Lines(here), Lines(wanted));
        // Of long texts only the lines that differ.
        return here is null ? $"{name}: missing"
            : wanted is null ? $"{name}: left over ({ours.FirstOrDefault()})"
            : $"{name}: {Quote(ours.Except(theirs, StringComparer.Ordinal))} instead of {Quote(theirs.Except(ours, StringComparer.Ordinal))}";
    }

    private static string Quote(IEnumerable<string> lines)
    {
        var text = string.Join(" / ", lines);
        return text.Length <= LongestQuote ? $"'{text}'" : $"'{text[..LongestQuote]}...'";
    }

    private static string[] Lines(string? text) => text?.Split('\n') ?? [];

    private static string? Field(string[] lines, string name) =>
        Array.Find(lines, line => line.StartsWith($"{name}: ", StringComparison.Ordinal))?[(name.Length + 2)..];

    private static void AddFiles(Dictionary<string, string> parts, string root, string folder)
    {
        foreach (var entry in new DirectoryInfo(root + folder).EnumerateFileSystemInfos())
        {
            var path = $"{folder}/{entry.Name}";
            if (Elsewhere.Contains(path, StringComparer.Ordinal))
                continue;
            var mode = Convert.ToString((int)entry.UnixFileMode, 8);
            if (entry is DirectoryInfo && entry.LinkTarget is null)
            {
                parts[path] = $"folder {mode}";
                AddFiles(parts, root, path);
            }
            else
            {
                parts[path] = $"{mode} {entry.LinkTarget}\n{Content(entry, path).Replace(root, "", StringComparison.Ordinal)}";
            }
        }
    }

    // In dpkg's own lists the order says nothing.
    private static string Content(FileSystemInfo file, string path)
    {
        if (file.LinkTarget is not null)
            return "";
        var text = File.ReadAllText(file.FullName);
        return path.StartsWith("/var/lib/dpkg/", StringComparison.Ordinal)
            ? string.Join('\n', text.Split('\n').Order(StringComparer.Ordinal))
            : text;
    }
}
