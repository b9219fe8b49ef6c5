using System.Text;
using AptHandler.Files;

namespace AptHandler.Processes;

/// <summary>SHA-256 of files and texts. A program computes it: the runtime's own needs a library that not every device has.</summary>
internal static class FileHash
{
    private const string Program = "/usr/bin/sha256sum";
    private const int HexDigits = 64;
    private const int LargestOutput = 1 << 16;
    private const int PathsAtOnce = 500;

    /// <summary>How many files to hash in one go where there are very many. This bounds the memory that they take meanwhile.</summary>
    public const int FilesAtOnce = 5000;

    private static readonly string[] Environment = ["PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"];

    // Megabytes take milliseconds. An import may have 2 GiB, which take minutes on a slow disk.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>The SHA-256 of an open file, from its beginning, in base64.</summary>
    /// <param name="file">The file. Nothing of it has been read yet.</param>
    /// <param name="path">Its name for messages.</param>
    /// <exception cref="IOException">The hash cannot be computed.</exception>
    public static string Sha256(Descriptor file, string path)
    {
        // The open file is the standard input. So exactly this file is hashed, even if another one has its name by now.
        string line = Run(new ChildStart(Program, [], Environment) { Input = file.Number }, path, 1)[0];
        return Convert.ToBase64String(Convert.FromHexString(line));
    }

    /// <summary>The SHA-256 of each of several texts, in lower-case hexadecimal digits. One child process computes all of them.</summary>
    /// <exception cref="IOException">The hashes cannot be computed.</exception>
    public static string[] Sha256(params byte[][] texts)
    {
        var files = new Descriptor[texts.Length];
        var names = new string[texts.Length];
        try
        {
            for (int i = 0; i < texts.Length; i++)
            {
                files[i] = Descriptor.InMemory("text");
                files[i].Write(texts[i], "a text to be hashed");

                // The child does not inherit the descriptors. It opens the files through /proc of this process.
                names[i] = $"/proc/{System.Environment.ProcessId}/fd/{files[i].Number}";
            }

            return Run(new ChildStart(Program, names, Environment), "the packages and sources", texts.Length);
        }
        finally
        {
            foreach (Descriptor file in files)
            {
                if (file.Number > 0)
                    file.Dispose();
            }
        }
    }

    /// <summary>Starts to hash many files. A file that cannot be read gets no hash.</summary>
    /// <param name="algorithm">The program, <c>sha256sum</c> or <c>md5sum</c>.</param>
    /// <param name="paths">The files, in folders that only root can change.</param>
    /// <returns>
    /// A function to call once. It waits for the end, and passes on each path with its hash in lower-case hexadecimal digits. The path is
    /// the object that was given. Two hashings can run side by side.
    /// </returns>
    public static Action<Action<string, string>> StartAll(string algorithm, IReadOnlyCollection<string> paths)
    {
        if (paths.Count == 0)
            return _ => { };
        Descriptor names = Descriptor.InMemory("names"),
            output = Descriptor.InMemory("hashes");
        WriteNames(names, paths);

        // The names do not fit on one command line. xargs(1) runs the program as often as needed. With --zero it escapes no name.
        ChildProcess child = ChildProcess.Spawn(
            new ChildStart("/usr/bin/xargs", ["--null", algorithm, "--zero", "--"], Environment)
            {
                Input = names.Number,
                Output = output.Number,
            }
        );
        return onHash =>
        {
            using (names)
            using (output)
            using (child)
            {
                _ =
                    child.Wait(Patience)
                    ?? throw new IOException($"cannot compute the hashes of {paths.Count} files: {algorithm} took too long");
                using IEnumerator<string> path = paths.GetEnumerator();
                foreach (string line in Pieces.Of(output, 0))
                {
                    if (line.IndexOf(' ', StringComparison.Ordinal) is not (> 0 and var end))
                        continue;

                    // The lines have the order of the given paths. Files that could not be read have no line.
                    ReadOnlySpan<char> name = line.AsSpan(end + 2);
                    bool isGiven;
                    do isGiven = path.MoveNext();
                    while (isGiven && !name.SequenceEqual(path.Current));
                    if (isGiven)
                        onHash(path.Current, line[..end]);
                }
            }
        };
    }

    // WriteAt does not move the position of the file. The child reads from that position.
    private static void WriteNames(Descriptor file, IEnumerable<string> paths)
    {
        long length = 0;
        foreach (string[] some in paths.Chunk(PathsAtOnce))
        {
            byte[] bytes = Encoding.UTF8.GetBytes(string.Join('\0', some) + '\0');
            file.WriteAt(bytes, length, "the names of files");
            length += bytes.Length;
        }
    }

    private static string[] Run(ChildStart start, string what, int count)
    {
        using var output = Descriptor.InMemory("hash");
        using ChildProcess child = ChildProcess.Spawn(start with { Output = output.Number });
        ExitStatus exit = child.Wait(Patience) ?? child.Terminate(TimeSpan.FromSeconds(1));
        string[] lines = Encoding
            .ASCII.GetString(BoundedFile.Read(output, Program, LargestOutput))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (!exit.IsSuccess || lines.Length != count || Array.Exists(lines, line => line.Length < HexDigits))
            throw new IOException($"cannot compute the hash of {what}: {Program} ended with {exit}");
        return Array.ConvertAll(lines, line => line[..HexDigits]);
    }
}
