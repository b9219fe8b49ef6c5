using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Rollback.WayBack;

/// <summary>Where two images of a machine differ.</summary>
/// <param name="Name">A path, or a record of dpkg or apt.</param>
/// <param name="Before">What was there; null where nothing was.</param>
/// <param name="Now">What is there; null where nothing is.</param>
public sealed record Difference(string Name, string? Before, string? Now)
{
    private const int LongestQuote = 300;

    public override string ToString() =>
        (Before, Now) switch
        {
            (null, not null) => $"+ {Name}: {Quote(Now)}",
            (not null, null) => $"- {Name}: {Quote(Before)}",
            _ => $"~ {Name}: {Quote(Before!)} -> {Quote(Now!)}",
        };

    private static string Quote(string text) => text.Length <= LongestQuote ? text : $"{text[..LongestQuote]}...";
}

/// <summary>
/// All that makes a device the same device: type, owner, mode, link target and content of everything in its file system, and the databases
/// of dpkg and apt, record by record. What a program keeps for itself alone (caches, logs, locks, copies of its last state) is left out.
/// </summary>
public sealed class MachineImage
{
    private const int LongestText = 4096;

    private const string Fields = "%y\\0%U\\0%G\\0%m\\0%n\\0%D:%i\\0%l\\0/%P\\0";
    private const int FieldCount = 8;

    private static readonly string[] Private =
    [
        "/var/log",
        "/var/cache",
        "/var/lib/apt/lists",
        "/var/lib/du-apt-handler",
        "/run/du-apt-handler",
        "/var/lib/adu",
        "/var/lib/dpkg/lock",
        "/var/lib/dpkg/lock-frontend",
        "/var/lib/dpkg/triggers/Lock",
        "/var/lib/dpkg/available",
        "/var/lib/dpkg/available-old",
        "/var/lib/dpkg/status-old",
        "/var/lib/dpkg/diversions-old",
        "/var/lib/dpkg/statoverride-old",
        "/var/lib/dpkg/updates/tmp.i",
    ];

    // The order of their lines says nothing, and without lines they say nothing at all.
    private static readonly string[] Sets =
    [
        "/var/lib/dpkg/statoverride",
        "/var/lib/dpkg/triggers/File",
        "/var/lib/dpkg/triggers/Unincorp",
        "/var/lib/dpkg/arch",
    ];

    private const string Status = "/var/lib/dpkg/status";
    private const string Marks = "/var/lib/apt/extended_states";
    private const string Diversions = "/var/lib/dpkg/diversions";
    private const string EmptyWorkFolder = "/var/lib/dpkg/tmp.ci";

    private readonly Dictionary<string, string> _parts = new(StringComparer.Ordinal);

    private MachineImage() { }

    private MachineImage(MachineImage other) => _parts = new Dictionary<string, string>(other._parts, StringComparer.Ordinal);

    /// <summary>Takes an image of a machine on which nothing runs.</summary>
    /// <param name="root">Its root folder.</param>
    /// <param name="without">Paths of the tests' own, seen from there; what is below them does not count either.</param>
    public static MachineImage Of(string root, params IEnumerable<string> without)
    {
        var image = new MachineImage();
        image.Add(root, [.. Private, .. without]);
        return image;
    }

    /// <summary>What is different here from how it was, in the order of names; nothing when both are the same device.</summary>
    public IReadOnlyList<Difference> DifferencesFrom(MachineImage before) =>
        [
            .. from name in before._parts.Keys.Union(_parts.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)
            let was = before._parts.GetValueOrDefault(name)
            let now = _parts.GetValueOrDefault(name)
            where was != now
            select new Difference(name, was, now),
        ];

    /// <summary>What is at a path; null where nothing is.</summary>
    public string? At(string path) => _parts.GetValueOrDefault(path);

    /// <summary>The same image, but for one path.</summary>
    /// <param name="path">The path.</param>
    /// <param name="part">What is there; null for nothing.</param>
    public MachineImage With(string path, string? part)
    {
        var image = new MachineImage(this);
        if (part is null)
            image._parts.Remove(path);
        else
            image._parts[path] = part;
        return image;
    }

