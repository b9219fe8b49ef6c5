using System.Text;
using AptHandler.Files;

namespace AptHandler.Debian;

/// <summary>
/// apt's marks in <c>/var/lib/apt/extended_states</c>: packages that were installed only because others need them, and that apt removes
/// with these. The paragraphs of the file are kept as they are, so that unchanged ones stay the same.
/// </summary>
public sealed class AutoMarks
{
    private const int LargestFile = 8 << 20;

    private readonly string _path;
    private readonly string _nativeArchitecture;
    private readonly List<string> _paragraphs;

    private AutoMarks(string path, string nativeArchitecture, List<string> paragraphs) =>
        (_path, _nativeArchitecture, _paragraphs) = (path, nativeArchitecture, paragraphs);

    /// <summary>Reads the marks. A missing file has none.</summary>
    /// <param name="path">The file.</param>
    /// <param name="nativeArchitecture">Debian's name of the machine's architecture; null for that of this process.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static AutoMarks Read(string path, string? nativeArchitecture = null)
    {
        string text = "";
        try
        {
            text = Encoding.UTF8.GetString(BoundedFile.Read(path, LargestFile, followLinks: true));
        }
        catch (FileNotFoundException)
        {
            // For apt, too, a missing file has no marks.
        }

        // After a power cut, a file system may leave zero bytes in place of blocks that were not written.
        var paragraphs = text.Replace("\0", "", StringComparison.Ordinal)
            .Split("\n\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .ToList();
        return new AutoMarks(path, nativeArchitecture ?? DebianArchitecture.OfThisProcess, paragraphs);
    }

    /// <summary>Whether a package is marked as automatically installed.</summary>
    public bool IsAutomatic(PackageName package) =>
        _paragraphs.Exists(paragraph => IsOf(paragraph, package) && Field(paragraph, "Auto-Installed") == "1");

    /// <summary>Sets the mark of a package.</summary>
    /// <param name="package">The package.</param>
    /// <param name="isAutomatic">The mark; null forgets the package.</param>
    /// <returns>Whether that changed something.</returns>
    public bool Set(PackageName package, bool? isAutomatic)
    {
        int at = _paragraphs.FindIndex(paragraph => IsOf(paragraph, package));
        if (isAutomatic is null ? at < 0 : IsAutomatic(package) == isAutomatic)
            return false;
        string? fields =
            at < 0
                ? null
                : string.Join(
                    '\n',
                    _paragraphs[at].Split('\n').Where(line => !line.StartsWith("Auto-Installed:", StringComparison.OrdinalIgnoreCase))
                );

        // apt writes one paragraph for a package. If another program wrote several, any of them sets the mark for apt.
        _paragraphs.RemoveAll(paragraph => IsOf(paragraph, package));

        // Like apt: a paragraph without information is left out.
        const int LinesOfName = 2;
        bool saysNothing = isAutomatic == false && fields is not null && fields.Split('\n').Length <= LinesOfName;
        if (isAutomatic is { } mark && !saysNothing)
            _paragraphs.Add(
                $"{fields ?? $"Package: {package.Name}\nArchitecture: {package.Architecture ?? _nativeArchitecture}"}\nAuto-Installed: "
                    + $"{(mark ? 1 : 0)}"
            );
        return true;
    }

    /// <summary>Writes the marks, and syncs them, which apt does not do.</summary>
    /// <exception cref="IOException">The marks cannot be written; the old ones are as they were.</exception>
    public void Save() =>
        WholeFile.Replace(
            _path,
            Encoding.UTF8.GetBytes(string.Concat(_paragraphs.Select(paragraph => paragraph + "\n\n"))),
            WholeFile.ReadableByAll
        );

    private bool IsOf(string paragraph, PackageName package) =>
        Field(paragraph, "Package") == package.Name && Field(paragraph, "Architecture") == (package.Architecture ?? _nativeArchitecture);

    private static string? Field(string paragraph, string name)
    {
        foreach (string line in paragraph.Split('\n'))
        {
            if (line.StartsWith(name, StringComparison.OrdinalIgnoreCase) && line.Length > name.Length && line[name.Length] == ':')
                return line[(name.Length + 1)..].Trim();
        }

        return null;
    }
}
