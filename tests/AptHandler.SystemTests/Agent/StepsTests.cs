using System.Text.Json;
using System.Text.Json.Nodes;
using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Rollback.WayBack;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Agent;

/// <summary>Deployments of several steps, and installed criteria that are used again.</summary>
public sealed class StepsTests(StepsTests.Published packages) : DeviceTests<StepsTests.Published>(packages)
{
    private const string Deployment = "8c1bd1b4-4b04-4f5e-8a3e-0e2f5a8c1a11";
    private const string AsBefore = "the device is as it was before";

    private static readonly string[] OfTheTests = ["/apt.conf", "/config.json", "/work", "/tmp"];

    [Fact]
    public void The_same_criteria_for_another_manifest_are_another_update()
    {
        var (first, second) = (Device.Manifest("alpha=1.0"), Device.Manifest("alpha=2.0"));
        Deploy(("c", first)).Outcome!.Code.Should().Be(700);
        Codes(Host(("c", second)) with { Id = "another" }, AgentHost.DeploySteps).Should().Be("901 901 500 901 1000 600 700", "success would be a lie");
        Root.Installed("alpha").Should().Be("2.0");
        Codes(Host(("c", second)) with { Id = "third" }, AgentHost.DeploySteps).Should().Be("900");
        Device.Run("is-installed", first, "--installed-criteria", "c").Details.Should().Be("alpha is 2.0 instead of 1.0");
        Device.Run("is-installed", Device.Manifest("alpha=2.0", "beta"), "--installed-criteria", "c").Details.Should().Be("beta is not installed");
        Device.Run("is-installed", Device.Manifest("alpha"), "--installed-criteria", "c").Details
            .Should().Be("update 2 has used these installed criteria for another manifest; they must change whenever the manifest does");
    }

    [Fact]
    public void Two_steps_with_the_same_criteria_are_both_installed()
    {
        var steps = new[] { ("c", Device.Manifest("alpha=1.0")), ("c", Device.Manifest("beta")) };
        Deploy(steps).Outcome!.Code.Should().Be(700);
        Root.Packages().Should().Equal("alpha 1.0 installed", "beta 1.0 installed");
        Codes(Deploy(steps)).Should().Be("900 900");
    }

    [Fact]
    public void Each_step_has_one_record_and_each_record_the_id_of_the_deployment()
    {
        Deploy(("c-1", Device.Manifest("alpha=1.0")), ("c-2", Device.Manifest("beta"))).Outcome!.Code.Should().Be(700);
        History().Should().Equal($"2 c-2 {Deployment} applied", $"1 c-1 {Deployment} applied");
        File.ReadAllText(Directory.GetFiles(Root.At("var/log/adu"), "du-apt.*.log").Single()).Should().Contain($"(workflow {Deployment})");
        Device.Ask("history", "--show", Deployment).RootElement.GetProperty("number").GetInt32().Should().Be(2);
    }

    [Theory]
    [InlineData("alpha=1.0", "alpha=2.0", "alpha 1.0 2.0 2")]
    [InlineData("lib=1.0", "app", "lib 1.0 2.1 2")]
    [InlineData("lib", "lib-", "lib any - 2")]
    [InlineData("old-", "old", "old - 1.0 2")]
    public void What_a_later_step_has_changed_on_purpose_is_superseded_and_no_drift(string first, string second, string superseded)
    {
        var steps = new[] { ("c-1", Device.Manifest(first)), ("c-2", Device.Manifest(second)) };
        if (first == "old-")
            Root.Install("old");
        Deploy(steps).Outcome!.Code.Should().Be(700);
        Codes(Deploy(steps)).Should().Be("900 900", "the agent would install the first step again");

        using var drift = Device.Ask("drift");
        drift.RootElement.GetProperty("hasDrifted").GetBoolean().Should().BeFalse();
        drift.RootElement.GetProperty("superseded").EnumerateArray()
            .Select(each => string.Join(' ', each.EnumerateObject().Select(member => member.Value.ValueKind == JsonValueKind.Null ? "-" : member.Value.ToString())))
            .Should().Equal(superseded);
        Root.DuApt("status").Output.Should().Contain("because of update 2, a later step of the same deployment; an earlier step asks for");

        // Another deployment that asks for the first step alone means it.
        Codes(Host(steps[0]) with { Id = "another" }, AgentHost.DeploySteps).Should().StartWith("901");
    }

