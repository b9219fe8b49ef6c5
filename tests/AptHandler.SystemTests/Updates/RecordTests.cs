using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Updates;

/// <summary>What the handler remembers of its updates, and who may change it.</summary>
public sealed class RecordTests(RecordTests.Published packages) : DeviceTests<RecordTests.Published>(packages)
{
    [Fact]
    public void However_many_updates_fail_the_installed_one_stays_installed()
    {
        const int MoreThanAreKept = 60;
        var installed = Device.Manifest("foo=1");
        Device.Run("deploy", installed).ResultCode.Should().Be(700);
        var failing = Device.Manifest("foo=9");
        // The lists are there from the first update; sixty times more would only take time.
        Packages.Server.Fail("/dists/*", Fault.Refuse);
        for (var i = 0; i < MoreThanAreKept; i++)
            Device.Run("download", failing).ResultCode.Should().Be(0);
        // From now on the agent's own list does not answer for it any more.
        Device.Deploy("bad").ResultCode.Should().Be(0);

        var answer = Device.Run("is-installed", installed);
        answer.ResultCode.Should().Be(900, answer.Details);
        using var history = Device.Ask("history");
        var states = history
            .RootElement.GetProperty("updates")
            .EnumerateArray()
            .Select(update => update.GetProperty("state").GetString())
            .ToArray();
        states.Should().HaveCountLessThan(MoreThanAreKept, "old ones are let go");
        states[^1].Should().Be("applied");
        states[..^1].Should().OnlyContain(state => state == "failed");
    }

    [Fact]
    public void Another_manifest_under_the_same_criteria_is_another_update()
    {
        Device.Run("deploy", Device.NamedManifest("fleet", "1", "foo=1")).ResultCode.Should().Be(700);
        var changed = Device.NamedManifest("fleet", "1", "foo=2", "bar");
        var asked = Device.Run("is-installed", changed);
        asked.Cause.Should().Be((1, 901, "0x00000000"));
        asked.Details.Should().Contain("foo is 1 instead of 2");

        Device.Run("deploy", changed).Cause.Should().Be((0, 700, "0x00000000"));
        Root.Packages().Should().Equal("bar 1 installed", "foo 2 installed");
        Device.Run("is-installed", changed).ResultCode.Should().Be(900);
        Device.Run("is-installed", Device.NamedManifest("fleet", "1", "foo=1")).ResultCode.Should().Be(901);
    }

    [Fact]
    public void Nobody_else_can_write_what_is_remembered_whatever_the_callers_mask()
    {
        var folder = Root.At("var/lib/du-apt-handler");
        Directory.Delete(folder);
        string[] deploy =
        [
            "-c",
            "umask 0; exec \"$0\" \"$@\"",
            SourceTree.DuApt,
            "--config",
            Root.Configuration,
            "deploy",
            Device.Manifest("foo=1"),
            "--json",
        ];
        Answer.Of(Command.Run("sh", deploy)).ResultCode.Should().Be(700);

        Convert.ToString((int)File.GetUnixFileMode(folder), 8).Should().Be("750");
        var entries = Directory.GetFileSystemEntries(folder, "*", SearchOption.AllDirectories);
        entries.Should().HaveCountGreaterThan(3);
        foreach (var entry in entries.Append(Root.At("run/du-apt-handler/worker.lock")))
            (File.GetUnixFileMode(entry) & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)).Should().Be(UnixFileMode.None, entry);
        // The archives of a backup are those of apt, which everybody may read; their folder keeps them to root.
        File.GetUnixFileMode(Root.At("var/lib/du-apt-handler/updates/000001/backup"))
            .Should()
            .Be(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var file in entries.Where(entry => File.Exists(entry) && !entry.EndsWith(".deb", StringComparison.Ordinal)))
            (File.GetUnixFileMode(file) & UnixFileMode.OtherRead).Should().Be(UnixFileMode.None, file);
    }

    public override void Dispose()
    {
        Packages.Server.Heal();
        base.Dispose();
    }

    public sealed class Published()
        : PublishedPackages(repository =>
            repository.Package("foo", "1").Package("foo", "2").Package("bar", "1").Package("bad", "1", postinst: "exit 1")
        );
}
