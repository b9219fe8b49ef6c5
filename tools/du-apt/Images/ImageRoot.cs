using System.Runtime.InteropServices;
using AptHandler.Authoring;
using AptHandler.Files;
using AptHandler.Native;
using AptHandler.Processes;
using AptHandler.Updates;

namespace AptHandler.CommandLine.Images;

/// <summary>
/// A mounted root file system of an image, in which this program goes on: with the mounts that maintainer scripts expect, with the name service of
/// this machine, and with a policy that keeps services from being started. All of that lies in a mount namespace of its own, and what runs in the
/// image in a process namespace: scripts find no process of this machine, and both end with the program, however that ends. Nothing stays in
/// the image but what the update changes.
/// </summary>
internal static unsafe class ImageRoot
{
    private const string Policy = "/usr/sbin/policy-rc.d";
    private const string NameService = "/etc/resolv.conf";
    private const int LargestNameService = 1 << 20;

    // On the image's /run, which is memory here.
    private const string Space = "/run/du-apt-image";
    private const string PolicyOfOurs = Space + "/policy-rc.d";
    private const string NameServiceOfOurs = Space + "/resolv.conf";

    // For the owner alone, and not to be executed: should it stay when this program is killed, it forbids nothing.
    private const UnixFileMode Placeholder = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Executable = (UnixFileMode)0x1ED; // 0755
    private const UnixFileMode ForAll = (UnixFileMode)0x3FF; // 1777

    private static readonly string[] Devices = ["full", "null", "random", "tty", "urandom", "zero"];
    private static readonly Dictionary<string, string> DeviceLinks = new(StringComparer.Ordinal)
    {
        ["fd"] = "/proc/self/fd",
        ["stdin"] = "/proc/self/fd/0",
        ["stdout"] = "/proc/self/fd/1",
        ["stderr"] = "/proc/self/fd/2",
        ["ptmx"] = "pts/ptmx",
    };

    private static readonly string[] Needed = ["dev", "etc", "proc", "run", "sys", "usr/bin", "usr/sbin"];

    /// <summary>Runs the same program in the image.</summary>
    /// <param name="folder">Where the root file system is mounted.</param>
    /// <param name="files">What the program will find in the image, by the names that <see cref="PathOf"/> knows.</param>
    /// <param name="arguments">Its arguments there. It begins with <see cref="Arrive"/>.</param>
    /// <returns>Its exit status.</returns>
    /// <exception cref="InputException">The image cannot be entered; the message says why.</exception>
    /// <exception cref="UpdateException">Somebody else is in it.</exception>
    public static int Run(string folder, IReadOnlyDictionary<string, byte[]> files, IReadOnlyList<string> arguments)
    {
        if (folder.Length == 0)
            throw new InputException("cannot enter a folder without a name; name the one where the root file system of the image is mounted");
        string root = Path.GetFullPath(folder);
        Check(root);
        using Descriptor held = Lock(root);
        byte[]? nameService = File.Exists(NameService) ? BoundedFile.Read(NameService, LargestNameService, followLinks: true) : null;
        using var signals = new PassedSignals();

        // The system calls concern this thread alone, which can start children from here on, but no threads.
        Must(Libc.Unshare(Libc.CLONE_NEWNS), "leave the mounts of this machine");
        Mount(null, "/", null, Libc.MS_REC | Libc.MS_PRIVATE);
        Mount("proc", Path.Combine(root, "proc"), "proc");
        Mount("sysfs", Path.Combine(root, "sys"), "sysfs", Libc.MS_RDONLY);
        MountDevices(Path.Combine(root, "dev"));
        Mount("tmpfs", Path.Combine(root, "run"), "tmpfs");
        Must(Libc.ChangeRoot(root), $"change the root to {root}");
        Directory.SetCurrentDirectory("/");

        File.SetUnixFileMode("/run", Executable);
        Directory.CreateDirectory("/run/lock");
        File.SetUnixFileMode("/run/lock", ForAll);
        Directory.CreateDirectory(Space);
        foreach ((string name, byte[] content) in files)
            File.WriteAllBytes(PathOf(name), content);
        File.WriteAllText(PolicyOfOurs, "#!/bin/sh\n# No service of an image is started while it is built.\nexit 101\n");
        File.SetUnixFileMode(PolicyOfOurs, Executable);
        try
        {
            Cover(root, Policy, PolicyOfOurs);
            if (nameService is not null)
            {
                File.WriteAllBytes(NameServiceOfOurs, nameService);
                Cover(root, NameService, NameServiceOfOurs);
            }

            CheckProgram(folder);
            Must(Libc.Unshare(Libc.CLONE_NEWPID), "leave the processes of this machine");
            using ChildProcess child = ChildProcess.Spawn(Start(arguments) with { Output = 1, Error = 2 });
            return signals.WaitFor(child).Code ?? (int)UpdateOutcome.Failed;
        }
        finally
        {
            Uncover(NameService);
            Uncover(Policy);
        }
    }

    /// <summary>Where a file lies in the image.</summary>
    public static string PathOf(string name) => $"{Space}/{name}";

    /// <summary>The first that the program does in the image, where it is the first process.</summary>
    /// <param name="file">A file that it was to find there.</param>
    /// <exception cref="InputException">It cannot be done, or this is not the image.</exception>
    public static void Arrive(string file)
    {
        const int ParentDeathSignal = 1;
        if (Environment.ProcessId != 1 || !File.Exists(PathOf(file)))
            throw new InputException("cannot go on with deploy --root here: this is no image that it has entered; run du-apt deploy --root DIR");
        _ = Libc.ProcessControl(ParentDeathSignal, Libc.SIGKILL, 0, 0, 0);

        // What there is shows the processes of the machine, and was needed to find this program.
        Must(Libc.Unmount("/proc", Libc.MNT_DETACH), "unmount /proc in the image");
        Mount("proc", "/proc", "proc");
    }