    [Fact]
    public void What_no_later_step_has_changed_is_drift_and_a_step_that_is_made_again_supersedes_nothing()
    {
        var steps = new[] { ("c-1", Device.Manifest("alpha=1.0")), ("c-2", Device.Manifest("alpha=2.0")) };
        Deploy(steps);
        Root.Install("alpha=1.5");
        Codes(Deploy(steps)).Should().Be("901 901 500 901 500 901 1000 600 700 901 1000 600 700");
        Root.Installed("alpha").Should().Be("2.0");
        Codes(Deploy(steps)).Should().Be("900 900");
    }

    [Fact]
    public void A_step_that_an_earlier_deployment_has_installed_is_superseded_all_the_same()
    {
        var steps = new[] { ("c-1", Device.Manifest("alpha=1.0")), ("c-2", Device.Manifest("alpha=2.0")) };
        (Host(steps[0]) with { Id = "before" }).Run(Root, AgentHost.DeploySteps).Outcome!.Code.Should().Be(700);
        Codes(Deploy(steps)).Should().Be("900 901 900 901 500 900 901 1000 600 700");
        Codes(Deploy(steps)).Should().Be("900 900");
        Root.Installed("alpha").Should().Be("2.0");
    }

    [Fact]
    public void The_same_step_twice_in_a_deployment_is_done_twice()
    {
        var first = ("c", Device.Manifest("alpha=1.0"));
        var steps = new[] { first, ("c-2", Device.Manifest("alpha=2.0")), first };
        Deploy(steps).Outcome!.Code.Should().Be(700);
        Root.Installed("alpha").Should().Be("1.0");
        Codes(Deploy(steps)).Should().Be("900 900 900");
    }

    [Fact]
    public void An_earlier_step_that_is_made_again_does_not_undo_what_a_later_one_has_changed()
    {
        var steps = new[] { ("c-1", Device.Manifest("lib=1.0", "beta")), ("c-2", Device.Manifest("app")) };
        Deploy(steps).Outcome!.Code.Should().Be(700);
        Root.Install("lib=2.0");
        Codes(Deploy(steps)).Should().Be("900 900", "no manifest asks for lib 2.1");
        Root.AptGet("-y", "remove", "beta");
        Codes(Deploy(steps)).Should().Be("901 901 500 900 901 1000 600 700 900");
        Root.Packages().Should().Equal("app 1.0 installed", "beta 1.0 installed", "lib 2.0 installed");
    }

    [Theory]
    [InlineData("step")]
    [InlineData("deployment")]
    public void A_step_that_fails_when_it_is_made_again_has_nothing_to_do_with_the_later_ones(string policy)
    {
        Device.Configure("rollbackDeployment", policy);
        var steps = new[] { ("c-1", Device.Manifest("alpha=1.0")), ("c-2", Device.Manifest("beta")) };
        Deploy(steps).Outcome!.Code.Should().Be(700);
        Root.AptGet("-y", "remove", "alpha");
        FailWhereThereIs("alpha");
        var report = Deploy(steps);
        report.Outcome!.Code.Should().Be(0);
        report.Details.Should().EndWith($"; {AsBefore}");
        Root.Packages().Should().Equal("beta 1.0 installed");
    }

    [Fact]
    public void A_deployment_whose_first_step_has_failed_can_be_tried_again()
    {
        Root.Install("old");
        var steps = new[] { ("c-1", Device.Manifest("old-", "beta")), ("c-2", Device.Manifest("new")) };
        FailWhereThereIs("beta");
        Deploy(steps).Outcome!.Code.Should().Be(0);
        Root.DuApt("status").Output.Should().Contain("Newest update: 1 ").And.Contain("health check");
        File.Delete(Root.At("health.d/check"));
        Deploy(steps).Outcome!.Code.Should().Be(700);
        Root.Packages().Should().Equal("beta 1.0 installed", "new 1.0 installed");
    }

    [Fact]
    public void An_agent_that_was_killed_before_it_could_record_a_step_loses_nothing_of_what_changed()
    {
        var (first, second) = (Device.Manifest("alpha=1.0"), Device.Manifest("beta"));
        foreach (var (step, manifest) in new[] { ("download", first), ("download", second), ("backup", first), ("install", first) })
            Device.Run(step, manifest).ExitStatus.Should().Be(0);
        foreach (var step in new[] { "download", "backup", "install" })
            Device.Run(step, first).ExitStatus.Should().Be(0);
        var recorded = Device.Run("apply", first);
        recorded.Details.Should().Be("+alpha 1.0");
        recorded.Packages.Should().Equal("alpha - -> 1.0");
        using var history = Device.Ask("history");
        history.RootElement.GetProperty("updates").GetArrayLength().Should().Be(2);
    }

