using System.Text.Json;
using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Agent;

/// <summary>
/// Deployments of several steps, and installed criteria that are used again: what counts as installed, and what is on record.
/// </summary>
public sealed class StepsTests(StepsTest.Published packages) : StepsTest(packages)
{
    [Fact]
    public void The_same_criteria_for_another_manifest_are_another_update()
    {
        var (first, second) = (Device.Manifest("alpha=1.0"), Device.Manifest("alpha=2.0"));
        Deploy(("c", first)).Outcome!.Code.Should().Be(700);
        DeployAs("another", ("c", second)).Codes.Should().Be("901 901 500 901 1000 600 700", "success would be a lie");
        Root.Installed("alpha").Should().Be("2.0");
        DeployAs("third", ("c", second)).Codes.Should().Be("900");
        Device.Run("is-installed", first, "--installed-criteria", "c").Details.Should().Be("alpha is 2.0 instead of 1.0");
        Device
            .Run("is-installed", Device.Manifest("alpha=2.0", "beta"), "--installed-criteria", "c")
            .Details.Should()
            .Be("beta is not installed");
        Device
            .Run("is-installed", Device.Manifest("alpha"), "--installed-criteria", "c")
            .Details.Should()
            .Be("update 2 has used these installed criteria for another manifest; they must change whenever the manifest does");
    }

    [Fact]
    public void Two_steps_with_the_same_criteria_are_both_installed()
    {
        var steps = new[] { ("c", Device.Manifest("alpha=1.0")), ("c", Device.Manifest("beta")) };
        Deploy(steps).Outcome!.Code.Should().Be(700);
        Root.Packages().Should().Equal("alpha 1.0 installed", "beta 1.0 installed");
        Deploy(steps).Codes.Should().Be("900 900");
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
        Deploy(steps).Codes.Should().Be("900 900", "the agent would install the first step again");

        using var drift = Device.Ask("drift");
        drift.RootElement.GetProperty("hasDrifted").GetBoolean().Should().BeFalse();
        drift
            .RootElement.GetProperty("superseded")
            .EnumerateArray()
            .Select(each =>
                string.Join(
                    ' ',
                    each.EnumerateObject().Select(member => member.Value.ValueKind == JsonValueKind.Null ? "-" : member.Value.ToString())
                )
            )
            .Should()
            .Equal(superseded);
        Root.DuApt("status").Output.Should().Contain("because of update 2, a later step of the same deployment; an earlier step asks for");

        // Another deployment that asks for the first step alone means it.
        DeployAs("another", steps[0]).Codes.Should().StartWith("901");
    }

    [Fact]
    public void What_no_later_step_has_changed_is_drift_and_a_step_that_is_made_again_supersedes_nothing()
    {
        var steps = new[] { ("c-1", Device.Manifest("alpha=1.0")), ("c-2", Device.Manifest("alpha=2.0")) };
        Deploy(steps);
        Root.Install("alpha=1.5");
        Deploy(steps).Codes.Should().Be("901 901 500 901 500 901 1000 600 700 901 1000 600 700");
        Root.Installed("alpha").Should().Be("2.0");
        Deploy(steps).Codes.Should().Be("900 900");
    }

    [Fact]
    public void A_step_that_an_earlier_deployment_has_installed_is_superseded_all_the_same()
    {
        var steps = new[] { ("c-1", Device.Manifest("alpha=1.0")), ("c-2", Device.Manifest("alpha=2.0")) };
        DeployAs("before", steps[0]).Outcome!.Code.Should().Be(700);
        Deploy(steps).Codes.Should().Be("900 901 900 901 500 900 901 1000 600 700");
        Deploy(steps).Codes.Should().Be("900 900");
        Root.Installed("alpha").Should().Be("2.0");
    }

    [Fact]
    public void The_same_step_twice_in_a_deployment_is_done_twice()
    {
        var first = ("c", Device.Manifest("alpha=1.0"));
        var steps = new[] { first, ("c-2", Device.Manifest("alpha=2.0")), first };
        Deploy(steps).Outcome!.Code.Should().Be(700);
        Root.Installed("alpha").Should().Be("1.0");
        Deploy(steps).Codes.Should().Be("900 900 900");
    }

    [Fact]
    public void An_earlier_step_that_is_made_again_does_not_undo_what_a_later_one_has_changed()
    {
        var steps = new[] { ("c-1", Device.Manifest("lib=1.0", "beta")), ("c-2", Device.Manifest("app")) };
        Deploy(steps).Outcome!.Code.Should().Be(700);
        Root.Install("lib=2.0");
        Deploy(steps).Codes.Should().Be("900 900", "no manifest asks for lib 2.1");
        Root.AptGet("-y", "remove", "beta");
        Deploy(steps).Codes.Should().Be("901 901 500 900 901 1000 600 700 900");
        Root.Packages().Should().Equal("app 1.0 installed", "beta 1.0 installed", "lib 2.0 installed");
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
        DeployAs("before", hello).Outcome!.Code.Should().Be(700);
        Directory.Delete(Root.At("work"), recursive: true);
        var report = Deploy(("c-1", Device.Manifest("new")), hello);
        report.Codes.Should().Be("901 901 500 900 901 1000 600 700 901 1000 600 700", report.Details);
        Root.Packages().Should().Equal("old 1.0 installed");
    }

    [Fact]
    public void A_step_that_was_cut_off_is_told_of_although_a_later_one_is_downloaded_already()
    {
        var host = Host(("c-1", Device.Manifest("alpha=1.0", "patient")), ("c-2", Device.Manifest("beta")));
        using (var running = host.Start(Root, AgentHost.DeploySteps))
        {
            Wait.Until(() => File.Exists(Root.At("tmp/started")));
            Root.KillPrograms();
            running.Wait();
        }

        File.WriteAllText(Root.At("tmp/go"), "");
        Root.DuApt("status").Output.Should().Contain("Newest update: 1 ").And.Contain("It was cut off.");
        File.WriteAllText(Root.At("var/lib/du-apt-handler/updates/000001/update.json"), "{");
        Device.Run("recover").Details.Should().Contain("it was cut off, and finished afterwards");
        Root.Packages().Should().Equal("alpha 1.0 installed", "patient 1.0 installed");
    }

    [Fact]
    public void An_update_that_is_cancelled_before_its_installation_says_so_in_its_record()
    {
        var host = Host(("c-1", Device.Manifest("alpha=1.0"))) with
        {
            CancelAfter = TimeSpan.Zero,
            Payloads = [Device.Manifest("alpha=1.0")],
            Criteria = "c-1",
        };
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

        Root.DuApt("status")
            .Output.Should()
            .MatchRegex(@"\A(apt-get|dpkg) \(process \d+\) of an update is running; the worker was killed\.\n");
        using (var status = Device.Ask("status"))
            status.RootElement.GetProperty("isRunning").GetBoolean().Should().BeTrue();
        File.WriteAllText(Root.At("tmp/go"), "");
        Device.Run("recover").Details.Should().Contain("it was cut off, and finished afterwards");
        Root.DuApt("status").Output.Should().StartWith("No update is running.\n").And.Contain("It is installed, but not recorded yet");
        Root.DuApt("drift").Output.Should().Be("Nothing has drifted from update1-1.0.\n");
    }
}