    private static void Check(string root)
    {
        if (Libc.EffectiveUser() != 0)
            throw new InputException($"cannot enter {root} without the rights of root; run this with sudo");
        if (!Directory.Exists(root))
            throw new InputException($"cannot enter {root}: there is no such folder; mount the root file system of the image there");
        if (IsRootOfThisMachine(root))
            throw new InputException($"cannot enter {root}: it is the root file system of this machine, which is no image; leave --root out to deploy here");
        if (Needed.FirstOrDefault(folder => new DirectoryInfo(Path.Combine(root, folder)) is not { Exists: true, LinkTarget: null }) is { } missing)
            throw new InputException($"cannot enter {root}: it has no folder {missing}; mount the root file system of a Debian there");
        if (!File.Exists(Path.Combine(root, "usr/bin/apt-get")) || !File.Exists(Path.Combine(root, "var/lib/dpkg/status")))
            throw new InputException($"cannot enter {root}: it has no apt-get, or no status of dpkg; mount the root file system of a Debian there");
    }

    // By the folder itself and not by its name: a link or a bind mount leads there, too.
    private static bool IsRootOfThisMachine(string root)
    {
        using Descriptor folder = Descriptor.Open(root, Libc.O_RDONLY | Libc.O_DIRECTORY);
        using Descriptor own = Descriptor.Open("/", Libc.O_RDONLY | Libc.O_DIRECTORY);
        Libc.FileStatus there = folder.Status(), here = own.Status();
        return (there.DeviceMajor, there.DeviceMinor, there.Inode) == (here.DeviceMajor, here.DeviceMinor, here.Inode);
    }

    // Two in one image would each take the work of the other for what was cut off.
    private static Descriptor Lock(string root)
    {
        Descriptor folder = Descriptor.Open(root, Libc.O_RDONLY | Libc.O_DIRECTORY);
        if (Libc.FileLock(folder.Number, Libc.LOCK_EX | Libc.LOCK_NB) == 0 || Marshal.GetLastPInvokeError() != Libc.EAGAIN)
            return folder;
        folder.Dispose();
        throw new UpdateException(ExtendedResult.Busy, $"cannot deploy in {root}: another du-apt does already; {ExtendedResult.Busy.Remedy}");
    }

    // What every program may count on, and nothing of this machine that keeps what is written to it.
    private static void MountDevices(string folder)
    {
        Mount("tmpfs", folder, "tmpfs");
        File.SetUnixFileMode(folder, Executable);
        foreach (string device in Devices)
        {
            File.WriteAllBytes($"{folder}/{device}", []);
            Mount($"/dev/{device}", $"{folder}/{device}", null, Libc.MS_BIND);
        }

        Directory.CreateDirectory($"{folder}/pts");
        Mount("devpts", $"{folder}/pts", "devpts", 0, "newinstance,ptmxmode=0666,mode=0620"u8);
        Directory.CreateDirectory($"{folder}/shm");
        File.SetUnixFileMode($"{folder}/shm", ForAll);
        foreach ((string name, string target) in DeviceLinks)
            File.CreateSymbolicLink($"{folder}/{name}", target);
    }

    // Before there is a process namespace, which ends with its first process. The loader of the image says what it misses.
    private static void CheckProgram(string folder)
    {
        try
        {
            ChildProcess.RunToSuccess(Start(["--version"]), TimeSpan.FromMinutes(1), "it does not start");
        }
        catch (IOException e)
        {
            string why = e.Message[(e.Message.LastIndexOf('\n') + 1)..];
            throw new InputException(
                $"cannot run du-apt in {folder}: {why}; the image must be of this machine's architecture, with a C library not older than that of the machine "
                + "that built this du-apt; the one of the Debian package (scripts/build-deb.sh) needs that of Debian 11");
        }
    }

    private static ChildStart Start(IReadOnlyList<string> arguments)
    {
        List<string> environment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C.UTF-8"];
        foreach (string name in new[] { "TERM", "NO_COLOR" })
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
                environment.Add($"{name}={value}");
        }

        return new ChildStart("/proc/self/exe", arguments, environment);
    }

    private static void Cover(string image, string path, string source)
    {
        try
        {
            string target = TargetOf(path);
            if (!File.Exists(target))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.WriteAllBytes(target, []);
                File.SetUnixFileMode(target, Placeholder);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"cannot use the image {image}: nothing can be laid over {path} in it ({e.Message}); make that a file, or a link to one");
        }

        Mount(source, path, null, Libc.MS_BIND);
    }

    private static void Uncover(string path)
    {
        _ = Libc.Unmount(path, Libc.MNT_DETACH);
        try
        {
            if (new FileInfo(TargetOf(path)) is { Exists: true, Length: 0 } file && file.UnixFileMode == Placeholder)
                file.Delete();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What could not be covered was told already, and a placeholder that stays forbids nothing.
        }
    }

    // Resolved in the image: its links lead nowhere else.
    private static string TargetOf(string path) =>
        new FileInfo(path).LinkTarget is null ? path : File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;

    private static void Mount(string? source, string target, string? type, nuint flags = 0, ReadOnlySpan<byte> options = default)
    {
        fixed (byte* text = options)
            Must(Libc.Mount(source, target, type, flags, text), $"mount {source ?? target} at {target}");
    }

    private static void Must(int result, string what)
    {
        if (result != 0)
            throw new InputException($"cannot {what}: {Libc.Describe(Marshal.GetLastPInvokeError())}; run this as root, where mounting is allowed");
    }
}