    [Fact]
    public void A_step_that_finds_its_packages_installed_by_an_earlier_one_does_not_claim_them()
    {
        Deploy(("c-1", Device.Manifest("app")), ("c-2", Device.Manifest("lib"))).Outcome!.Code.Should().Be(700);
        using var newest = Device.Ask("history", "--show", "2");
        newest.RootElement.GetProperty("packages").GetArrayLength().Should().Be(0);
    }

    [Fact]
    public void A_step_can_be_downloaded_although_it_needs_what_an_earlier_one_does()
    {
        Root.Install("old");
        Deploy(("c-1", Device.Manifest("old-")), ("c-2", Device.Manifest("new"))).Outcome!.Code.Should().Be(700);
        Root.Packages().Should().Equal("new 1.0 installed");
    }

    [Fact]
    public void A_step_that_was_installed_when_all_were_downloaded_is_fetched_when_it_is_needed()
    {
        Device.Configure("unlistedRemovals", "allow");
        var hello = ("c-2", Device.Manifest("old"));
        (Host(hello) with { Id = "before" }).Run(Root, AgentHost.DeploySteps).Outcome!.Code.Should().Be(700);
        Directory.Delete(Root.At("work"), recursive: true);
        var report = Deploy(("c-1", Device.Manifest("new")), hello);
        Codes(report).Should().Be("901 901 500 900 901 1000 600 700 901 1000 600 700", report.Details);
        Root.Packages().Should().Equal("old 1.0 installed");
    }

    [Theory]
    [InlineData("bad")]
    [InlineData("pre")]
    public void A_step_that_fails_says_that_the_earlier_ones_stay(string second)
    {
        var report = Deploy(("c-1", Device.Manifest("alpha=1.0")), ("c-2", Device.Manifest("beta", second)));
        report.Outcome!.Code.Should().Be(0);
        report.Details.Should().EndWith("; this step changed nothing; earlier steps of this deployment stay: 1 (c-1)").And.NotContain(AsBefore);
        Root.Packages().Should().Equal("alpha 1.0 installed");
        History().Should().Equal($"2 c-2 {Deployment} failed", $"1 c-1 {Deployment} applied");
    }

    [Theory]
    [InlineData("bad", "")]
    [InlineData("beta", "health check")]
    [InlineData("lost-", "no way back")]
    public void Where_it_is_wished_for_a_step_that_fails_takes_the_earlier_ones_back(string third, string fault)
    {
        Device.Configure("rollbackDeployment", "deployment");
        Root.Install("lib=1.0");
        if (fault == "no way back")
        {
            Device.Configure("rollback", "required");
            Root.Install("lost");
            Root.AptGet("clean");
            File.Delete(Packages.Repository.Deb("lost", "1.0"));
        }

        if (fault == "health check")
            FailWhereThereIs("beta");
        var steps = new[] { ("c-1", Device.Manifest("alpha=1.0")), ("c-2", Device.Manifest("lib=2.0", "gamma")), ("c-3", Device.Manifest(third)) };
        var before = MachineImage.Of(Root.Location, OfTheTests);
        var report = Deploy(steps);

        report.Outcome!.Code.Should().Be(0);
        report.Details.Should().Contain("; update 2 (c-2) is undone; ").And.EndWith($"; update 1 (c-1) is undone; {AsBefore}").And.NotContain("stay");
        string.Join('\n', MachineImage.Of(Root.Location, OfTheTests).DifferencesFrom(before)).Should().BeEmpty(report.Details);
        History().Should().Equal($"3 c-3 {Deployment} failed", $"2 c-2 {Deployment} restored", $"1 c-1 {Deployment} restored");
        File.ReadAllText(Device.CriteriaFile).Should().NotContain("c-1").And.NotContain("c-2");
    }

    [Fact]
    public void Where_rollback_is_off_no_earlier_step_is_taken_back()
    {
        Device.Configure("rollbackDeployment", "deployment");
        Device.Configure("rollback", "off");
        Deploy(("c-1", Device.Manifest("alpha=1.0")), ("c-2", Device.Manifest("nothing-like-it"))).Outcome!.Code.Should().Be(0);
        Deploy(("c-1", Device.Manifest("alpha=1.0")), ("c-2", Device.Manifest("bad"))).Outcome!.Code.Should().Be(0);
        Root.Installed("alpha").Should().Be("1.0");
        Device.Run("restore").ResultCode.Should().Be(1101);
    }

