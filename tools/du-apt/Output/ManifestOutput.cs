using System.CommandLine;
using System.Text;
using AptHandler.Authoring;
using AptHandler.Files;
using AptHandler.Updates;

namespace AptHandler.CommandLine.Output;

/// <summary>Where a manifest goes that was made: to standard output, or whole into a file.</summary>
internal static class ManifestOutput
{
    public static readonly Option<string?> File = new("--output") { Description = "Write the manifest into this file (default: standard output).", HelpName = "FILE" };

    /// <summary>Writes a manifest.</summary>
    /// <returns>The exit status.</returns>
    /// <exception cref="InputException">It cannot be written.</exception>
    public static int Write(ParseResult parsed, byte[] manifest)
    {
        if (parsed.GetValue(File) is not { } path)
        {
            Console.Out.Write(Encoding.UTF8.GetString(manifest));
            return (int)UpdateOutcome.Done;
        }

        try
        {
            // A file takes the place of the old one: /dev/stdout, say, would be gone.
            if (path.Length == 0 || Descriptor.StatusOf(path) is { IsRegular: false })
                throw new InputException($"cannot write {(path.Length == 0 ? "to a file without a name" : path)}: it is not a regular file; name another one, or leave --output out for standard output");
            AuthoredFile.Write(path, manifest);
            return (int)UpdateOutcome.Done;
        }
        catch (IOException e)
        {
            throw new InputException($"{e.Message}; name another file by --output");
        }
    }
}
