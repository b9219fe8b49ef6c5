using System.Text;
using AptHandler.Files;
using AptHandler.Logging;

namespace AptHandler.Authoring.Desks;

/// <summary>
/// A file of sources that somebody else may have written, sources.list(5). For each address, apt starts a program that has the name before
/// the first colon. With <c>../../../tmp/x:/</c>, the writer of the file could choose any program. So apt gets the file only if each
/// address starts with a known name. A list of mirrors is not allowed: it names further addresses, which cannot be checked in advance.
/// </summary>
internal static class SourcesFile
{
    private const int Largest = 1 << 20;
    private const string Known = "https, http, file and copy";

    private static readonly string[] Schemes = ["https:", "http:", "file:", "copy:"];

    /// <summary>Reads a file of sources.</summary>
    /// <param name="path">A file <c>*.sources</c> or <c>*.list</c>: apt recognises the two formats by the extension.</param>
    /// <exception cref="InputException">It cannot be used; the message names the line.</exception>
    public static byte[] Read(string path)
    {
        bool isList = Path.GetExtension(path) == ".list";
        if (!isList && Path.GetExtension(path) != ".sources")
            throw new InputException(
                $"cannot use {path}: a file of sources is called *.sources (Types:, URIs:, ... in lines of their own) or *.list "
                    + "(\"deb URI SUITE COMPONENT\"); rename it"
            );
        try
        {
            byte[] content = BoundedFile.Read(path, Largest, followLinks: true);
            if (Fault(Encoding.Latin1.GetString(content), isList) is { } fault)
                throw new InputException($"cannot use {path}: {fault}");
            return content;
        }
        catch (IOException e)
        {
            throw new InputException(e.Message);
        }
    }

    /// <summary>The first fault in a text of sources that apt must not see, with its line; null where there is none.</summary>
    internal static string? Fault(string text, bool isList)
    {
        string field = "";
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].TrimEnd('\r');
            if (line.Any(c => char.IsControl(c) && c != '\t'))
                return $"line {i + 1} holds a control character";
            if ((isList ? FaultOfEntry(line) : FaultOfField(line, ref field)) is { } fault)
                return $"line {i + 1}: {fault}";
        }

        return null;
    }

    // "deb [option=value ...] URI suite component". Options must not contain characters with which apt could find their end at another
    // place than this code.
    private static string? FaultOfEntry(string line)
    {
        string entry = line.TrimStart(' ', '\t');
        int end = entry.AsSpan().IndexOfAny(' ', '\t');
        if (end < 0 || entry.StartsWith('#'))
            return null;
        string rest = entry[end..].TrimStart(' ', '\t');
        if (rest.StartsWith('['))
        {
            end = rest.IndexOf(']', StringComparison.Ordinal);
            if (
                end < 0
                || rest.AsSpan(1, end - 1).IndexOfAny("[\":%#") >= 0
                || end + 1 == rest.Length
                || rest[end + 1] is not (' ' or '\t')
            )
                return "its options are not [name=value ...] with a blank behind them, without quotation marks, ':' and '%'";
            rest = rest[(end + 1)..].TrimStart(' ', '\t');
        }

        return FaultOfAddress(rest);
    }

    // Checks only the lines of the field URIs: apt reads addresses nowhere else, and splits lines at line feeds only. But apt also looks
    // for the colon of a field in later lines, and takes '#' as a comment only at the start of a line. So every other form of a line is
    // refused.
    private static string? FaultOfField(string line, ref string field)
    {
        if (line.StartsWith('#'))
            return null;
        bool isContinued = line.StartsWith(' ') || line.StartsWith('\t');
        int colon = line.IndexOf(':', StringComparison.Ordinal);
        if (line.Length == 0)
            field = "";
        else if (!isContinued)
            field = colon < 0 ? "" : line[..colon].TrimEnd(' ', '\t');
        if (line.Length > 0 && (field.Length == 0 || !field.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')))
            return "it is neither a field, such as \"URIs: https://packages.contoso.example\", nor goes on with one";
        if (!field.Equals("URIs", StringComparison.OrdinalIgnoreCase))
            return null;
        string value = isContinued ? line : line[(colon + 1)..];
        foreach (string word in value.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (FaultOfAddress(word) is { } fault)
                return fault;
        }

        return null;
    }

    private static string? FaultOfAddress(string address) =>
        Schemes.Any(scheme => address.StartsWith(scheme, StringComparison.Ordinal))
            ? null
            : $"the address {Quotation.Of(address.Split(' ', '\t')[0])} has another scheme than {Known}, which are the ones that "
                + "du-apt lets apt use from a file; "
                + "write one of them; of a list of mirrors write one mirror";
}
