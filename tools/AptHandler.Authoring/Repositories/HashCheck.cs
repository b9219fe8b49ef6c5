using System.Text;
using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.Authoring.Repositories;

/// <summary>A file, and the SHA-256 or SHA-512 that it should have, in hexadecimal digits.</summary>
internal sealed record HashedFile(string Path, string Hash);

/// <summary>
/// Checks hashes with sha256sum(1) and sha512sum(1), in one child process for all files. They are much faster than the runtime, and need no
/// library.
/// </summary>
internal static class HashCheck
{
    private const int DigitsOfSha256 = 64;

    /// <summary>The files that are missing, or have another hash.</summary>
    /// <exception cref="IOException">They cannot be checked.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static IReadOnlyList<string> Failures(IReadOnlyList<HashedFile> files, CancellationToken cancellation)
    {
        List<HashedFile> shorter = [],
            longer = [];
        foreach (HashedFile file in files)
            (IsSha256(file.Hash) ? shorter : longer).Add(file);
        return [.. Failures("sha256sum", shorter, cancellation), .. Failures("sha512sum", longer, cancellation)];
    }

    /// <summary>Whether a hash is a SHA-256, and not a SHA-512.</summary>
    public static bool IsSha256(string hash) => hash.Length == DigitsOfSha256;

    private static List<string> Failures(string program, List<HashedFile> files, CancellationToken cancellation)
    {
        if (files.Count == 0)
            return [];
        var list = new StringBuilder();
        foreach (HashedFile file in files)
        {
            if (file.Path.AsSpan().ContainsAny("\\\n\r"))
                throw new IOException($"cannot check {file.Path}: there is a backslash or a line end in its name");
            list.Append(file.Hash).Append("  ").Append(file.Path).Append('\n');
        }

        using var writing = Descriptor.InMemory("hashes");
        writing.Write(Encoding.UTF8.GetBytes(list.ToString()), "the hashes of files");

        // Opened a second time, to be read from the start.
        using var input = Descriptor.Open($"/proc/self/fd/{writing.Number}", Libc.O_RDONLY);
        var tool = new Tool($"/usr/bin/{program}", "coreutils", ["PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"]) { Cancellation = cancellation };
        ToolOutcome outcome = tool.Run(["--check", "--quiet", "--strict", "-"], input: input);
        var failures = new List<string>();
        foreach (string line in Pieces.LinesOf(outcome.Output))
        {
            if (line.LastIndexOf(": FAILED", StringComparison.Ordinal) is > 0 and var end)
                failures.Add(line[..end]);
        }

        return outcome.IsSuccess || failures.Count > 0
            ? failures
            : throw new IOException($"cannot check the hashes of files: {outcome.LastWords}");
    }
}
