using System.CommandLine;
using System.Text;
using AptHandler.Authoring;
using AptHandler.CommandLine.Output;
using AptHandler.Results;

namespace AptHandler.CommandLine.Commands.Authoring;

/// <summary>Writes a new manifest to standard output, or whole into a file.</summary>
internal static class ManifestOutput
{
    public static readonly Option<string?> File = new("--output")
    {
        Description = "Write the manifest into this file (default: standard output).",
        HelpName = "FILE",
    };

    /// <summary>Writes a manifest.</summary>
    /// <returns>The exit status.</returns>
    /// <exception cref="InputException">The manifest cannot be written.</exception>
    public static int Write(ParseResult parsed, byte[] manifest)
    {
        if (parsed.GetValue(File) is not { } path)
        {
            Terminal.PrintDocument(Encoding.UTF8.GetString(manifest));
            return (int)UpdateOutcome.Done;
        }

        try
        {
            AuthoredFile.Write(path.Length > 0 ? path : throw new IOException("cannot write a file without a name"), manifest);
            return (int)UpdateOutcome.Done;
        }
        catch (IOException e)
        {
            throw new InputException($"{e.Message}; name another file, or leave --output out for standard output");
        }
    }
}
