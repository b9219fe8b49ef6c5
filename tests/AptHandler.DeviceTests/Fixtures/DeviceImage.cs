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

    private readonly RunningCommand _holder = new(
        "unshare", ["--mount", "--propagation", "private", "sh", "-ec", "mount -t tmpfs -o mode=0755 tmpfs /mnt; mkdir /mnt/image /mnt/device; echo ready; exec cat"]);

    private DeviceImage(string suite, bool isInstalled)
    {
        _holder.WaitForText("ready");
        Debian = Command.Run(SourceTree.Script("device-root.sh"), [suite], timeout: TimeSpan.FromMinutes(10))
            .Succeeded($"make a root of {suite}").Output.Trim();
        using var device = Device.Prepare(this);
        device.Write("/etc/apt/sources.list.d/test.sources", $"""
            Types: deb
            URIs: copy:{Device.Repository}
            Suites: stable
            Components: main
            Signed-By: {Device.Repository}/key.gpg

            """);
        device.Run("apt-get", "-q", "--error-on=any", "update");
        if (isInstalled)
            device.Install($"{Published.Agent}={Published.AgentVersion}", $"{Published.Product}={Published.ProductVersion}");
    }

    /// <summary>The folder of the release, which nobody writes to.</summary>
    internal string Debian { get; }

    /// <summary>Its mount namespace holds what was changed, in /mnt/image, and a place for a device, /mnt/device.</summary>
    internal int Holder => _holder.ProcessId;

    /// <summary>A machine that knows the repository of the tests, and has none of its packages.</summary>
    public static DeviceImage Bare(string suite) => Of(suite, isInstalled: false);

    /// <summary>The same with the agent and this product.</summary>
    public static DeviceImage Installed(string suite) => Of(suite, isInstalled: true);

    public void Dispose() => _holder.Dispose();

    private static DeviceImage Of(string suite, bool isInstalled) =>
        Images.GetOrAdd((suite, isInstalled), key => new Lazy<DeviceImage>(() => new DeviceImage(key.Suite, key.IsInstalled))).Value;
}
