using System.Collections.Concurrent;
using AptHandler.SystemTests.Fixtures;

namespace AptHandler.DeviceTests.Fixtures;

/// <summary>
/// What a device begins with: a minimal Debian and, in memory, what was changed in it once for all tests.
/// It ends with the process of the tests.
/// </summary>
public sealed class DeviceImage : IDisposable
{
    private static readonly ConcurrentDictionary<(string Suite, bool IsInstalled), Lazy<DeviceImage>> Images = new();

    private static readonly Lazy<DeviceImage> OfDebian = new(() =>
        new DeviceImage("bookworm", isInstalled: true, Run("device-packages.sh"))
    );

    private const string Hold = "mount -t tmpfs -o mode=0755 tmpfs /mnt; mkdir /mnt/image /mnt/device; echo ready; exec cat";

    private readonly RunningCommand _holder = Architecture.IsEmulated
        ? new RunningCommand(SourceTree.Script("emulate.sh"), [Architecture.Name, "sh", "-ec", Hold])
        : new RunningCommand("unshare", ["--mount", "--propagation", "private", "sh", "-ec", Hold]);

    private DeviceImage(string suite, bool isInstalled, string? packages = null)
    {
        _holder.WaitForText("ready");
        var root = Run("device-root.sh", suite, Architecture.Name);
        Layers = packages is null ? root : $"{packages}:{root}";
        using var device = Device.Prepare(this);
        AddSource(device, "test", Device.Repository);
        if (packages is not null)
            AddSource(device, "debian", "/opt/debian");
        device.Run("apt-get", "-q", "--error-on=any", "update");
        if (isInstalled)
            device.Install($"{Published.Agent}={Published.AgentVersion}", $"{Published.Product}={Published.ProductVersion}");
    }

    /// <summary>The folder of the release, perhaps with another one laid over it. Nobody writes to them.</summary>
    internal string Layers { get; }

    /// <summary>Its mount namespace holds what was changed, in /mnt/image, and a place for a device, /mnt/device.</summary>
    internal int Holder => _holder.ProcessId;

    /// <summary>A machine that knows the repository of the tests, and has none of its packages.</summary>
    public static DeviceImage Bare(string suite) => Of(suite, isInstalled: false);

    /// <summary>The same with the agent and this product.</summary>
    public static DeviceImage Installed(string suite) => Of(suite, isInstalled: true);

    /// <summary>One of Debian 12 that is installed, and knows the packages that <c>device-packages.sh</c> has fetched as well.</summary>
    public static DeviceImage WithDebian() => OfDebian.Value;

    public void Dispose() => _holder.Dispose();

    private static string Run(string script, params IEnumerable<string> arguments) =>
        Command.Run(SourceTree.Script(script), arguments, timeout: TimeSpan.FromMinutes(10)).Succeeded($"run {script}").Output.Trim();

    private static void AddSource(Device device, string name, string repository) =>
        device.Write(
            $"/etc/apt/sources.list.d/{name}.sources",
            $"""
            Types: deb
            URIs: copy:{repository}
            Suites: stable
            Components: main
            Signed-By: {repository}/key.gpg

            """
        );

    private static DeviceImage Of(string suite, bool isInstalled) =>
        Images.GetOrAdd((suite, isInstalled), key => new Lazy<DeviceImage>(() => new DeviceImage(key.Suite, key.IsInstalled))).Value;
}
