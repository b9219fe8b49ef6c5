using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Updates;

/// <summary>Other programs at work on the device.</summary>
public sealed class LockTests(LockTests.Published packages) : DeviceTests<LockTests.Published>(packages)
{
    private static readonly TimeSpan AWhile = TimeSpan.FromSeconds(1.2);

    [Theory]
    [InlineData(AptLock.DpkgFrontend)]
    [InlineData(AptLock.Dpkg)]
    [InlineData(AptLock.Lists)]
    [InlineData(AptLock.Archives)]
    public void A_lock_that_is_given_back_is_waited_for(AptLock which)
    {
        using var held = Root.HoldLock(which, AWhile);
        Device.Deployed("foo");
        Root.Installed("foo").Should().Be("1");
    }

    [Theory]
    [InlineData(AptLock.DpkgFrontend)]
    [InlineData(AptLock.Dpkg)]
    [InlineData(AptLock.Archives)]
    public void A_lock_that_is_not_given_back_in_time_is_worth_another_try_and_its_holder_is_named(AptLock which)
    {
        Device.Configure("lockTimeoutSeconds", 1);
        using (var held = Root.HoldLock(which))
        {
            var answer = Device.Refused(3, "0x30200305", "foo");
            answer.Details.Should().Contain(held.Path).And.Contain($"{held.ProcessId}").And.Contain("hold-lock");
        }

        Device.Deployed("foo");
    }

    [Fact]
    public void Lists_that_cannot_be_locked_are_used_as_they_are()
    {
        Root.AptGet("update");
        Device.Configure("lockTimeoutSeconds", 1);
        using var held = Root.HoldLock(AptLock.Lists);
        Device.Deployed("foo");
    }

    [Fact]
    public void Lists_that_cannot_be_locked_and_are_missing_are_told()
    {
        Device.Configure("lockTimeoutSeconds", 0);
        using var held = Root.HoldLock(AptLock.Lists);
        var answer = Device.Refused(3, "0x30200305", "foo");
        answer.Details.Should().Contain("foo").And.Contain(held.Path);
    }

    [Fact]
    public void Waiting_can_be_cancelled()
    {
        using var held = Root.HoldLock(AptLock.DpkgFrontend);
        var before = Device.State;
        using var running = Device.Start("deploy", Device.Manifest("foo"));
        running.WaitForText($"Could not get lock {held.Path}");
        running.Signal(RunningCommand.Terminate);
        var outcome = running.Wait();
        outcome.ExitStatus.Should().Be(4);
        outcome.Output.Should().StartWith("download -1");
        Device.State.Should().Be(before);
    }

    [Fact]
    public void Two_updates_at_once_take_turns()
    {
        using var first = Device.Start("deploy", Device.Manifest("foo"));
        using var second = Device.Start("deploy", Device.Manifest("bar"));
        using var third = Device.Start("deploy", Device.Manifest("baz"));
        foreach (var running in new[] { first, second, third })
        {
            var outcome = running.Wait();
            outcome.ExitStatus.Should().Be(0, outcome.Text);
        }

        Root.Packages().Should().Equal("bar 1 installed", "baz 1 installed", "foo 1 installed");
        foreach (var number in new[] { 1, 2, 3 })
            Device.Run("is-installed", Root.At($"update{number}-1.0.json")).ResultCode.Should().Be(900);
    }

    [Fact]
    public void The_same_update_twice_at_once_is_done_once()
    {
        var manifest = Device.Manifest("slow");
        using var first = Device.Start("deploy", manifest);
        using var second = Device.Start("deploy", manifest);
        foreach (var running in new[] { first, second })
        {
            var outcome = running.Wait();
            outcome.ExitStatus.Should().Be(0, outcome.Text);
        }

        Root.Packages().Should().Equal("slow 1 installed");
        Device.DpkgLog.Where(line => line.Contains(" install slow:", StringComparison.Ordinal)).Should().ContainSingle();
    }

    [Fact]
    public void An_update_that_waits_too_long_for_another_one_is_worth_another_try()
    {
        Device.Configure("lockTimeoutSeconds", 0);
        using var first = Device.Start("deploy", Device.Manifest("waiting"));
        Wait.Until(() => File.Exists(Root.At("tmp/started")));
        var answer = Device.Deploy("foo");
        File.WriteAllText(Root.At("tmp/go"), "");
        answer.Cause.Should().Be((3, 0, "0x3020030f"), answer.Details);
        answer.Details.Should().Contain($"process {first.ProcessId}");
        first.Wait().ExitStatus.Should().Be(0);
        Root.Packages().Should().Equal("waiting 1 installed");
    }

    public sealed class Published()
        : PublishedPackages(repository =>
            repository
                .Package("foo", "1")
                .Package("bar", "1")
                .Package("baz", "1")
                .Package("slow", "1", postinst: "sleep 0.5")
                .Package("waiting", "1", postinst: Wait.ForTheTest)
        );
}