    [Fact]
    public void A_step_that_was_cut_off_is_told_of_although_a_later_one_is_downloaded_already()
    {
        var host = Host(("c-1", Device.Manifest("alpha=1.0", "patient")), ("c-2", Device.Manifest("beta")));
        using (var running = host.Start(Root, AgentHost.DeploySteps))
        {
            Wait.Until(() => File.Exists(Root.At("tmp/started")));
            KillAll();
            running.Wait();
        }

        File.WriteAllText(Root.At("tmp/go"), "");
        Root.DuApt("status").Output.Should().Contain("Newest update: 1 ").And.Contain("It was cut off.");
        File.WriteAllText(Root.At("var/lib/du-apt-handler/updates/000001/update.json"), "{");
        Device.Run("recover").Details.Should().Contain("it was cut off, and finished afterwards");
        Root.Packages().Should().Equal("alpha 1.0 installed", "patient 1.0 installed");
    }

    [Fact]
    public void A_deployment_that_cannot_be_undone_as_a_whole_is_no_success()
    {
        Deploy(("c-1", Device.Manifest("alpha=1.0")), ("c-2", Device.Manifest("beta"))).Outcome!.Code.Should().Be(700);
        Directory.Delete(Root.At("var/lib/du-apt-handler/updates/000001/backup"), recursive: true);
        var answer = Device.Run("restore", "--deployment");
        answer.Cause.Should().Be((1, 0, "0x30200312"), answer.Details);
        answer.Details.Should().Contain("cannot undo update 1 (c-1): its backup is not there any more")
            .And.EndWith("; earlier steps of this deployment stay: 1 (c-1)");
        Root.Packages().Should().Equal("alpha 1.0 installed");
    }

    [Fact]
    public void An_undoing_of_a_deployment_that_is_cut_off_is_brought_to_its_end()
    {
        Device.Configure("rollbackDeployment", "deployment");
        Root.Install("lib=1.0");
        var host = Host(("c-1", Device.Manifest("alpha=1.0")), ("c-2", Device.Manifest("waits")), ("c-3", Device.Manifest("bad")));
        var before = MachineImage.Of(Root.Location, OfTheTests);
        using (var running = host.Start(Root, AgentHost.DeploySteps))
        {
            Wait.Until(() => File.Exists(Root.At("tmp/started")));
            KillAll();
            running.Wait();
        }

        History().Should().Contain($"1 c-1 {Deployment} applied");
        File.WriteAllText(Root.At("tmp/go"), "");
        Device.Run("recover").Details.Should().Contain($"update 1 (c-1) is undone; {AsBefore}");
        string.Join('\n', MachineImage.Of(Root.Location, OfTheTests).DifferencesFrom(before)).Should().BeEmpty();
        Device.Run("recover").Details.Should().Be("no update is half-done");
    }

    [Fact]
    public void All_steps_of_a_deployment_can_be_undone_by_hand()
    {
        Root.Install("lib=1.0");
        var steps = new[] { ("c-1", Device.Manifest("alpha=1.0")), ("c-2", Device.Manifest("lib=2.0")), ("c-3", Device.Manifest("beta")) };
        var before = MachineImage.Of(Root.Location, OfTheTests);
        Deploy(steps).Outcome!.Code.Should().Be(700);
        var answer = Device.Run("restore", "c-1", "--deployment");
        answer.Cause.Should().Be((0, 1100, "0x00000000"), answer.Details);
        answer.Details.Should().StartWith("update 3 (c-3) is undone; ").And.EndWith($"update 1 (c-1) is undone; {AsBefore}");
        string.Join('\n', MachineImage.Of(Root.Location, OfTheTests).DifferencesFrom(before)).Should().BeEmpty();
        Device.Run("restore").Details.Should().Be("update 3 (c-3) is undone already; there is nothing to bring back");
    }

    [Fact]
    public void One_update_can_be_undone_where_no_later_one_stands_on_it()
    {
        Device.Deployed("alpha=1.0");
        Device.Deployed("beta");
        Device.Run("restore", "99").Cause.Should().Be((1, 0, "0x30200312"));
        var answer = Device.Run("restore", "1");
        answer.Cause.Should().Be((0, 1100, "0x00000000"), answer.Details);
        answer.Details.Should().Be($"update 1 (update1-1.0) is undone; {AsBefore}");
        Root.Packages().Should().Equal("beta 1.0 installed");

        Device.Deployed("alpha=1.0");
        Device.Deployed("alpha=2.0");
        var refused = Device.Run("restore", "3");
        refused.Cause.Should().Be((1, 0, "0x30200312"));
        refused.Details.Should().Be("cannot undo update 3 (update3-1.0): update 4 (update4-1.0) came later and changed alpha, too; undo that one first: du-apt restore 4");
        Root.Installed("alpha").Should().Be("2.0");
    }

