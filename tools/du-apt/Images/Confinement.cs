using System.Runtime.InteropServices;
using System.Text;
using AptHandler.Authoring;
using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.CommandLine.Images;

/// <summary>
/// Moves this program into an image and cuts it off from the machine. By then the program is the first process in a process namespace. It
/// gets mounts, a host name and shared memory of its own, and a network of its own except for fetching. It makes the mounts that maintainer
/// scripts expect. Only then does it become the program in the image, without the capabilities that reach the machine. Nothing of the image
/// runs before that, and all of this ends with the program.
/// <para>
/// No existing tool does all of this: bubblewrap follows links of the image when it mounts, systemd-nspawn needs systemd and its groups,
/// and unshare(1) changes the root by chroot alone.
/// </para>
/// </summary>
internal static unsafe class Confinement
{
    /// <summary>The file descriptor on which the program gets the root folder of the image.</summary>
    public const int RootDescriptor = 3;

    private const nuint NoDevices = Libc.MS_NOSUID | Libc.MS_NODEV;
    private const UnixFileMode Executable = (UnixFileMode)0x1ED; // 0755
    private const UnixFileMode ForAll = (UnixFileMode)0x3FF; // 1777
    private const int LargestNameService = 1 << 20;

    // The mounts of this process are its own: no other process sees what is mounted over this folder.
    private const string Place = "/tmp";

    private static readonly string[] Devices = ["full", "null", "random", "tty", "urandom", "zero"];
    private static readonly Dictionary<string, string> DeviceLinks = new(StringComparer.Ordinal)
    {
        ["fd"] = "/proc/self/fd",
        ["stdin"] = "/proc/self/fd/0",
        ["stdout"] = "/proc/self/fd/1",
        ["stderr"] = "/proc/self/fd/2",
        ["ptmx"] = "pts/ptmx",
    };

    private static ReadOnlySpan<byte> NoService => "#!/bin/sh\n# No service of an image is started while it is built.\nexit 101\n"u8;

    /// <summary>Becomes the program in the image. It does not return.</summary>
    /// <param name="manifest">The content of the file <see cref="ImageRoot.Manifest"/> in the image.</param>
    /// <param name="hasNetwork">Whether it keeps the network of this machine.</param>
    /// <param name="arguments">Its arguments there.</param>
    /// <exception cref="InputException">The image cannot be entered; the message says why.</exception>
    /// <exception cref="IOException">The program does not start there.</exception>
    public static void Enter(byte[] manifest, bool hasNetwork, IReadOnlyList<string> arguments)
    {
        const int ParentDeathSignal = 1;
        if (Environment.ProcessId != 1)
            throw new InputException(
                "cannot enter an image here: this is no process that deploy --root has started; run du-apt deploy --root DIR"
            );
        _ = Libc.ProcessControl(ParentDeathSignal, Libc.SIGKILL, 0, 0, 0);
        byte[]? nameService = File.Exists(ImageRoot.NameService)
            ? BoundedFile.Read(ImageRoot.NameService, LargestNameService, followLinks: true)
            : null;

        using var image = new ImageTree(Detach(hasNetwork));
        Mount("proc", image.Folder("proc"), "proc", Libc.MS_RDONLY | Libc.MS_NOEXEC | NoDevices);
        Mount("sysfs", image.Folder("sys"), "sysfs", Libc.MS_RDONLY | Libc.MS_NOEXEC | NoDevices);
        MountDevices(image);
        Mount("tmpfs", image.Folder("run"), "tmpfs", NoDevices);
        using Descriptor run = image.Folder("run");
        string space = MakeSpace(PathOf(run));
        Write(space, Path.GetFileName(ImageRoot.Program), File.ReadAllBytes("/proc/self/exe"));
        Write(space, Path.GetFileName(ImageRoot.Manifest), manifest);
        Cover(image, ImageRoot.Policy, Write(space, "policy-rc.d", NoService));
        if (nameService is not null)
            Cover(image, ImageRoot.NameService, Write(space, "resolv.conf", nameService));

        Must(Libc.ChangeFolder(image.Root.Number), "enter the folder of the image");
        ChangeRoot();
        Descriptor.KeepFromChildren();
        Must(SystemCalls.Restrict() ? 0 : -1, "restrict system calls");
        Must(Capabilities.Shed() ? 0 : -1, "give up capabilities");
        byte** words = NativeStrings.Copy([ImageRoot.Program, .. arguments]);
        _ = Libc.Execute(words[0], words);
        throw new IOException($"it does not start: {Libc.Describe(Marshal.GetLastPInvokeError())}");
    }

    // Copies the image's mounts, without access to devices, and places the copy in a mount namespace of our own.
    private static Descriptor Detach(bool hasNetwork)
    {
        using var folder = new Descriptor(RootDescriptor);
        var mounts = new Descriptor(Libc.CopyMounts(folder.Number));
        Must(mounts.Number, "copy the mounts of the image");
        var attributes = new Libc.MountAttributes { Set = Libc.MOUNT_ATTR_NODEV, Propagation = Libc.MS_PRIVATE };
        Must(Libc.SetMountAttributes(mounts.Number, &attributes), "forbid devices in the image (mount_setattr, Linux 5.12)");

        int spaces = Libc.CLONE_NEWNS | Libc.CLONE_NEWUTS | Libc.CLONE_NEWIPC | Libc.CLONE_NEWCGROUP | (hasNetwork ? 0 : Libc.CLONE_NEWNET);
        Must(Libc.Unshare(spaces), "leave the mounts and the network of this machine");
        Must(Libc.Mount(null, "/", null, Libc.MS_REC | Libc.MS_PRIVATE, null), "keep mounts from this machine");
        if (!hasNetwork)
            RaiseLoopback();
        fixed (byte* place = Encoding.UTF8.GetBytes($"{Place}\0"))
            Must(Libc.PlaceMounts(mounts.Number, place), "place the mounts of the image");
        return mounts;
    }

