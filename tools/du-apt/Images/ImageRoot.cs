using System.Runtime.InteropServices;
using AptHandler.Authoring;
using AptHandler.CommandLine.Output;
using AptHandler.CommandLine.Shared;
using AptHandler.Files;
using AptHandler.Native;
using AptHandler.Processes;
using AptHandler.Results;

namespace AptHandler.CommandLine.Images;

/// <summary>
/// A mounted root file system of an image, in which this program continues, see <see cref="Confinement"/>. Only the changes of the update
/// stay in the image. The content of the image is treated as hostile: from outside, its files are reached only by <see cref="ImageTree"/>.
/// </summary>
internal sealed class ImageRoot : IDisposable
{
    /// <summary>The command that starts <see cref="Confinement"/>.</summary>
    public const string EnterCommand = "enter-image";

    /// <summary>The option of that command for keeping the network.</summary>
    public const string NetworkOption = "--network";

    /// <summary>The program that forbids starting services in the image.</summary>
    public const string Policy = "/usr/sbin/policy-rc.d";

    /// <summary>The file with the name servers of the image.</summary>
    public const string NameService = "/etc/resolv.conf";

    /// <summary>The folder for the files of this program in the image, on a <c>/run</c> that is in memory.</summary>
    public const string Space = "/run/du-apt-image";

    /// <summary>The program in the image.</summary>
    public const string Program = Space + "/du-apt";

    /// <summary>The manifest in the image.</summary>
    public const string Manifest = Space + "/manifest.json";

    /// <summary>
    /// The mode of an empty file that is made in the image as a mount point. Only its owner may read it, and nobody may execute it. If this
    /// program is killed and the file stays, it forbids nothing.
    /// </summary>
    public const uint OfPlaceholder = 0x180; // 0600

    private const long MostAtOnce = 1 << 20;

    // Only root may open this folder: a user who could open a lock file could lock everybody else out.
    private const string Locks = "/run/du-apt-images";

    private static readonly string[] Needed = ["dev", "etc", "proc", "run", "sys", "usr/bin", "usr/sbin"];

    private readonly string _folder;
    private readonly ImageTree _tree;
    private readonly Descriptor _lock;
    private readonly PassedSignals _signals = new();

    private ImageRoot(string folder, ImageTree tree, Descriptor held) => (_folder, _tree, _lock) = (folder, tree, held);

    /// <summary>Opens an image.</summary>
    /// <param name="folder">Where the root file system is mounted.</param>
    /// <exception cref="InputException">It cannot be entered; the message says why.</exception>
    /// <exception cref="UpdateException">Another process is using it.</exception>
    public static ImageRoot Open(string folder)
    {
        if (folder.Length == 0)
            throw new InputException(
                "cannot enter a folder without a name; name the one where the root file system of the image is mounted"
            );
        string root = Path.GetFullPath(folder);
        if (Libc.EffectiveUser() != 0)
            throw new InputException($"cannot enter {root} without the rights of root; run this with sudo");
        if (!Directory.Exists(root))
            throw new InputException($"cannot enter {root}: there is no such folder; mount the root file system of the image there");
        var tree = new ImageTree(Descriptor.Open(root, Libc.O_RDONLY | Libc.O_DIRECTORY));
        try
        {
            Check(root, tree);
            var image = new ImageRoot(root, tree, Lock(root, tree.Root.Status()));
            image.CheckProgram();
            return image;
        }
        catch
        {
            tree.Dispose();
            throw;
        }
    }

    /// <summary>Runs this program in the image.</summary>
    /// <param name="manifest">The content of the file <see cref="Manifest"/> in the image.</param>
    /// <param name="hasNetwork">Whether it has the network of this machine. If so, no script of a package may run.</param>
    /// <param name="asJson">Whether a failure to enter is reported in JSON.</param>
    /// <param name="arguments">Its arguments there. The program first calls <see cref="Arrive"/>.</param>
    /// <returns>Its exit status.</returns>
    public int Run(byte[] manifest, bool hasNetwork, bool asJson, IReadOnlyList<string> arguments)
    {
        List<string> words = [];
        if (hasNetwork)
            words.Add(NetworkOption);
        if (asJson)
            words.Add(SharedOptions.Json.Name);
        return Enter(manifest, [.. words, "--", .. arguments], error: null).Code ?? (int)UpdateOutcome.Failed;
    }

    /// <summary>The first thing that the program does in the image, where it is the first process.</summary>
    /// <exception cref="InputException">This is not the image.</exception>
    public static void Arrive()
    {
        if (Environment.ProcessId != 1 || Environment.ProcessPath != Program)
            throw new InputException(
                "cannot go on with deploy --root here: this is no image that it has entered; run du-apt deploy --root DIR"
            );
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _signals.Dispose();
        _lock.Dispose();
        _tree.Dispose();
    }

    private static void Check(string root, ImageTree tree)
    {
        // Compares the folders themselves and not their names, because a link or a bind mount can also lead to the root.
        using Descriptor own = Descriptor.Open("/", Libc.O_RDONLY | Libc.O_DIRECTORY);
        if (IdOf(tree.Root.Status()) == IdOf(own.Status()))
            throw new InputException(
                $"cannot enter {root}: it is the root file system of this machine, which is no image; leave --root out to deploy here"
            );
        if (Needed.FirstOrDefault(folder => tree.StatusOf(folder, followLinks: false) is not { IsFolder: true }) is { } missing)
            throw new InputException($"cannot enter {root}: it has no folder {missing}; mount the root file system of a Debian there");
        if (tree.StatusOf("usr/bin/apt-get") is null || tree.StatusOf("var/lib/dpkg/status") is null)
            throw new InputException(
                $"cannot enter {root}: it has no apt-get, or no status of dpkg; mount the root file system of a Debian there"
            );
    }

