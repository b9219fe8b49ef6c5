using System.Text.Json.Nodes;
using AptHandler.DeviceTests.Fixtures;
using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.DeviceTests;

/// <summary>
/// apt and dpkg of each release of Debian say what they do and why they fail in words of their own; the handler must understand all of
/// them.
/// </summary>
public sealed class AptReleaseTests
{
    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void Strict_dependencies_are_followed_up_and_down_and_what_is_named_is_marked_as_manual(string suite)
    {
        using var device = Device.Installed(suite);
        Deploy(device, "top=1.0").Cause.Should().Be((0, 700, "0x00000000"));
        Versions(device).Should().Be("top 1.0, mid 1.0, low 1.0-0; mid low automatic");
        Deploy(device, "top=2.0", "low=2.0").Cause.Should().Be((0, 700, "0x00000000"));
        Versions(device).Should().Be("top 2.0, mid 2.0, low 2.0; mid automatic");
        Deploy(device, "top=1.0").Details.Should().Contain("mid 1.0 (for top)");
        Versions(device).Should().Be("top 1.0, mid 1.0, low 1.0-0; mid automatic");
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void What_apt_cannot_or_must_not_do_is_refused_with_its_cause_and_changes_nothing(string suite)
    {
        using var device = Device.Installed(suite);
        device.Install("hello=1.0", "fan", "low=1.0-0", "settings=1.0");
        device.Run("apt-mark", "hold", "settings");
        var packages = device.Packages();
        foreach (
            var (words, cause, part) in new (string[], string, string)[]
            {
                (["hello=2.0"], "0x30200304", "fan"),
                (["settings=2.0"], "0x30200302", "settings"),
                (["hostname-"], "0x30200303", "hostname"),
                (["rival", "top"], "0x30200301", "rival"),
                (["nothing-like-it"], "0x30200100", "nothing-like-it"),
                (["lost"], "0x30200308", "lost"),
            }
        )
        {
            var answer = Deploy(device, words);
            answer.ExtendedResultCode.Should().Be(cause, answer.Details);
            answer.Details.Should().Contain(part);
        }

        device.Packages().Should().Be(packages);
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void A_lock_that_another_program_holds_for_too_long_is_told_with_its_holder(string suite)
    {
        using var device = Device.Installed(suite);
        device.Write("/etc/du-apt-handler/config.json", """{ "lockTimeoutSeconds": 1 }""");
        using var other = device.Start(["apt-get", "-q", "-y", "install", Published.Slow]);
        Wait.Until(() => device.Exists("/tmp/started"));
        var answer = Deploy(device, "hello=1.0");
        answer.Cause.Should().Be((3, 0, "0x30200305"), answer.Details);
        answer.Details.Should().Contain("lock");
        device.Write("/tmp/go", "");
        other.Wait();
        device.Version("hello").Should().BeNull();
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void An_interrupted_dpkg_and_a_broken_package_from_before_are_told(string suite)
    {
        using var device = Device.Installed(suite);
        device.Write("/var/lib/dpkg/updates/0001", "");
        Deploy(device, "obsolete").ExtendedResultCode.Should().Be("0x30200306");
        device.Run("dpkg", "--configure", "-a");

        device.Run("dpkg", "--unpack", $"{Device.Repository}/pool/hello_2.0_all.deb");
        Deploy(device, "obsolete").ExtendedResultCode.Should().Be("0x30200309");
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void A_full_disk_is_told_before_anything_is_changed(string suite)
    {
        using var device = Device.Installed(suite);
        device.Shell("mount -t tmpfs -o size=512k tmpfs /var/cache/apt/archives; mkdir /var/cache/apt/archives/partial");
        var answer = Deploy(device, "large");
        answer.Cause.Should().Be((1, 0, "0x30200307"), answer.Details);
        answer.Details.Should().Contain("/var/cache/apt/archives");
        device.Version("large").Should().BeNull();
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void A_changed_configuration_file_is_kept_and_not_asked_about(string suite)
    {
        using var device = Device.Installed(suite);
        device.Install("settings=1.0");
        device.Write("/etc/settings", "mine");
        Deploy(device, "settings=2.0").Cause.Should().Be((0, 700, "0x00000000"));
        device.Read("/etc/settings").Should().Be("mine");
        device.Version("settings").Should().Be("2.0");
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void The_repository_that_a_manifest_brings_is_read_with_its_key_by_apts_own_user_and_goes_with_the_update(string suite)
    {
        using var device = Device.Installed(suite);
        device.Shell("rm /etc/apt/sources.list.d/test.sources; apt-get -q update");
        device.Write("/etc/du-apt-handler/config.json", """{ "allowSources": "any" }""");
        var manifest = JsonNode.Parse(Manifests.Of("hello=1.0"))!;
        manifest["sources"] = new JsonObject { ["contoso"] = Published.Source };
        var agent = new DeviceAgent(device) { Manifest = manifest.ToJsonString() };
        agent.Run("deploy-and-ask").Call("IsInstalled").Result.Code.Should().Be(900);
        device.Version("hello").Should().Be("1.0");
        device.Rights("/etc/apt/sources.list.d/du-apt-contoso.sources").Should().Be("root:root 644");
        device.Run("apt-get", "-q", "update").Text.Should().Contain($"copy:{Device.Repository}").And.NotContain("W:");

        device.Run("du-apt", "restore");
        device.Version("hello").Should().BeNull();
        device.Run("apt-get", "-q", "update").Text.Should().NotContain(Device.Repository);

        using var another = new Repository();
        manifest["sources"]!["contoso"]!["signingKey"] = another.Package("other", "1").Index().ArmouredKey;
        var report = (agent with { Manifest = manifest.ToJsonString(), Id = "workflow-2", Criteria = "2.0" }).Run();
        report.Outcome!.Code.Should().Be(0);
        report.Details.Should().Contain("cannot take the source contoso");
        device.Exists("/etc/apt/sources.list.d/du-apt-contoso.sources").Should().BeFalse();
    }

    private static Answer Deploy(Device device, params string[] words)
    {
        device.Write("/tmp/manifest.json", Manifests.Of(words));
        return Answer.Of(device.Try("du-apt", "deploy", "--json", "--installed-criteria", string.Join(' ', words), "/tmp/manifest.json"));
    }

    private static string Versions(Device device) =>
        string.Join(", ", new[] { "top", "mid", "low" }.Select(name => $"{name} {device.Version(name)}"))
        + "; "
        + $"{string.Join(' ', new[] { "top", "mid", "low" }.Where(name => device.Run("apt-mark", "showauto", name).Output.Trim() == name))} "
        + "automatic";
}
