namespace AptHandler.Rollback;

/// <summary>A line of a file <c>md5sums</c>.</summary>
/// <param name="Path">The file, an absolute path.</param>
/// <param name="Sum">Its MD5, in hexadecimal digits.</param>
internal sealed record Md5Line(string Path, string Sum)
{
    private const int HexDigits = 32;

    /// <summary>Reads all lines: the checksum, two spaces, and the path without the first slash.</summary>
    public static IEnumerable<Md5Line> ReadAll(TextReader reader)
    {
        while (reader.ReadLine() is { } line)
        {
            if (line.Length <= HexDigits + 2)
                continue;
            string path = line[(HexDigits + 2)..];
            yield return new Md5Line("/" + (path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path), line[..HexDigits]);
        }
    }
}
