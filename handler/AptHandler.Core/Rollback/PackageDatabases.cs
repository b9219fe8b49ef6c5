using System.Text;
using AptHandler.Apt;
using AptHandler.Files;

namespace AptHandler.Rollback;

/// <summary>
/// The data of dpkg's tools besides the packages: diversions, overrides of owners and modes, alternatives, and which package waits for
/// which trigger. Scripts of packages change them, and no archive has the old state.
/// </summary>
public sealed record PackageDatabases
{
    private const int LargestFile = 4 << 20;

    /// <summary>The folder with the middle link of every alternative.</summary>
    private const string AlternativeLinks = "/etc/alternatives/";

    private static readonly string[] NotTriggers = ["Lock", "Unincorp"];

    /// <summary>dpkg-divert(1): three lines for each: the path, where it is diverted to, and for which package.</summary>
    public IReadOnlyList<string> Diversions { get; init; } = [];

    /// <summary>dpkg-statoverride(1): owner, group, mode and path.</summary>
    public IReadOnlyList<string> Overrides { get; init; } = [];

    /// <summary>The lines of the files of <c>triggers</c>, each as the name of the file, a tabulator, and the line.</summary>
    public IReadOnlyList<string> Triggers { get; init; } = [];

    /// <summary>update-alternatives(1): the text of the file of each group, by the name of the group.</summary>
    public IReadOnlyDictionary<string, string> Alternatives { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Reads the databases of a machine.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static PackageDatabases Read(AptSystem system) =>
        new()
        {
            Diversions = DiversionsOf(Lines(system, "diversions")),
            Overrides = Lines(system, "statoverride"),
            Triggers =
            [
                .. from file in Files(system, "triggers")
                let name = Path.GetFileName(file)
                where !NotTriggers.Contains(name, StringComparer.Ordinal)
                from line in LinesOf(file)
                select $"{name}\t{line}",
            ],
            Alternatives = Files(system, "alternatives")
                .ToDictionary(file => Path.GetFileName(file), file => Text(file), StringComparer.Ordinal),
        };

    /// <summary>
    /// All paths in the databases: diverted paths and their targets, paths with overrides, and the links of alternatives.
    /// </summary>
    public IEnumerable<string> Paths() =>
        [
            .. Diversions.SelectMany(diversion => diversion.Split('\n')[..2]),
            .. Overrides.Select(line => line[(line.LastIndexOf(' ') + 1)..]).Where(path => path.StartsWith('/')),
            .. Alternatives.Keys.SelectMany(group => LinksOf(group, Alternatives[group])),
        ];

    /// <summary>The links of a group of alternatives: those that programs use, and those in /etc/alternatives.</summary>
    public static IEnumerable<string> LinksOf(string group, string text)
    {
        // The file has the state, the link, and then pairs of the name and the link of a slave, up to an empty line.
        string[] lines = text.Split('\n');
        if (lines.Length < 2)
            yield break;
        yield return lines[1];
        yield return AlternativeLinks + group;
        for (int at = 2; at + 1 < lines.Length && lines[at].Length > 0; at += 2)
        {
            yield return lines[at + 1];
            yield return AlternativeLinks + lines[at];
        }
    }

    /// <summary>Whether a path is one of the middle links of alternatives.</summary>
    public static bool IsAlternative(string path) => path.StartsWith(AlternativeLinks, StringComparison.Ordinal);

    /// <summary>The real place of a package's file, if another package diverts its path.</summary>
    public string PlaceOf(string path, string package)
    {
        foreach (string diversion in Diversions)
        {
            if (
                diversion.StartsWith(path, StringComparison.Ordinal)
                && diversion.Split('\n') is [var from, var to, var by]
                && from == path
                && by != package
            )
                return to;
        }

        return path;
    }

    /// <summary>
    /// The content that a database must have when an update is undone: additions of the update are removed, its removals are restored, and
    /// later changes by others stay.
    /// </summary>
    /// <param name="before">The content before the update.</param>
    /// <param name="after">The content that the update left.</param>
    /// <param name="now">The content now.</param>
    public static IReadOnlyList<string> Undo(IReadOnlyList<string> before, IReadOnlyList<string> after, IReadOnlyList<string> now)
    {
        HashSet<string> old = [.. before],
            left = [.. after],
            present = [.. now];
        return
        [
            .. before.Where(each => present.Contains(each) || !left.Contains(each)),
            .. now.Where(each => !old.Contains(each) && !left.Contains(each)),
        ];
    }

    /// <summary>Writes diversions, overrides and triggers where they differ.</summary>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public void Write(AptSystem system)
    {
        PackageDatabases now = Read(system);
        if (!Diversions.SequenceEqual(now.Diversions, StringComparer.Ordinal))
            WriteFile(system, "diversions", Diversions);
        if (!Overrides.SequenceEqual(now.Overrides, StringComparer.Ordinal))
            WriteFile(system, "statoverride", Overrides);
        if (Triggers.SequenceEqual(now.Triggers, StringComparer.Ordinal))
            return;
        ILookup<string, string> wanted = Triggers
            .Select(line => line.Split('\t', 2))
            .ToLookup(parts => parts[0], parts => parts[1], StringComparer.Ordinal);
        foreach (string name in now.Triggers.Concat(Triggers).Select(line => line.Split('\t')[0]).Distinct(StringComparer.Ordinal))
        {
            // dpkg deletes an empty file, except "File", which has the triggers on paths.
            if (wanted[name].Any() || name == "File")
                WriteFile(system, $"triggers/{name}", wanted[name]);
            else
                File.Delete(Path.Combine(system.AdminFolder, "triggers", name));
        }
    }

    /// <summary>Writes the file of a group of alternatives. Null deletes it.</summary>
    /// <exception cref="IOException">The file cannot be written or deleted.</exception>
    public static void WriteAlternative(AptSystem system, string group, string? text)
    {
        string file = Path.Combine(system.AdminFolder, "alternatives", group);
        if (text is null)
            File.Delete(file);
        else
            WholeFile.Replace(file, Encoding.UTF8.GetBytes(text), WholeFile.ReadableByAll);
    }

    private static void WriteFile(AptSystem system, string name, IEnumerable<string> lines) =>
        WholeFile.Replace(
            Path.Combine(system.AdminFolder, name),
            Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n"))),
            WholeFile.ReadableByAll
        );

    private static string[] DiversionsOf(string[] lines) =>
        [
            .. Enumerable
                .Range(0, lines.Length / 3)
                .Select(index => $"{lines[3 * index]}\n{lines[(3 * index) + 1]}\n{lines[(3 * index) + 2]}"),
        ];

    private static string[] Lines(AptSystem system, string name)
    {
        string file = Path.Combine(system.AdminFolder, name);
        return File.Exists(file) ? LinesOf(file) : [];
    }

    private static string[] LinesOf(string file) => Text(file).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static string Text(string file) => Encoding.UTF8.GetString(BoundedFile.Read(file, LargestFile));

    private static IEnumerable<string> Files(AptSystem system, string name)
    {
        string folder = Path.Combine(system.AdminFolder, name);
        return Directory.Exists(folder)
            ? Directory
                .EnumerateFiles(folder)
                .Where(file => !MachineSnapshot.OnTheWay.Any(suffix => file.EndsWith(suffix, StringComparison.Ordinal)))
            : [];
    }
}
