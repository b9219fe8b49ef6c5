using System.Runtime.InteropServices;
using AptHandler.Authoring;
using AptHandler.Native;

namespace AptHandler.CommandLine.Images;

/// <summary>
/// A mounted root file system of an image, entered by this program: with the mounts that maintainer scripts expect, with the name service of
/// this machine, and with a policy that keeps services from being started. All of that lies in a mount namespace of its own: it ends with the
/// program, however that ends, and nothing of it stays in the image but what the update changes.
/// </summary>
internal static unsafe class ImageRoot
{
    private const string Policy = "/usr/sbin/policy-rc.d";
    private const string NameService = "/etc/resolv.conf";

    // On the image's /run, which is memory here.
    private const string Space = "/run/du-apt-image";
    private const string PolicyOfOurs = Space + "/policy-rc.d";
    private const string NameServiceOfOurs = Space + "/resolv.conf";

    // For the owner alone, and not to be executed: should it stay when this program is killed, it forbids nothing.
    private const UnixFileMode Placeholder = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Executable = (UnixFileMode)0x1ED; // 0755

    private static readonly string[] Needed = ["dev", "etc", "proc", "run", "sys", "usr/bin", "usr/sbin"];

    /// <summary>Becomes the same program in the image.</summary>
    /// <param name="folder">Where the root file system is mounted.</param>
    /// <param name="files">What the program will find in the image, by the names that <see cref="PathOf"/> knows.</param>
    /// <param name="arguments">Its arguments there.</param>
    /// <returns>Never: the process goes on as the other program.</returns>
    /// <exception cref="InputException">The image cannot be entered; the message says why.</exception>
    public static void Enter(string folder, IReadOnlyDictionary<string, byte[]> files, IReadOnlyList<string> arguments)
    {
        string root = Path.GetFullPath(folder);
        Check(root);
        byte[]? nameService = File.Exists(NameService) ? File.ReadAllBytes(NameService) : null;

        // The system calls concern this thread alone, and its last one ends the others.
        Must(Libc.Unshare(Libc.CLONE_NEWNS), "leave the mount namespace of this machine");
        Mount(null, "/", null, Libc.MS_REC | Libc.MS_PRIVATE);
        Mount("proc", Path.Combine(root, "proc"), "proc");
        Mount("sysfs", Path.Combine(root, "sys"), "sysfs", Libc.MS_RDONLY);
        Mount("/dev", Path.Combine(root, "dev"), null, Libc.MS_BIND | Libc.MS_REC);
        Mount("tmpfs", Path.Combine(root, "run"), "tmpfs");
        Must(Libc.ChangeRoot(root), $"change the root to {root}");
        Directory.SetCurrentDirectory("/");

        Directory.CreateDirectory(Space);
        foreach ((string name, byte[] content) in files)
            File.WriteAllBytes(PathOf(name), content);
        File.WriteAllText(PolicyOfOurs, "#!/bin/sh\n# No service of an image is started while it is built.\nexit 101\n");
        File.SetUnixFileMode(PolicyOfOurs, Executable);
        Cover(Policy, PolicyOfOurs);
        if (nameService is not null)
        {
            File.WriteAllBytes(NameServiceOfOurs, nameService);
            Cover(NameService, NameServiceOfOurs);
        }

        byte** words = NativeStrings.Copy(["/proc/self/exe", .. arguments]);
        _ = Libc.Execute(words[0], words);
        string problem = Libc.Describe(Marshal.GetLastPInvokeError());
        throw new InputException($"cannot run du-apt in {folder}: {problem}; the image must be of this machine's architecture, with the C library of Debian 11 or a later one");
    }

    /// <summary>Where a file lies in the image.</summary>
    public static string PathOf(string name) => $"{Space}/{name}";

    /// <summary>Takes away, in the image, what <see cref="Enter"/> has laid over it.</summary>
    public static void Leave()
    {
        foreach (string path in new[] { Policy, NameService })
        {
            if (Libc.Unmount(path, 0) == 0 && new FileInfo(path) is { Exists: true, Length: 0 } file && file.UnixFileMode == Placeholder)
                file.Delete();
        }
    }

    private static void Check(string root)
    {
        if (Libc.EffectiveUser() != 0)
            throw new InputException($"cannot enter {root} without the rights of root; run this with sudo");
        if (!Directory.Exists(root))
            throw new InputException($"cannot enter {root}: there is no such folder; mount the root file system of the image there");
        if (Needed.FirstOrDefault(folder => new DirectoryInfo(Path.Combine(root, folder)) is not { Exists: true, LinkTarget: null }) is { } missing)
            throw new InputException($"cannot enter {root}: it has no folder {missing}; mount the root file system of a Debian there");
        if (!File.Exists(Path.Combine(root, "usr/bin/apt-get")) || !File.Exists(Path.Combine(root, "var/lib/dpkg/status")))
            throw new InputException($"cannot enter {root}: it has no apt-get, or no status of dpkg; mount the root file system of a Debian there");
    }

    // Resolved in the image by now: its links lead nowhere else.
    private static void Cover(string path, string source)
    {
        string target = new FileInfo(path).LinkTarget is null ? path : File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;
        if (!File.Exists(target))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.WriteAllBytes(target, []);
            File.SetUnixFileMode(target, Placeholder);
        }

        Mount(source, path, null, Libc.MS_BIND);
    }

    private static void Mount(string? source, string target, string? type, nuint flags = 0) =>
        Must(Libc.Mount(source, target, type, flags, null), $"mount {source ?? target} at {target}");

    private static void Must(int result, string what)
    {
        if (result != 0)
            throw new InputException($"cannot {what}: {Libc.Describe(Marshal.GetLastPInvokeError())}; run this as root, where mounting is allowed");
    }
}