    private void Add(string root, string[] without)
    {
        string[] leftOut = [.. without.SelectMany(path => new[] { "-o", "-path", root + path }).Skip(1)];
        var found = Command.Run("find", [root, "(", .. leftOut, ")", "-prune", "-o", "-printf", Fields]).Succeeded($"look through {root}");
        var fields = found.Output.Split('\0');
        // Of several names of a file the first stands for all.
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in fields.SkipLast(1).Chunk(FieldCount).OrderBy(entry => entry[^1], StringComparer.Ordinal))
            AddEntry(root, entry, names);
    }

    private void AddEntry(string root, string[] fields, Dictionary<string, string> names)
    {
        var rights = $"{fields[1]}:{fields[2]} {fields[3]}";
        var (type, count, inode, target, path) = (fields[0], fields[4], fields[5], fields[6], fields[7]);
        var whole = root + path;
        if (IsDatabase(path, whole) || (path == EmptyWorkFolder && !Directory.EnumerateFileSystemEntries(whole).Any()))
            return;
        _parts[path] = type switch
        {
            "d" => $"folder {rights}",
            "l" => $"link {fields[1]}:{fields[2]} -> {target}",
            "f" when count != "1" && !names.TryAdd(inode, path) => $"the same file as {names[inode]}",
            "f" => $"file {rights} {Content(File.ReadAllBytes(whole))}",
            _ => $"type {type} {rights}",
        };
    }

    private bool IsDatabase(string path, string whole)
    {
        if (path is Status or Marks)
        {
            AddParagraphs(path, File.ReadAllText(whole));
            return true;
        }

        if (path == Diversions)
        {
            foreach (var diversion in File.ReadAllLines(whole).Chunk(3))
                _parts[$"{path}, {diversion[0]}"] = string.Join(" by ", diversion.Skip(1));
            return true;
        }

        if (!Sets.Contains(path, StringComparer.Ordinal))
            return false;
        foreach (var line in File.ReadAllLines(whole))
            _parts[$"{path}, {line}"] = "there";
        return true;
    }

    // Of dpkg's status each field: "/var/lib/dpkg/status, app all, Version".
    private void AddParagraphs(string path, string text)
    {
        foreach (var paragraph in text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var fields = new Dictionary<string, string>(StringComparer.Ordinal);
            var joined = paragraph.Trim('\n').ReplaceLineEndings("\n").Replace("\n ", "\r ", StringComparison.Ordinal);
            foreach (var field in joined.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                fields[field.Split(':')[0]] = Value(field);

            // What dpkg writes of a package that is not there, and that nobody wishes for, is the same as no paragraph.
            if (fields.GetValueOrDefault("Status") == "unknown ok not-installed")
                continue;
            var name = $"{path}, {fields.GetValueOrDefault("Package")} {fields.GetValueOrDefault("Architecture")}";
            foreach (var (field, value) in fields.Where(field => field.Key is not ("Package" or "Architecture")))
                _parts[$"{name}, {field}"] = value;
        }
    }

    // The order in which dpkg lists configuration files says nothing.
    private static string Value(string field)
    {
        var lines = field[(field.IndexOf(':', StringComparison.Ordinal) + 1)..].Split('\r');
        var isSet = field.StartsWith("Conffiles:", StringComparison.Ordinal);
        return string.Join(" |", isSet ? lines.Order(StringComparer.Ordinal) : lines).Trim();
    }

    private static string Content(byte[] content)
    {
        var isText = content.Length <= LongestText && Utf8.IsValid(content) && !content.Contains((byte)0);
        return isText
            ? $"'{Encoding.UTF8.GetString(content).Replace("\n", " | ", StringComparison.Ordinal)}'"
            : $"{content.Length} bytes, SHA-256 {Convert.ToHexStringLower(SHA256.HashData(content))}";
    }
}
