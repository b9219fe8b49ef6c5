using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.IotEdge;

/// <summary>
/// The packages of Azure IoT Edge 1.1 and 1.2 as its page on packaging describes them: names, relations, files and configuration files are
/// real, what the files hold is not.
/// </summary>
/// <remarks>
/// The conflict goes both ways and nothing says Replaces: with it dpkg would take the old packages away by itself. The runtime depends on
/// exactly one version of the identity service, not always on the one with its own number; the daemon of 1.1 is content with any library
/// after 1.0.4.
/// </remarks>
public sealed class IotEdgePackages() : PublishedPackages(Publish)
{
    /// <summary>The configuration of version 1.1.</summary>
    public const string OldConfiguration = "etc/iotedge/config.yaml";

    /// <summary>What <c>iotedge config import</c> makes of it.</summary>
    public const string NewConfiguration = "etc/aziot/config.toml";

    /// <summary>The line of the configuration that makes a device that of somebody.</summary>
    public const string NotProvisioned = "device_connection_string: \"\"";

    private static readonly string[] Identities = ["certd", "identityd", "keyd", "tpmd"];

    // A stand-in: all that is asked of it here is that it can still read what version 1.1 was told.
    private const string ConfigImport = """
        #!/bin/sh
        set -e
        [ "$1 $2" = "config import" ] || { echo "usage: iotedge config import" >&2; exit 2; }
        old=$DPKG_ROOT/etc/iotedge/config.yaml
        [ -f "$old" ] || { echo "cannot import: $old is not there" >&2; exit 1; }
        { echo "[provisioning]"; sed -n 's/^  \([a-z_]*\): *\(".*"\)$/\1 = \2/p' "$old"; } >"$DPKG_ROOT/etc/aziot/config.toml"
        """;

    private static void Publish(Repository repository)
    {
        repository
            .Package("moby-engine", "20.10.3+azure-1", architecture: "amd64", file: "/usr/bin/dockerd=daemon")
            .Package("openssl", "1.1.1k-1", architecture: "amd64");
        foreach (var version in new[] { "1.1.0-1", "1.1.4-1" })
        {
            PublishLibrary(repository, version);
            PublishDaemon(repository, version);
        }

        foreach (var version in new[] { "1.2.0-1", "1.2.3-1", "1.2.5-1" })
            PublishIdentityService(repository, version);
        PublishRuntime(repository, "1.2.0-1", identityService: "1.2.0-1");
        PublishRuntime(repository, "1.2.3-1", identityService: "1.2.3-1");
        PublishRuntime(repository, "1.2.7-1", identityService: "1.2.5-1");
    }

    private static void PublishLibrary(Repository repository, string version) =>
        repository
            .Package(
                "libiothsm-std",
                version,
                depends: "openssl",
                architecture: "amd64",
                fields: "Conflicts: aziot-edge, aziot-identity-service"
            )
            .WithFile("/usr/lib/libiothsm.so", version);

    private static void PublishDaemon(Repository repository, string version)
    {
        repository
            .Package(
                "iotedge",
                version,
                depends: "libiothsm-std (>> 1.0.4), moby-engine, openssl",
                architecture: "amd64",
                fields: "Conflicts: aziot-edge, aziot-identity-service",
                postinst: Make("iotedge/hsm/certs", "iotedge/hsm/cert_keys", "iotedge/hsm/enc_keys"),
                postrm: WhenPurged("var/lib/iotedge", "etc/iotedge")
            )
            .WithConffile("/etc/iotedge/config.yaml", $"# {version}\nprovisioning:\n  source: \"manual\"\n  {NotProvisioned}")
            .WithFile("/usr/bin/iotedge", version)
            .WithFile("/usr/bin/iotedged", version);
        foreach (var unit in new[] { "iotedge.service", "iotedge.socket", "iotedge.mgmt.socket" })
            repository.WithFile($"/lib/systemd/system/{unit}", version);
    }

    private static void PublishIdentityService(Repository repository, string version)
    {
        repository
            .Package(
                "aziot-identity-service",
                version,
                depends: "openssl",
                architecture: "amd64",
                fields: "Conflicts: iotedge, libiothsm-std",
                postinst: Make("aziot/certd/certs", "aziot/identityd", "aziot/keyd/keys"),
                postrm: WhenPurged("var/lib/aziot/certd", "var/lib/aziot/identityd", "var/lib/aziot/keyd")
            )
            .WithConffile("/etc/aziot/config.toml.template", $"# {version}")
            .WithFile("/usr/bin/aziotctl", version)
            .WithFile("/usr/lib/libaziot_keys.so", version)
            .WithFile("/usr/libexec/aziot-identity-service/aziotd", version);
        foreach (var daemon in Identities)
        {
            repository
                .WithConffile($"/etc/aziot/{daemon}/config.toml.default", $"# {daemon} {version}")
                .WithLink($"/usr/libexec/aziot-identity-service/aziot-{daemon}", "aziotd")
                .WithFile($"/lib/systemd/system/aziot-{daemon}.service", version)
                .WithFile($"/lib/systemd/system/aziot-{daemon}.socket", version);
        }
    }

    private static void PublishRuntime(Repository repository, string version, string identityService)
    {
        repository
            .Package(
                "aziot-edge",
                version,
                depends: $"aziot-identity-service (= {identityService}), moby-engine, openssl",
                architecture: "amd64",
                fields: "Conflicts: iotedge, libiothsm-std",
                postinst: Make("aziot/edged"),
                postrm: WhenPurged("var/lib/aziot/edged", "etc/aziot/config.toml")
            )
            .WithConffile("/etc/aziot/config.toml.edge.template", $"# {version}")
            .WithConffile("/etc/aziot/edged/config.toml.default", $"# edged {version}")
            .WithFile("/usr/bin/iotedge", ConfigImport)
            .WithFile("/usr/libexec/aziot/aziot-edged", version);
        foreach (var unit in new[] { "aziot-edged.service", "aziot-edged.mgmt.socket", "aziot-edged.workload.socket" })
            repository.WithFile($"/lib/systemd/system/{unit}", version);
    }

    private static string Make(params string[] homes) => string.Join('\n', homes.Select(home => $"mkdir -p \"$DPKG_ROOT/var/lib/{home}\""));

    private static string WhenPurged(params string[] paths) =>
        $"if [ \"$1\" = purge ]; then\n{string.Join('\n', paths.Select(path => $"rm -rf \"$DPKG_ROOT/{path}\""))}\nfi";
}
