using System.Text.Json;
using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Updates;

/// <summary>What counts as installed, and for how long.</summary>
public sealed class InstalledTests(InstalledTests.Published packages) : DeviceTests<InstalledTests.Published>(packages)
{
    [Fact]
    public void The_second_time_nothing_is_done()
    {
        var manifest = Device.Manifest("foo=1", "bar", "gone-");
        Device.Run("is-installed", manifest).Cause.Should().Be((1, 901, "0x00000000"));
        Device.Run("deploy", manifest).ResultCode.Should().Be(700);
        var state = Device.State;
        var requests = Packages.Server.Exchanges.Count;

        var again = Device.Run("deploy", manifest);
        (again.ExitStatus, again.Step, again.ResultCode).Should().Be((0, "is-installed", 900));
        Device.Run("download", manifest).ResultCode.Should().Be(503);
        Device.Run("install", manifest).ResultCode.Should().Be(603);
        Device.Run("is-installed", manifest).Cause.Should().Be((0, 900, "0x00000000"));
        Device.State.Should().Be(state);
        Packages.Server.Exchanges.Should().HaveCount(requests);
    }

    [Theory]
    [InlineData("remove", "foo is not installed")]
    [InlineData("purge", "foo is not installed")]
    [InlineData("upgrade", "foo is 2 instead of 1")]
    [InlineData("install gone", "gone is still there")]
    [InlineData("unpack", "foo is not installed")]
    public void A_change_by_hand_is_noticed_and_put_right(string change, string reason)
    {
        var manifest = Device.Manifest("foo=1", "gone-");
        Device.Run("deploy", manifest).ResultCode.Should().Be(700);
        switch (change)
        {
            case "remove":
                Root.AptGet("-y", "remove", "foo");
                break;
            case "purge":
                Root.AptGet("-y", "purge", "foo");
                break;
            case "upgrade":
                Root.Install("foo");
                break;
            case "unpack":
                Root.Unpack(Packages.Repository.Deb("foo", "1"));
                break;
            default:
                Root.Install("gone");
                break;
        }

        var answer = Device.Run("is-installed", manifest);
        (answer.ExitStatus, answer.ResultCode).Should().Be((1, 901));
        answer.Details.Should().Contain(reason);
        using (var status = Device.Ask("status"))
            status.RootElement.GetProperty("isInstalled").GetBoolean().Should().BeFalse();

        Device.Run("deploy", manifest).ResultCode.Should().Be(700);
        Root.Installed("foo").Should().Be("1");
        Root.Installed("gone").Should().BeNull();
        Device.Run("is-installed", manifest).ResultCode.Should().Be(900);
    }

    [Fact]
    public void A_change_that_the_manifest_says_nothing_about_is_none()
    {
        var manifest = Device.Manifest("bar", "gone-");
        Device.Run("deploy", manifest).ResultCode.Should().Be(700);
        Root.Install("foo", "bar=1");
        Device.Run("is-installed", manifest).ResultCode.Should().Be(900, "any version of bar is as the manifest asks");
    }

    [Fact]
    public void From_one_update_to_another_and_back()
    {
        var one = Device.NamedManifest("fleet", "1", "foo=1");
        var two = Device.NamedManifest("fleet", "2", "foo=2", "bar=1");
        Device.Run("deploy", one).ResultCode.Should().Be(700);
        Device.Run("deploy", two).ResultCode.Should().Be(700);
        Device.Run("is-installed", one).ResultCode.Should().Be(901);
        Device.Run("deploy", one).ResultCode.Should().Be(700);
        Root.Packages().Should().Equal("bar 1 installed", "foo 1 installed");
        Device.Run("is-installed", one).ResultCode.Should().Be(900);
        Device.Run("is-installed", two).ResultCode.Should().Be(901);
        Criteria().Should().Equal("fleet-2", "fleet-1");

        using var history = Device.Ask("history");
        history
            .RootElement.GetProperty("updates")
            .EnumerateArray()
            .Select(update => $"{update.GetProperty("number")} {update.GetProperty("installedCriteria")} {update.GetProperty("state")}")
            .Should()
            .Equal("3 fleet-1 applied", "2 fleet-2 applied", "1 fleet-1 applied");
    }