    private static (uint, uint, ulong) IdOf(Libc.FileStatus folder) => (folder.DeviceMajor, folder.DeviceMinor, folder.Inode);

    // Two runs in one image would each take the work of the other for an interrupted update.
    private static Descriptor Lock(string root, Libc.FileStatus folder)
    {
        const uint ForOwner = 0x180; // 0600
        const int ReadWrite = Libc.O_RDWR | Libc.O_CREAT;
        const UnixFileMode OwnerAlone = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        _ = Directory.CreateDirectory(Locks, OwnerAlone);
        if (Descriptor.StatusOf(Locks) is not { IsFolder: true, User: 0, IsWritableByOthers: false })
            throw new InputException($"cannot use {Locks} for locks: others than root could change it; remove it");
        string name = $"{folder.DeviceMajor}-{folder.DeviceMinor}-{folder.Inode}";
        var file = Descriptor.Open(Path.Combine(Locks, name), ReadWrite | Libc.O_NOFOLLOW, ForOwner);
        if (Libc.FileLock(file.Number, Libc.LOCK_EX | Libc.LOCK_NB) == 0 || Marshal.GetLastPInvokeError() != Libc.EAGAIN)
            return file;
        file.Dispose();
        throw new UpdateException(
            ExtendedResult.Busy,
            $"cannot deploy in {root}: another du-apt does already; {ExtendedResult.Busy.Remedy}"
        );
    }

    // Runs the program once in the image. If a library is missing, the loader of the image says so.
    private void CheckProgram()
    {
        const int LongestTalk = 1000;
        using var errors = Descriptor.InMemory("errors");
        ExitStatus exit = Enter([], ["--", "--version"], errors);
        if (exit.IsSuccess)
            return;
        string told = errors.ReadEnd(LongestTalk).Trim();
        string why = told[(told.LastIndexOf('\n') + 1)..].Replace("du-apt: ", "", StringComparison.Ordinal);
        throw new InputException(
            exit.Code == (int)UpdateOutcome.InvalidInput
                ? $"cannot use the image {_folder}: {why}"
                : $"cannot run du-apt in {_folder}: {(why.Length > 0 ? why : exit.ToString())}; the image must be of this machine's "
                    + "architecture, "
                    + "with a C library not older than that of the machine that built this du-apt; "
                    + "the one of the Debian package (scripts/build-deb.sh) needs that of Debian 11"
        );
    }

    // A thread can leave its process namespace only once, and the new one ends with its first process. So each run has its own thread.
    private ExitStatus Enter(byte[] manifest, IReadOnlyList<string> words, Descriptor? error)
    {
        using var input = Descriptor.InMemory("manifest");
        input.Write(manifest, "the manifest");
        ExitStatus exit = ExitStatus.Unknown;
        InputException? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                exit = Start(words, input, error);
            }
            catch (Exception e) when (e is IOException or InputException)
            {
                failure = new InputException(e.Message);
            }
        });
        thread.Start();
        thread.Join();
        Uncover(NameService);
        Uncover(Policy);
        return failure is null ? exit : throw failure;
    }

    private ExitStatus Start(IReadOnlyList<string> words, Descriptor input, Descriptor? error)
    {
        if (Libc.Unshare(Libc.CLONE_NEWPID) != 0)
        {
            throw new InputException(
                $"cannot leave the processes of this machine: {Libc.Describe(Marshal.GetLastPInvokeError())}; "
                    + "run this as root, where mounting is allowed"
            );
        }

        Descriptor.KeepFromChildren();
        List<string> environment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C.UTF-8"];
        foreach (string name in new[] { "TERM", "NO_COLOR" })
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
                environment.Add($"{name}={value}");
        }

        // The program must not get the terminal of the person who builds the image: a program of the image could read what is typed there.
        using var output = Descriptor.InMemory("output");
        using var told = Descriptor.InMemory("errors");
        var (lines, errors) = (new GrowingText(output), new GrowingText(told));
        using var child = ChildProcess.Spawn(
            new ChildStart("/proc/self/exe", [EnterCommand, .. words], environment)
            {
                Input = input.Number,
                Output = output.Number,
                Error = error?.Number ?? told.Number,
                Extra = _tree.Root.Number,
            }
        );
        return _signals.WaitFor(child, error is null ? Relay : () => { });

        void Relay()
        {
            lines.ReadLines(line => Terminal.Print(ShownText.Passage(line)), MostAtOnce);
            errors.ReadLines(line => Terminal.Tell(ShownText.Passage(line)), MostAtOnce);
        }
    }

    // Removes the placeholder. It is recognised by its mode and because it is empty: nobody else makes such a file there.
    private void Uncover(string path)
    {
        try
        {
            using Descriptor file = _tree.Open(path[1..], Libc.O_PATH);
            if (file.Status() is not { IsRegular: true, Size: 0, User: 0, Permissions: OfPlaceholder } made)
                return;
            string place = Path.GetRelativePath(NameOf(_tree.Root), NameOf(file));
            using Descriptor folder = _tree.Folder(Path.GetDirectoryName(place)!);
            using Descriptor there = _tree.Open(place, Libc.O_PATH, followLinks: false);
            if (IdOf(there.Status()) == IdOf(made))
                _ = Libc.UnlinkAt(folder.Number, Path.GetFileName(place), 0);
        }
        catch (IOException)
        {
            // Either the file is not there, or the image has something else there. In both cases nothing was mounted over it.
        }

        static string NameOf(Descriptor open) => new FileInfo($"/proc/self/fd/{open.Number}").LinkTarget ?? "";
    }
}
