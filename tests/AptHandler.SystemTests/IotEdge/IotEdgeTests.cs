using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.IotEdge;

/// <summary>A device that runs IoT Edge, or is about to.</summary>
public abstract class IotEdgeTests(IotEdgePackages packages) : DeviceTests<IotEdgePackages>(packages)
{
    /// <summary>The cause of what apt cannot put together.</summary>
    protected const string Unmet = "0x30200301";

    /// <summary>What the operator of the device has written into the configuration of version 1.1.</summary>
    protected const string Provisioning = "device_connection_string: \"HostName=hub;DeviceId=pump\"";

    /// <summary>Installs version 1.1 as an operator does: configures it, and has it make its keys.</summary>
    protected void Provisioned(string version)
    {
        Root.Install($"iotedge={version}", $"libiothsm-std={version}");
        var configuration = Content(IotEdgePackages.OldConfiguration);
        configuration.Should().Contain(IotEdgePackages.NotProvisioned);
        File.WriteAllText(
            Root.At(IotEdgePackages.OldConfiguration),
            configuration.Replace(IotEdgePackages.NotProvisioned, Provisioning, StringComparison.Ordinal)
        );
        File.WriteAllText(Root.At("var/lib/iotedge/hsm/enc_keys/master"), "key\n");
    }

    /// <summary>Deploys, and has the question whether it is installed answered with yes.</summary>
    /// <returns>The manifest.</returns>
    protected string Deployed(params string[] words)
    {
        var manifest = Device.Manifest(words);
        var answer = Device.Run("deploy", manifest);
        answer.Cause.Should().Be((0, 700, "0x00000000"), answer.Details);
        Device.Run("is-installed", manifest).Cause.Should().Be((0, 900, "0x00000000"));
        return manifest;
    }

    /// <summary>Has the question answered with no.</summary>
    protected void NoLongerInstalled(string manifest, string reason)
    {
        var answer = Device.Run("is-installed", manifest);
        answer.Cause.Should().Be((1, 901, "0x00000000"));
        answer.Details.Should().Contain(reason);
    }

    /// <summary><c>iotedge config import</c>, however it ends.</summary>
    protected Outcome Import() =>
        Command.Run(
            Root.At("usr/bin/iotedge"),
            ["config", "import"],
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["DPKG_ROOT"] = Root.Location }
        );

    protected string?[] Installed(params string[] names) => Array.ConvertAll(names, Root.Installed);

    protected string Content(string path) => File.ReadAllText(Root.At(path));

    /// <summary>Packages, marks, and all that IoT Edge has on the device: files, links and folders.</summary>
    protected IReadOnlyList<string> Everything()
    {
        var roots = new[] { "etc", "usr", "lib", "var/lib/iotedge", "var/lib/aziot" }.Select(Root.At).Where(Directory.Exists);
        return
        [
            .. Root.Packages(),
            .. Root.AutoMarks(),
            .. roots
                .SelectMany(root => Directory.EnumerateFileSystemEntries(root, "*", SearchOption.AllDirectories))
                .Order(StringComparer.Ordinal)
                .Select(path => $"{path}: {new FileInfo(path).LinkTarget ?? (File.Exists(path) ? File.ReadAllText(path) : "")}"),
        ];
    }
}