    [Fact]
    public void The_agents_list_gets_the_criteria_as_its_newest_entry_and_keeps_all_others()
    {
        const string Other =
            """{"installedCriteria":"somebody-else-1","state":"installed","timestamp":1600000000,"unknown":{"a":[1,null]}}""";
        const string Stale = """{"installedCriteria":"fleet-1","state":"installed","timestamp":1500000000}""";
        File.WriteAllText(Device.CriteriaFile, $"[{Other},{Stale},{Other.Replace("-1\"", "-2\"", StringComparison.Ordinal)}]");
        var began = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        Device.Run("deploy", Device.NamedManifest("fleet", "1", "foo=1")).ResultCode.Should().Be(700);

        Criteria().Should().Equal("somebody-else-1", "somebody-else-2", "fleet-1");
        using var list = JsonDocument.Parse(File.ReadAllText(Device.CriteriaFile));
        list.RootElement[0].GetRawText().Should().Be(Other);
        var entry = list.RootElement[2];
        entry.EnumerateObject().Select(member => member.Name).Should().Equal("installedCriteria", "state", "timestamp");
        entry.GetProperty("state").GetString().Should().Be("installed");
        entry.GetProperty("timestamp").GetInt64().Should().BeInRange(began, DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        Command.Run("stat", ["--format=%a", Device.CriteriaFile]).Output.Should().Be("640\n");
    }

    [Fact]
    public void An_update_that_fails_is_not_added_to_the_agents_list()
    {
        Device.Deploy("foo=9").ExitStatus.Should().Be(1);
        File.Exists(Device.CriteriaFile).Should().BeFalse();
    }

    [Fact]
    public void Criteria_of_the_agents_choice_stand_for_the_update()
    {
        var manifest = Device.Manifest("foo=1");
        Device.Run("deploy", manifest, "--installed-criteria", "what the portal says, 100%").ResultCode.Should().Be(700);
        Criteria().Should().Equal("what the portal says, 100%");
        Device.Run("is-installed", manifest, "--installed-criteria", "what the portal says, 100%").ResultCode.Should().Be(900);
        Device.Run("is-installed", manifest).ResultCode.Should().Be(901);
    }

    [Fact]
    public void Criteria_that_only_the_agents_list_has_count_until_another_update_comes()
    {
        File.WriteAllText(Device.CriteriaFile, """[{"installedCriteria":"before-1","state":"installed","timestamp":1600000000}]""");
        var before = Device.NamedManifest("before", "1", "foo=2");
        Device.Run("is-installed", before).ResultCode.Should().Be(900);
        Device.Deployed("foo=1");
        Device.Run("is-installed", before).ResultCode.Should().Be(901);
    }

    [Theory]
    [InlineData(false, "bar", 700)]
    [InlineData(true, "bar", 707)]
    [InlineData(false, "deviceupdate-agent=1", 707)]
    [InlineData(false, "deviceupdate-agent-helper", 707)]
    [InlineData(false, "brings-agent", 707)]
    [InlineData(false, "du-apt-handler", 707)]
    public void The_agent_is_restarted_where_the_manifest_or_the_packages_want_it(bool asked, string package, int resultCode)
    {
        var answer = Device.Run("deploy", Device.NamedManifest("restart", "1", asked, package));
        (answer.ExitStatus, answer.Step, answer.ResultCode).Should().Be((0, "apply", resultCode));
    }

    [Fact]
    public void Every_step_can_be_done_by_itself_and_again()
    {
        var manifest = Device.Manifest("foo=1");
        var apply = Device.Run("apply", manifest);
        apply.Cause.Should().Be((1, 0, "0x3020030a"));
        apply.Details.Should().Contain("foo is not installed");
        Root.AptGet("update");
        Device.Run("install", manifest).ResultCode.Should().Be(600, "what is missing is fetched");
        Device.Run("install", manifest).ResultCode.Should().Be(600);
        Device.Run("is-installed", manifest).ResultCode.Should().Be(901, "it is not recorded yet");
        Device.Run("download", manifest).ResultCode.Should().Be(500);
        Device.Run("backup", manifest).ResultCode.Should().Be(1000);
        Device.Run("apply", manifest).ResultCode.Should().Be(700);
        Device.Run("apply", manifest).ResultCode.Should().Be(700);
        Device.Run("is-installed", manifest).ResultCode.Should().Be(900);
        Device.Run("restore").ResultCode.Should().Be(1100);
        Device.Run("restore").Details.Should().Contain("nothing to bring back");
        Root.Packages().Should().BeEmpty();
        Device.Run("is-installed", manifest).ResultCode.Should().Be(901);
        Criteria().Should().BeEmpty();
    }

    private string[] Criteria()
    {
        using var list = JsonDocument.Parse(File.ReadAllText(Device.CriteriaFile));
        return [.. list.RootElement.EnumerateArray().Select(entry => entry.GetProperty("installedCriteria").GetString()!)];
    }

    public sealed class Published()
        : PublishedPackages(repository =>
            repository
                .Package("foo", "1", conffile: "/etc/foo.conf=as shipped")
                .Package("foo", "2")
                .Package("bar", "1")
                .Package("bar", "2")
                .Package("gone", "1")
                .Package("deviceupdate-agent", "1")
                .Package("deviceupdate-agent-helper", "1")
                .Package("du-apt-handler", "1")
                .Package("brings-agent", "1", depends: "deviceupdate-agent")
        );
}
