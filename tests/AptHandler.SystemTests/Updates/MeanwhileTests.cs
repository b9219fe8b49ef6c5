using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Updates;

/// <summary>Machines that others change between the plan and its end.</summary>
public sealed class MeanwhileTests(MeanwhileTests.Published packages) : DeviceTests<MeanwhileTests.Published>(packages)
{
    [Fact]
    public void An_installation_that_had_to_wait_goes_on_when_nothing_has_changed()
    {
        var answer = InstallAfterWaiting(() => { });
        answer.Cause.Should().Be((0, 600, "0x00000000"), answer.Details);
        Root.Packages().Should().Equal("hello 2 installed");
    }

    [Fact]
    public void An_installation_that_had_to_wait_is_planned_anew_and_does_not_remove_what_has_come_meanwhile()
    {
        var answer = InstallAfterWaiting(() => HolderInstalls("fan"));
        answer.Cause.Should().Be((1, 0, "0x30200304"), answer.Details);
        answer.Details.Should().Contain("fan");
        Root.Packages().Should().Equal("fan 1 installed", "hello 1 installed");
        using var history = Device.Ask("history");
        history.RootElement.GetProperty("updates")[0].GetProperty("state").GetString().Should().Be("failed");
    }

    [Fact]
    public void What_has_come_while_an_installation_waited_and_does_no_harm_is_not_put_down_to_it()
    {
        var answer = InstallAfterWaiting(() => HolderInstalls("other"));
        answer.Cause.Should().Be((0, 600, "0x00000000"), answer.Details);
        answer.Packages.Should().Equal("hello 1 -> 2");
        answer.Details.Should().NotContain("other");
        Root.Packages().Should().Equal("hello 2 installed", "other 1 installed");
    }

    [Fact]
    public void An_installation_that_had_to_wait_and_finds_its_work_done_by_the_other_is_a_success()
    {
        var answer = InstallAfterWaiting(() => HolderInstalls("hello", "2"));
        answer.Cause.Should().Be((0, 600, "0x00000000"), answer.Details);
        Root.Packages().Should().Equal("hello 2 installed");
    }

    [Fact]
    public void What_changes_outside_the_plan_is_told_and_kept_in_the_history()
    {
        var other = Packages.Repository.Deb("other", "1");
        Device.AptOption(
            $"DPkg::Post-Invoke {{ \"dpkg --root={Root.Location} --force-script-chrootless --log=/dev/null --install {other}\"; }};"
        );
        var answer = Device.Deployed("hello=2");
        answer.Details.Should().Contain("not by the plan: +other 1");
        answer.Packages.Should().Equal("hello - -> 2", "other - -> 1");
        Root.Packages().Should().Equal("hello 2 installed", "other 1 installed");
        using var history = Device.Ask("history");
        Answer.Changes(history.RootElement.GetProperty("updates")[0]).Should().Equal("hello - -> 2", "other - -> 1");
    }

    [Fact]
    public void Marks_that_cannot_be_written_are_told_and_no_failure()
    {
        // A folder in the place of the file, once apt-get is done with it.
        var marks = Root.At("var/lib/apt/extended_states");
        Device.AptOption($"DPkg::Post-Invoke {{ \"rm -f {marks}; mkdir -p {marks}/folder\"; }};");
        var answer = Device.Deployed("top=1");
        answer.Details.Should().Contain("which packages are there only for others could not be marked");
        Root.Packages().Should().Equal("hello 1 installed", "top 1 installed");
        Device.Run("is-installed", Root.At("update1-1.0.json")).ResultCode.Should().Be(900);
    }

    // An update of hello that is downloaded while hello 1 is installed, and then finds another program at work.
    private Answer InstallAfterWaiting(Action meanwhile)
    {
        Root.Install("hello=1");
        var manifest = Device.Manifest("hello=2");
        Device.Run("download", manifest).ResultCode.Should().Be(500);
        using var running = StartWaiting(manifest, meanwhile);
        return Answer.Of(running.Wait());
    }

    private RunningCommand StartWaiting(string manifest, Action meanwhile)
    {
        using var held = Root.HoldLock(AptLock.DpkgFrontend);
        var running = Device.Start("install", manifest, "--json");
        Wait.Until(() => Progress().Contains(held.Path, StringComparison.Ordinal));
        meanwhile();
        return running;
    }

    private string Progress()
    {
        var file = Root.At("run/du-apt-handler/progress.json");
        return File.Exists(file) ? File.ReadAllText(file) : "";
    }

    // As apt does: dpkg under the lock that its parent holds.
    private void HolderInstalls(string package, string version = "1") =>
        Command
            .Run(
                SourceTree.Script("private-root.sh"),
                ["dpkg", Root.Location, "--install", Packages.Repository.Deb(package, version)],
                new Dictionary<string, string?>(StringComparer.Ordinal) { ["DPKG_FRONTEND_LOCKED"] = "1" }
            )
            .Succeeded($"install {package}");

    public sealed class Published()
        : PublishedPackages(repository =>
            repository
                .Package("hello", "1")
                .Package("hello", "2")
                .Package("fan", "1", depends: "hello (= 1)")
                .Package("other", "1")
                .Package("top", "1", depends: "hello (= 1)")
        );
}
