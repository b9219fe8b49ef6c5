using System.Text;
using AptHandler.Files;

namespace AptHandler.Processes;

/// <summary>The hash that registrations and import manifests hold of a file. Computed by a program: the runtime's own needs a library that not every device has.</summary>
internal static class FileHash
{
    private const string Program = "/usr/bin/sha256sum";
    private const int HexDigits = 64;

    private static readonly string[] Environment = ["PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"];

    // Megabytes take milliseconds; the 2 GiB that an import may have take minutes where the disk is slow.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>The SHA-256 of an open file, from its beginning, in base64.</summary>
    /// <param name="file">The file, of which nothing was read.</param>
    /// <param name="path">Its name for messages.</param>
    /// <exception cref="IOException">It cannot be computed.</exception>
    public static string Sha256(Descriptor file, string path)
    {
        using var output = Descriptor.InMemory("hash");

        // On standard input: what is hashed is the file that was looked at, and not what has its name by now.
        using ChildProcess child = ChildProcess.Spawn(new ChildStart(Program, [], Environment) { Input = file.Number, Output = output.Number });
        ExitStatus exit = child.Wait(Patience) ?? child.Terminate(TimeSpan.FromSeconds(1));
        Span<byte> text = stackalloc byte[HexDigits];
        if (!exit.IsSuccess || output.ReadAt(text, 0) != HexDigits)
            throw new IOException($"cannot compute the hash of {path}: {Program} ended with {exit}");
        return Convert.ToBase64String(Convert.FromHexString(Encoding.ASCII.GetString(text)));
    }
}
