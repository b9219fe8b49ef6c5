using AptHandler.DeviceTests.Fixtures;
using AptHandler.SystemTests.Fixtures;

namespace AptHandler.DeviceTests.VirtualMachine;

/// <summary>
/// What every virtual machine begins with: a disk with a Debian, the agent and this product. It is made once for all tests.
/// </summary>
internal static class MachineDisk
{
    private static readonly Lazy<(string Kernel, TemporaryFolder Folder)> Made = new(Make);

    /// <summary>The kernel, which the emulator loads by itself.</summary>
    public static string Kernel => Made.Value.Kernel;

    /// <summary>The file of the disk, for <see cref="Copy"/>.</summary>
    public static string Original => In(Made.Value.Folder);

    /// <summary>Makes a disk like another one.</summary>
    public static void Copy(string disk, string file) =>
        Command.Run("cp", ["--reflink=auto", "--sparse=always", disk, file]).Succeeded("copy a disk");

    private static (string Kernel, TemporaryFolder Folder) Make()
    {
        Command
            .Run("bash", ["-ec", $". {SourceTree.Script("needs.sh")}; need {Emulator.Package} e2fsprogs util-linux"])
            .Succeeded("install the emulator");
        var root = Command
            .Run(SourceTree.Script("vm-image.sh"), ["bookworm", Architecture.Name], timeout: TimeSpan.FromMinutes(10))
            .Succeeded("make a Debian with systemd")
            .Output.Trim();
        var folder = new TemporaryFolder("disk");
        TemporaryFolder.RemoveAtTheEnd(folder);
        string[] packages = [$"{Published.Agent}={Published.AgentVersion}", $"{Published.Product}={Published.ProductVersion}"];
        var script = Path.Combine(AppContext.BaseDirectory, "VirtualMachine", "Guest", "make-disk.sh");
        string[] words = ["--mount", "--pid", "--fork", "--kill-child", script, root, Published.Folder, In(folder), .. packages];
        var made = Architecture.IsEmulated
            ? Command.Run(SourceTree.Script("emulate.sh"), [Architecture.Name, "unshare", .. words], timeout: TimeSpan.FromMinutes(10))
            : Command.Run("unshare", words);
        made.Succeeded("make the disk of a virtual machine");
        return (Path.Combine(root, "boot", "vmlinuz"), folder);
    }

    private static string In(TemporaryFolder folder) => Path.Combine(folder, "disk.img");
}
