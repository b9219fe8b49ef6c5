using AptHandler.DeviceTests.Fixtures;
using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.DeviceTests;

/// <summary>What an operator does by hand on a device: du-apt as it is installed, with the device's own apt and dpkg.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [Trait("Also", "arm64")]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void An_update_is_planned_deployed_and_undone(string suite)
    {
        using var device = Device.Installed(suite);
        var before = device.Packages();
        var manifest = device.Write("/root/manifest.json", Manifests.Of("hello=2.0"));
        string[] changes = ["hello - -> 2.0", "world - -> 1:1.0-1"];
        using (var plan = Answer.Json(device.Run("du-apt", "plan", "--json", manifest)))
            Answer.Changes(plan.RootElement).Should().BeEquivalentTo(changes);
        Run(device, "is-installed", manifest).Cause.Should().Be((1, 901, "0x00000000"));
        device.Packages().Should().Be(before, "a plan changes nothing");

        var deployed = Run(device, "deploy", manifest);
        deployed.Cause.Should().Be((0, 700, "0x00000000"), deployed.Details);
        deployed.Packages.Should().BeEquivalentTo(changes);
        (device.Version("hello"), device.Version("world")).Should().Be(("2.0", "1:1.0-1"));
        Run(device, "is-installed", manifest).Cause.Should().Be((0, 900, "0x00000000"));

        var restored = Run(device, "restore");
        restored.Cause.Should().Be((0, 1100, "0x00000000"), restored.Details);
        restored.Details.Should().EndWith("the device is as it was before");
        device.Packages().Should().Be(before);
        Run(device, "is-installed", manifest).Cause.Should().Be((1, 901, "0x00000000"));
    }

    [Theory]
    [Trait("Also", "arm64")]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void An_update_that_fails_leaves_the_device_as_it_was(string suite)
    {
        using var device = Device.Installed(suite);
        var before = device.Packages();
        var answer = Run(device, "deploy", device.Write("/root/manifest.json", Manifests.Of("top=2.0", "bad=1.0")));
        answer.Cause.Should().Be((1, 0, "0x30200200"), answer.Details);
        answer.Details.Should().Contain("a maintainer script of bad failed").And.EndWith("the device is as it was before");
        device.Packages().Should().Be(before);
    }

    [Theory]
    [Trait("Also", "arm64")]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void An_update_that_was_killed_with_apt_and_dpkg_is_brought_to_its_end(string suite)
    {
        using var device = Device.Installed(suite);
        var manifest = device.Write("/root/manifest.json", Manifests.Of("hello=1.0", $"{Published.Slow}=1.0"));
        using (var running = device.Start(["du-apt", "deploy", manifest]))
        {
            Wait.Until(() => device.Exists("/tmp/started"));
            device.Shell(
                """
                all() { grep -lx "$@" /proc/[0-9]*/comm | cut -d / -f 3; }
                below=$(all -e apt-get -e dpkg -e slow.postinst)
                kill -STOP $below
                kill -KILL $(all -e du-apt) $below
                touch /tmp/go
                """
            );
            running.Wait().ExitStatus.Should().Be(128 + RunningCommand.Kill);
        }

        device.Status(Published.Slow).Should().Be("install ok half-configured", "else nothing is tested here");
        var answer = Run(device, "recover");
        answer.Cause.Should().Be((0, 1200, "0x00000000"), answer.Details);
        (device.Version("hello"), device.Version(Published.Slow)).Should().Be(("1.0", "1.0"));
        device.Run("dpkg", "--audit").Output.Should().BeEmpty();
    }

    private static Answer Run(Device device, string command, params IEnumerable<string> words) =>
        Answer.Of(device.Try("du-apt", [command, "--json", .. words]));
}
