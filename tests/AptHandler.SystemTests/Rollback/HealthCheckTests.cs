using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Rollback;

/// <summary>The device builder's own judgement of an update.</summary>
public sealed class HealthCheckTests : DeviceTests<HealthCheckTests.Published>
{
    private const string HealthCheck = "0x30200314";

    public HealthCheckTests(Published packages)
        : base(packages)
    {
        Directory.CreateDirectory(Folder);
        Device.Configure("healthDir", Folder);
    }

    private string Folder => Root.At("health.d");

    [Fact]
    public void Checks_run_in_the_order_of_their_names_know_the_update_and_are_kept()
    {
        Check("20-second", "echo second of $DU_APT_INSTALLED_CRITERIA");
        Check("10-first", $"dpkg-query --admindir={Root.At("var/lib/dpkg")} -W foo");
        Check("30-left-out.dpkg-old", "exit 1");
        Device.Deployed("foo=1");
        var log = Root.DuApt("history", "--show", "1").Output;
        log.Should().MatchRegex(@"health check [^\n]*/10-first\nfoo\s+1\nhealth check [^\n]*/20-second\nsecond of update1-1.0");
    }

    [Theory]
    [InlineData("echo the web server does not answer; exit 3", "failed (exit status 3): the web server does not answer")]
    [InlineData("sleep 100 & sleep 100", "not done after 1 seconds")]
    [InlineData("kill -9 $$", "ended by signal 9")]
    public void A_check_that_fails_undoes_the_update_and_says_why(string script, string reason)
    {
        Device.Configure("healthTimeoutSeconds", 1);
        Device.Deployed("foo=1");
        Check("10-sick", script);
        var answer = Device.Deploy("foo=2", "bar");
        answer.Cause.Should().Be((1, 0, HealthCheck), answer.Details);
        answer
            .Details.Should()
            .StartWith("the health check 10-sick failed")
            .And.Contain(reason)
            .And.EndWith("; the device is as it was before");
        Root.Packages().Should().Equal("foo 1 installed");
    }

    [Theory]
    [InlineData("chown 1234", "does not belong to root")]
    [InlineData("chmod o+w", "others can write it")]
    [InlineData("chmod a-x", "not executable")]
    public void A_check_that_others_could_have_written_is_not_run_and_nothing_changes(string change, string reason)
    {
        Check("10-foreign", $"touch {Root.At("tmp/ran")}");
        Command.Run("sh", ["-c", $"{change} {Folder}/10-foreign"]).Succeeded(change);
        var answer = Device.Deploy("foo=1");
        answer.Cause.Should().Be((1, 0, HealthCheck), answer.Details);
        answer.Details.Should().Contain("10-foreign").And.Contain(reason);
        File.Exists(Root.At("tmp/ran")).Should().BeFalse();
        Root.Packages().Should().BeEmpty();
    }

    private void Check(string name, string script)
    {
        File.WriteAllText(Path.Combine(Folder, name), $"#!/bin/sh\n{script}\n");
        Command.Run("chmod", ["0755", Path.Combine(Folder, name)]).Succeeded("make it executable");
    }

    public sealed class Published()
        : PublishedPackages(repository => repository.Package("foo", "1").Package("foo", "2").Package("bar", "1"));
}