    private static void ChangeRoot()
    {
        if (Libc.PivotRoot(".", ".") == 0)
        {
            Must(Libc.Unmount(".", Libc.MNT_DETACH), "leave the root of this machine");
            return;
        }

        // pivot_root(2) fails if the root of this machine is a chroot itself, or is in the memory that it was booted from. Then the image
        // is mounted over it, and nothing in the image may change the root again.
        Mount(".", "/", null, Libc.MS_MOVE);
        Must(Libc.ChangeRoot("."), "change the root");
    }

    // Programs may rely on 127.0.0.1, even without a network.
    private static void RaiseLoopback()
    {
        const int Internet = 2,
            Datagram = 2,
            SetFlags = 0x8914; // AF_INET, SOCK_DGRAM, SIOCSIFFLAGS
        const short Up = 1; // IFF_UP
        using var socket = new Descriptor(Libc.Socket(Internet, Datagram, 0));
        var request = new Libc.InterfaceRequest { Flags = Up };
        request.Name[0] = (byte)'l';
        request.Name[1] = (byte)'o';
        _ = Libc.InterfaceControl(socket.Number, SetFlags, &request);
    }

    // Mounts what every program may rely on, but nothing of this machine that stores what is written to it.
    private static void MountDevices(ImageTree image)
    {
        Mount("tmpfs", image.Folder("dev"), "tmpfs", Libc.MS_NOEXEC | NoDevices);
        using Descriptor folder = image.Folder("dev");
        string path = PathOf(folder);
        File.SetUnixFileMode(path, Executable);
        foreach (string device in Devices)
        {
            File.WriteAllBytes($"{path}/{device}", []);
            Mount($"/dev/{device}", $"{path}/{device}", null, Libc.MS_BIND);

            // This is the machine's own device file: its owner and mode must not change. Writing to the device still works.
            const nuint Unchanging = Libc.MS_REMOUNT | Libc.MS_BIND | Libc.MS_RDONLY | Libc.MS_NOSUID | Libc.MS_NOEXEC;
            Mount(device, $"{path}/{device}", null, Unchanging);
        }

        Directory.CreateDirectory($"{path}/pts");
        Mount("devpts", $"{path}/pts", "devpts", Libc.MS_NOSUID | Libc.MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620"u8);
        Directory.CreateDirectory($"{path}/shm");
        File.SetUnixFileMode($"{path}/shm", ForAll);
        foreach ((string name, string target) in DeviceLinks)
            File.CreateSymbolicLink($"{path}/{name}", target);
    }

    // The image's /run is in memory and holds this program and its files. Programs in the image cannot reach the machine's own copies.
    private static string MakeSpace(string run)
    {
        File.SetUnixFileMode(run, Executable);
        Directory.CreateDirectory($"{run}/lock");
        File.SetUnixFileMode($"{run}/lock", ForAll);
        return Directory.CreateDirectory($"{run}/{Path.GetFileName(ImageRoot.Space)}").FullName;
    }

    private static string Write(string folder, string name, ReadOnlySpan<byte> content)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllBytes(path, content);
        File.SetUnixFileMode(path, Executable);
        return path;
    }

    private static void Cover(ImageTree image, string path, string source)
    {
        try
        {
            using Descriptor target = OpenOrMake(image, path.TrimStart('/'));
            if (!target.Status().IsRegular)
                throw new IOException("it is no file");
            Mount(source, PathOf(target), null, Libc.MS_BIND);
        }
        catch (IOException e)
        {
            throw new InputException($"nothing can be laid over {path} in it ({e.Message}); make that a file, or a link to one");
        }
    }

    private static Descriptor OpenOrMake(ImageTree image, string path)
    {
        try
        {
            return image.Open(path, Libc.O_PATH);
        }
        catch (FileNotFoundException)
        {
            MakeFolderInRun(image, path);
            return image.Open(path, Libc.O_WRONLY | Libc.O_CREAT, ImageRoot.OfPlaceholder);
        }
    }

    // A link may lead to a file that a service makes when it runs, such as one in /run/systemd/resolve. /run holds nothing of the image.
    private static void MakeFolderInRun(ImageTree image, string path)
    {
        const string Run = "/run/";
        using Descriptor folder = image.Folder(Path.GetDirectoryName(path)!);
        string? link = new FileInfo($"{PathOf(folder)}/{Path.GetFileName(path)}").LinkTarget;
        string target = link is null ? "" : Path.GetFullPath(link, $"/{Path.GetDirectoryName(path)}");
        if (!target.StartsWith(Run, StringComparison.Ordinal))
            return;
        using Descriptor run = image.Folder("run");
        Directory.CreateDirectory($"{PathOf(run)}/{Path.GetDirectoryName(target)![(Run.Length - 1)..]}");
    }

    private static void Mount(string source, Descriptor target, string type, nuint flags)
    {
        using (target)
            Mount(source, PathOf(target), type, flags);
    }

    private static void Mount(string source, string target, string? type, nuint flags, ReadOnlySpan<byte> options = default)
    {
        fixed (byte* text = options)
            Must(Libc.Mount(source, target, type, flags, text), $"mount {source}");
    }

    // The exact file that was opened, even if its name leads to another file by now.
    private static string PathOf(Descriptor file) => $"/proc/self/fd/{file.Number}";

    private static void Must(int result, string what)
    {
        if (result < 0)
            throw new InputException(
                $"cannot {what}: {Libc.Describe(Marshal.GetLastPInvokeError())}; run this as root, where mounting is allowed"
            );
    }
}
