using System.Diagnostics;
using AptHandler.DeviceTests.Fixtures;

namespace AptHandler.DeviceTests.FixtureTests;

/// <summary>The stand-in for adu-shell must not be kinder than the original: what a test proves through it would prove nothing.</summary>
public sealed class AduShellTests
{
    private const string Execute =
        "adu-shell --config-folder /etc/adu --update-type microsoft/script --update-action execute --target-data";

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void It_makes_root_of_adu_and_passes_input_environment_arguments_and_status_but_not_the_group(string suite)
    {
        using var device = WithAgent(suite);
        Program(device, "id -u -r; id -u; id -g -n; cat; printf '<%s>' \"$@\"; env; exit 7");
        var outcome = device.ShellAsAgent(
            $"echo words | APT_CONFIG=/tmp/evil LD_PRELOAD=/none.so {Execute} /tmp/program --target-options 'a b' --target-options "
                + "-c 2>/dev/null"
        );
        outcome.ExitStatus.Should().Be(7);
        outcome.Output.Should().StartWith("0\n0\nadu\nwords\n<a b><-c>").And.Contain("APT_CONFIG=/tmp/evil").And.NotContain("LD_PRELOAD");
        device.Rights("/tmp/program").Should().Be("root:root 750", "it sets the mode of what it runs");
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void It_shows_nothing_and_does_not_end_while_anybody_holds_the_output(string suite)
    {
        using var device = WithAgent(suite);
        Program(device, "echo first; sleep 1.5 &");
        var watch = Stopwatch.StartNew();
        device.ShellAsAgent($"{Execute} /tmp/program").Output.Should().Be("first\n");
        watch.Elapsed.Should().BeGreaterThan(TimeSpan.FromSeconds(1.4));
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void Others_than_adu_cannot_use_it(string suite)
    {
        using var device = WithAgent(suite);
        Program(device, "touch /tmp/done");
        device
            .Try("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "sh", "-c", $"{Execute} /tmp/program")
            .ExitStatus.Should()
            .BeOneOf(126, 127);
        // In the group, but not trusted.
        var outcome = device.Try("setpriv", "--reuid=nobody", "--regid=adu", "--clear-groups", "sh", "-c", $"{Execute} /tmp/program");
        outcome.Text.Should().Contain("not trusted");
        device.Exists("/tmp/done").Should().BeFalse();
    }

    private static Device WithAgent(string suite)
    {
        var device = Device.Bare(suite);
        device.Install($"{Published.Agent}={Published.AgentVersion}");
        return device;
    }

    private static void Program(Device device, string commands)
    {
        device.Write("/tmp/program", $"#!/bin/sh\n{commands}\n");
        device.Run("chmod", "0755", "/tmp/program");
    }
}
