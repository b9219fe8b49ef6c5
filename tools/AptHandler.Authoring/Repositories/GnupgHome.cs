using System.Text;
using AptHandler.Files;

namespace AptHandler.Authoring.Repositories;

/// <summary>A folder in which gpg keeps keys: makes one with a new key, and refuses one that holds more than keys.</summary>
internal static class GnupgHome
{
    // gpg-agent listens on a socket beside the keys, and the kernel allows sockets 107 bytes.
    private const int LongestFolder = 80;

    // What gpg itself puts there, besides the sockets of its agent. Anything else, such as gpg.conf or gpg-agent.conf, may name programs
    // that it runs.
    private static readonly string[] KeyFiles = ["pubring.kbx", "trustdb.gpg", "random_seed", "tofu.db"];
    private static readonly string[] KeyFolders = ["private-keys-v1.d", "openpgp-revocs.d"];

    /// <summary>Whether gpg can work in a folder.</summary>
    /// <exception cref="InputException">It cannot.</exception>
    public static void Check(string folder)
    {
        if (Encoding.UTF8.GetByteCount(Unfinished(folder)) > LongestFolder)
            throw new InputException(
                $"cannot keep a key in {folder}: gpg takes no more than {LongestFolder} bytes there; choose a shorter path, or "
                    + "make the repository with a key of yours (init --gpg-key)"
            );
    }

    /// <summary>Makes a key that can sign, and nothing else, in a folder of its own.</summary>
    /// <returns>Its fingerprint.</returns>
    /// <exception cref="InputException">It cannot be made there.</exception>
    public static string MakeKey(string folder)
    {
        // A folder that is there already is whole: it was made by a run that was killed before it could record the key.
        if (!Directory.Exists(folder))
        {
            string unfinished = Unfinished(folder);
            EndAgent(unfinished);
            if (Directory.Exists(unfinished))
                Directory.Delete(unfinished, recursive: true);
            _ = Directory.CreateDirectory(unfinished, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            ToolOutcome made = Gpg.In(Gpg.EnvironmentOf(unfinished))
                .Run([
                    .. Gpg.Quietly,
                    "--passphrase",
                    "",
                    "--quick-generate-key",
                    "Repository of du-apt <nobody@invalid>",
                    "ed25519",
                    "sign",
                    "never",
                ]);
            EndAgent(unfinished);
            if (!made.IsSuccess)
                throw new InputException($"cannot make a key in {folder}: {made.LastWords}");
            Directory.Move(unfinished, folder);
        }

        // gpg waits five seconds for its agent, which is not enough where a machine is busy.
        const int Attempts = 3;
        Tool gpg = Gpg.In(Gpg.EnvironmentOf(Trusted(folder)));
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            if (SecretKey.AllOf(gpg) is [var key, ..])
                return key.Fingerprint;
        }

        throw new InputException($"cannot find a key in {folder}; remove that folder, and run the same again");
    }

    /// <summary>Where a key is made that is then moved to a folder.</summary>
    public static string Unfinished(string folder) => $"{folder}.new";

    /// <summary>
    /// Ends the gpg-agent of a key that belongs to a store. No process may keep running, and keep a disk busy, after a command has ended.
    /// </summary>
    public static void EndAgent(string folder)
    {
        if (Directory.Exists(folder) && Stranger(folder) is null)
            _ = new Tool("/usr/bin/gpgconf", "gpgconf", Gpg.EnvironmentOf(folder)).Run(["--kill", "gpg-agent"]);
    }

    /// <summary>
    /// The same folder, when it holds nothing but keys. A store may come from somebody else, and gpg obeys what it finds beside keys.
    /// </summary>
    /// <exception cref="InputException">It holds something else.</exception>
    public static string Trusted(string folder)
    {
        if (Stranger(folder) is { } name)
        {
            throw new InputException(
                $"cannot use the key in {folder}: {name} is not what gpg makes there, and could have it run a program or use other files; "
                    + "remove it if it is not yours to trust"
            );
        }

        return folder;
    }

    // The first thing in a folder of keys that gpg does not make there, or a link; null where there is none.
    private static string? Stranger(string folder)
    {
        if (Descriptor.StatusOf(folder) is not { } there)
            return null;
        if (!there.IsFolder)
            return Path.GetFileName(folder);
        foreach (string path in Directory.GetFileSystemEntries(folder))
        {
            if (!IsOfGpg(path))
                return Path.GetFileName(path);
        }

        return null;
    }

    private static bool IsOfGpg(string path)
    {
        string name = Path.GetFileName(path);
        return Descriptor.StatusOf(path) switch
        {
            null or { IsSocket: true } => true,
            { IsFolder: true } => KeyFolders.Contains(name, StringComparer.Ordinal) && HoldsOnlyFiles(path),
            { IsRegular: true } => KeyFiles.Contains(name.TrimEnd('~'), StringComparer.Ordinal) || IsLock(name),
            _ => false,
        };
    }

    // A file that has gone meanwhile does no harm.
    private static bool HoldsOnlyFiles(string folder) =>
        Array.TrueForAll(Directory.GetFileSystemEntries(folder), each => Descriptor.StatusOf(each) is null or { IsRegular: true });

    private static bool IsLock(string name) =>
        name.StartsWith(".#lk", StringComparison.Ordinal) || name.EndsWith(".lock", StringComparison.Ordinal);
}
