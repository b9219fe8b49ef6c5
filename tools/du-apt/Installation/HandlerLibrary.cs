using AptHandler.Files;
using AptHandler.Native;
using AptHandler.Processes;

namespace AptHandler.CommandLine.Installation;

/// <summary>A library as a registration describes it.</summary>
/// <param name="Path">Its absolute path.</param>
/// <param name="Hash">Its SHA-256 in base64.</param>
/// <param name="Size">Its size in bytes.</param>
internal sealed record HandlerLibrary(string Path, string Hash, ulong Size)
{
    /// <summary>The library of this handler.</summary>
    /// <exception cref="IOException">It is not where it belongs, or cannot be read.</exception>
    public static HandlerLibrary Own()
    {
        try
        {
            using var file = Descriptor.Open(HandlerFiles.Library, Libc.O_RDONLY | Libc.O_NONBLOCK);
            return Describe(HandlerFiles.Library, file);
        }
        catch (FileNotFoundException e)
        {
            throw new IOException($"cannot find {HandlerFiles.Library}; reinstall du-apt-handler", e);
        }
    }

    /// <summary>
    /// A library that a registration named. The agent's user can write the registration and read the hash. So only a file that this user
    /// could read itself is hashed.
    /// </summary>
    /// <exception cref="IOException">It cannot be a library that the agent would load.</exception>
    public static HandlerLibrary Named(string path, Account agent)
    {
        if (!IsPlausible(path))
            throw new IOException($"cannot use \"{path}\": it is not the absolute path of a library");
        using GuardedFolder folder =
            DeviceUpdateAgent.OpenFolder(System.IO.Path.GetDirectoryName(path)!, passed => agent.May(passed.Status, Account.Enter))
            ?? throw new IOException($"cannot use {path}: its folder is not there, or not for the agent");
        using Descriptor file =
            folder.OpenFile(System.IO.Path.GetFileName(path)) ?? throw new IOException($"cannot use {path}: it is not there");
        return agent.May(file.Status(), Account.Read)
            ? Describe(path, file)
            : throw new IOException($"cannot use {path}: the agent may not read it");
    }

    /// <summary>Whether a text can be the path of a library at all.</summary>
    public static bool IsPlausible(string path) =>
        System.IO.Path.IsPathFullyQualified(path)
        && path.EndsWith(".so", StringComparison.Ordinal)
        && !path.Any(char.IsControl)
        && System.IO.Path.GetFullPath(path) == path;

    private static HandlerLibrary Describe(string path, Descriptor file)
    {
        Libc.FileStatus status = file.Status();
        return status.IsRegular
            ? new HandlerLibrary(path, FileHash.Sha256(file, path), status.Size)
            : throw new IOException($"cannot use {path}: it is not a regular file");
    }
}
