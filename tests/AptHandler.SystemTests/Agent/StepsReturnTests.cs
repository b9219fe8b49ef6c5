using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Rollback.WayBack;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Agent;

/// <summary>Deployments of several steps: what becomes of the others when one fails, or is undone.</summary>
public sealed class StepsReturnTests(StepsTest.Published packages) : StepsTest(packages)
{
    private const string AsBefore = "the device is as it was before";

    private static readonly string[] OfTheTests = ["/apt.conf", "/config.json", "/work", "/tmp"];

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

    [Theory]
    [InlineData("bad")]
    [InlineData("pre")]
    public void A_step_that_fails_says_that_the_earlier_ones_stay(string second)
    {
        var report = Deploy(("c-1", Device.Manifest("alpha=1.0")), ("c-2", Device.Manifest("beta", second)));
        report.Outcome!.Code.Should().Be(0);
        report
            .Details.Should()
            .EndWith("; this step changed nothing; earlier steps of this deployment stay: 1 (c-1)")
            .And.NotContain(AsBefore);
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
        var steps = new[]
        {
            ("c-1", Device.Manifest("alpha=1.0")),
            ("c-2", Device.Manifest("lib=2.0", "gamma")),
            ("c-3", Device.Manifest(third)),
        };
        var before = MachineImage.Of(Root.Location, OfTheTests);
        var report = Deploy(steps);

        report.Outcome!.Code.Should().Be(0);
        report
            .Details.Should()
            .Contain("; update 2 (c-2) is undone; ")
            .And.EndWith($"; update 1 (c-1) is undone; {AsBefore}")
            .And.NotContain("stay");
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
    public void A_deployment_that_cannot_be_undone_as_a_whole_is_no_success()
    {
        Deploy(("c-1", Device.Manifest("alpha=1.0")), ("c-2", Device.Manifest("beta"))).Outcome!.Code.Should().Be(700);
        Directory.Delete(Root.At("var/lib/du-apt-handler/updates/000001/backup"), recursive: true);
        var answer = Device.Run("restore", "--deployment");
        answer.Cause.Should().Be((1, 0, "0x30200312"), answer.Details);
        answer
            .Details.Should()
            .Contain("cannot undo update 1 (c-1): its backup is not there any more")
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
            Root.KillPrograms();
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
        refused
            .Details.Should()
            .Be(
                "cannot undo update 3 (update3-1.0): update 4 (update4-1.0) came later and changed alpha, too; undo that one "
                    + "first: du-apt restore 4"
            );
        Root.Installed("alpha").Should().Be("2.0");
    }

    [Fact]
    public void A_step_that_finds_another_update_at_work_takes_nothing_back()
    {
        Device.Configure("rollbackDeployment", "deployment");
        Device.Configure("lockTimeoutSeconds", 0);
        Deploy(("c-1", Device.Manifest("alpha=1.0"))).Outcome!.Code.Should().Be(700);
        using var other = new RunningCommand("flock", [Root.At("run/du-apt-handler/worker.lock"), "sh", "-c", "echo held; cat"]);
        other.WaitForText("held");

        // What the plugin asks for when it is the second step's turn.
        var manifest = File.ReadAllText(Device.Manifest("beta"));
        using var worker = Root.StartDuApt("worker");
        worker.Write(
            $$"""
            { "id": "x", "manifestLength": {{manifest.Length}}, "request": { "step": "backup", "installedCriteria": "c-2", "workflowId": "{{Deployment}}", "place": "1" } }

            """ + manifest
        );
        worker.CloseInput();
        worker.Wait().ExitStatus.Should().Be(3);
        other.CloseInput();
        other.Wait();
        History().Should().Equal($"1 c-1 {Deployment} applied");
        Root.Installed("alpha").Should().Be("1.0");
    }
}