    [Fact]
    public void An_update_that_is_cancelled_before_its_installation_says_so_in_its_record()
    {
        var host = Host(("c-1", Device.Manifest("alpha=1.0"))) with { CancelAfter = TimeSpan.Zero, Payloads = [Device.Manifest("alpha=1.0")], Criteria = "c-1" };
        var report = host.Run(Root, AgentHost.CancelDuringInstall);
        report.Outcome!.Code.Should().Be(-1);
        History().Should().Equal($"1 c-1 {Deployment} cancelled");
    }

    [Fact]
    public void What_was_recovered_is_known_to_status_and_drift_and_what_still_works_for_it_too()
    {
        var manifest = Device.Manifest("alpha=1.0", "patient");
        using (var running = Device.Start("deploy", manifest))
        {
            Wait.Until(() => File.Exists(Root.At("tmp/started")));
            running.Signal(RunningCommand.Kill);
            running.Wait();
        }

        Root.DuApt("status").Output.Should().MatchRegex(@"\A(apt-get|dpkg) \(process \d+\) of an update is running; the worker was killed\.\n");
        using (var status = Device.Ask("status"))
            status.RootElement.GetProperty("isRunning").GetBoolean().Should().BeTrue();
        File.WriteAllText(Root.At("tmp/go"), "");
        Device.Run("recover").Details.Should().Contain("it was cut off, and finished afterwards");
        Root.DuApt("status").Output.Should().StartWith("No update is running.\n").And.Contain("It is installed, but not recorded yet");
        Root.DuApt("drift").Output.Should().Be("Nothing has drifted from update1-1.0.\n");
    }

    private static AgentHost Host(params (string Criteria, string Manifest)[] steps) => new() { UpdateSteps = steps, Id = Deployment };

    private AgentReport Deploy(params (string Criteria, string Manifest)[] steps)
    {
        var report = Host(steps).Run(Root, AgentHost.DeploySteps);
        report.Process.ExitStatus.Should().Be(0, report.Process.Text);
        return report;
    }

    private string Codes(AgentHost host, string scenario) => Codes(host.Run(Root, scenario));

    private static string Codes(AgentReport report) => string.Join(' ', report.Calls.Select(call => call.Result.Code));

    private List<string> History()
    {
        using var history = Device.Ask("history");
        return [.. history.RootElement.GetProperty("updates").EnumerateArray().Select(each => string.Join(
            ' ', each.GetProperty("number"), each.GetProperty("installedCriteria"), each.GetProperty("workflowId"), each.GetProperty("state")))];
    }

    private void FailWhereThereIs(string package)
    {
        var check = Directory.CreateDirectory(Root.At("health.d")).FullName + "/check";
        File.WriteAllText(check, $"#!/bin/sh\n! grep -q '^Package: {package}$' {Root.At("var/lib/dpkg/status")}\n");
        File.SetUnixFileMode(check, (UnixFileMode)0x1ED); // 0755
        Device.Configure("healthDir", Root.At("health.d"));
    }

    private void KillAll() => Command.Run(
        "sh", ["-c", $"for p in /proc/[0-9]*; do if tr '\\0' '\\n' <$p/environ 2>/dev/null | grep -qE '^(APT_CONFIG|DU_APT_HANDLER_CONFIG)={Root.Location}/'; then kill -9 ${{p#/proc/}}; fi; done"]);

    public sealed class Published() : PublishedPackages(repository => repository
        .Package("alpha", "1.0", file: "/usr/share/alpha=1").Package("alpha", "1.5").Package("alpha", "2.0", file: "/usr/share/alpha=2")
        .Package("beta", "1.0", conffile: "/etc/beta=1").Package("gamma", "1.0").Package("lost", "1.0")
        .Package("lib", "1.0").Package("lib", "2.0").Package("lib", "2.1").Package("app", "1.0", depends: "lib (>= 2.0)")
        .Package("old", "1.0").Package("new", "1.0", fields: "Conflicts: old")
        .Package("bad", "1.0", postinst: "exit 7").Package("pre", "1.0", preinst: "exit 7")
        .Package("waits", "1.0", prerm: "touch $DPKG_ROOT/tmp/started; while [ ! -e $DPKG_ROOT/tmp/go ]; do sleep 0.05; done")
        .Package("patient", "1.0", postinst: "touch $DPKG_ROOT/tmp/started; while [ ! -e $DPKG_ROOT/tmp/go ]; do sleep 0.05; done"));
}
