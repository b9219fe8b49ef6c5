using System.Text;
using AptHandler.Debian;
using AptHandler.Planning;
using AptHandler.Records;
using AptHandler.Requests;
using AptHandler.Results;
using AptHandler.Settings;
using AptHandler.UnitTests.Debian;

namespace AptHandler.UnitTests.Planning;

/// <summary>Asks on a device that consists of a dpkg status file, the records of updates and the agent's own file.</summary>
public sealed class InstalledCheckTests : IDisposable
{
    private const string PinnedApp = """{"name":"n","version":"1","packages":[{"name":"app","version":"1.0"}]}""";
    private const string AppAt2 = """{"name":"n","version":"2","packages":[{"name":"app","version":"2.0"}]}""";
    private const string AnyApp = """{"name":"n","version":"1","packages":[{"name":"app"}]}""";
    private const string NoApp = """{"name":"n","version":"1","packages":[{"name":"app-"}]}""";

    private static readonly DateTimeOffset Noon = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    private readonly TemporaryFolder _folder = new();
    private readonly Configuration _configuration;
    private readonly UpdateRecords _records;

    public InstalledCheckTests()
    {
        _folder.Write("apt.conf", $"Dir \"{_folder.Path}\"; Dir::State::status \"{_folder["status"]}\";");
        _folder.Write(
            "config.json",
            $$"""{"aptConfig":"{{_folder["apt.conf"]}}","stateDir":"{{_folder["state"]}}","installedCriteriaFile":"{{_folder["criteria"]}}"}"""
        );
        _configuration = Configuration.Load(_folder["config.json"]);
        _records = new UpdateRecords(_configuration.StateDir);
        Directory.CreateDirectory(_folder["state"]);
        Machine(("app", "1.0", "install ok installed"));
    }

    [Fact]
    public void A_device_without_any_record_has_nothing_installed() =>
        Ask("A").Should().Be(new InstalledAnswer(false, "no update with these installed criteria was applied"));

    [Fact]
    public void What_is_recorded_and_still_so_is_installed()
    {
        Applied("A", PinnedApp);

        Ask("A").Should().Be(new InstalledAnswer(true, ""));
        Ask("a").IsInstalled.Should().BeFalse();
        Ask("").IsInstalled.Should().BeFalse();
    }

    [Theory]
    [InlineData("1.0-0")]
    [InlineData("0:1.0")]
    public void Another_spelling_of_the_version_is_the_same_version(string version)
    {
        Applied("A", PinnedApp);
        Machine(("app", version, "install ok installed"));

        Ask("A").IsInstalled.Should().BeTrue();
    }

    [Fact]
    public void The_same_criteria_for_another_manifest_are_not_installed_whatever_the_agents_list_says()
    {
        UpdateRecord first = Applied("A", PinnedApp);
        Applied("A", AppAt2, after: 1);
        _folder.Write("criteria", $$"""[{"installedCriteria":"A","state":"installed","timestamp":{{Noon.ToUnixTimeSeconds() + 5}}}]""");

        AskFor("A", PinnedApp).IsInstalled.Should().BeTrue("it was applied, and the device is as it asks");
        AskFor("A", AnyApp)
            .Should()
            .Be(
                new InstalledAnswer(
                    false,
                    "update 2 has used these installed criteria for another manifest; they must change whenever the manifest does"
                )
            );
        InstalledCheck.Ask(_configuration, first).IsInstalled.Should().BeTrue();
    }

    [Fact]
    public void A_held_package_is_an_installed_package()
    {
        Applied("A", PinnedApp);
        Machine(("app", "1.0", "hold ok installed"));

        Ask("A").IsInstalled.Should().BeTrue();
    }

    [Theory]
    [InlineData("2.0", "install ok installed", "app is 2.0 instead of 1.0")]
    [InlineData("1.0", "deinstall ok config-files", "app is not installed")]
    [InlineData("1.0", "install ok half-configured", "app is not installed")]
    [InlineData("1.0", "install ok unpacked", "app is not installed")]
    [InlineData("1.0", "install ok triggers-pending", "app is not installed")]
    [InlineData("1.0", "install reinstreq installed", "app is not installed")]
    public void What_has_drifted_is_not_installed(string version, string status, string reason)
    {
        Applied("A", PinnedApp);
        Machine(("app", version, status));

        Ask("A").Should().Be(new InstalledAnswer(false, reason));
    }

    [Fact]
    public void A_package_that_is_gone_is_not_installed()
    {
        Applied("A", PinnedApp);
        Machine();

        Ask("A").Should().Be(new InstalledAnswer(false, "app is not installed"));
    }

    [Fact]
    public void Without_a_version_any_is_right()
    {
        Applied("A", AnyApp);
        Machine(("app", "99", "install ok installed"));
        Ask("A").IsInstalled.Should().BeTrue();

        Machine();
        Ask("A").IsInstalled.Should().BeFalse();
    }

    [Fact]
    public void A_removed_package_must_stay_away_but_may_leave_its_configuration()
    {
        Applied("A", NoApp);
        Ask("A").Should().Be(new InstalledAnswer(false, "app is still there (1.0)"));

        Machine(("app", "1.0", "deinstall ok config-files"));
        Ask("A").IsInstalled.Should().BeTrue();

        Machine(("app", "1.0", "deinstall ok half-installed"));
        Ask("A").IsInstalled.Should().BeFalse();

        Machine();
        Ask("A").IsInstalled.Should().BeTrue();
    }

    [Theory]
    [InlineData(UpdateState.Begun)]
    [InlineData(UpdateState.Downloaded)]
    [InlineData(UpdateState.Installing)]
    [InlineData(UpdateState.Installed)]
    [InlineData(UpdateState.Failed)]
    [InlineData(UpdateState.Cancelled)]
    public void Only_an_applied_update_counts(UpdateState state)
    {
        Record("A", PinnedApp, state, Noon);

        Ask("A").IsInstalled.Should().BeFalse();
    }

    [Fact]
    public void After_going_from_A_to_B_only_B_is_installed_and_after_going_back_only_A()
    {
        Applied("A", PinnedApp);
        Applied("B", AppAt2, after: 10);
        Machine(("app", "2.0", "install ok installed"));
        Ask("A").IsInstalled.Should().BeFalse();
        Ask("B").IsInstalled.Should().BeTrue();

        Applied("A", PinnedApp, after: 20);
        Machine(("app", "1.0", "install ok installed"));
        Ask("A").IsInstalled.Should().BeTrue();
        Ask("B").IsInstalled.Should().BeFalse();
    }

    [Fact]
    public void Of_several_updates_with_the_same_criteria_the_newest_that_was_applied_counts()
    {
        Applied("A", PinnedApp);
        Applied("A", AppAt2, after: 10);
        Record("A", PinnedApp, UpdateState.Failed, Noon.AddSeconds(20));

        Ask("A").Should().Be(new InstalledAnswer(false, "app is 1.0 instead of 2.0"));
    }

    [Fact]
    public void The_newest_entry_of_the_agents_own_file_counts_on_a_device_that_has_changed_handlers()
    {
        new InstalledCriteriaFile(_folder["criteria"]).Add("older", Noon.AddSeconds(-1));
        new InstalledCriteriaFile(_folder["criteria"]).Add("newest", Noon);

        Ask("newest").IsInstalled.Should().BeTrue();
        Ask("older").IsInstalled.Should().BeFalse();
    }

    [Theory]
    [InlineData(UpdateState.Downloaded, false, true)]
    [InlineData(UpdateState.Failed, false, true)]
    [InlineData(UpdateState.Cancelled, false, true)]
    [InlineData(UpdateState.Installing, true, false)]
    [InlineData(UpdateState.Failed, true, false)]
    [InlineData(UpdateState.Applied, false, false)]
    public void A_later_update_of_ours_that_may_have_changed_something_overrules_the_agents_file(
        UpdateState state,
        bool hasChanged,
        bool isInstalled
    )
    {
        new InstalledCriteriaFile(_folder["criteria"]).Add("foreign", Noon);
        UpdateRecord ours = Record("ours", PinnedApp, state, Noon.AddSeconds(10));
        _records.Save(ours with { HasChangedMachine = hasChanged }, Noon.AddSeconds(10));

        Ask("foreign").IsInstalled.Should().Be(isInstalled);
    }

    [Fact]
    public void An_update_of_ours_that_was_over_before_does_not_overrule_the_agents_file()
    {
        Record("ours", PinnedApp, UpdateState.Applied, Noon.AddSeconds(-10));
        new InstalledCriteriaFile(_folder["criteria"]).Add("foreign", Noon);

        Ask("foreign").IsInstalled.Should().BeTrue();
    }

    [Fact]
    public void An_update_of_ours_that_was_prepared_before_and_installed_later_overrules_the_agents_file()
    {
        UpdateRecord ours = Record("ours", PinnedApp, UpdateState.Downloaded, Noon.AddSeconds(-10));
        new InstalledCriteriaFile(_folder["criteria"]).Add("foreign", Noon);
        _records.Save(ours with { State = UpdateState.Installing, HasChangedMachine = true }, Noon.AddSeconds(10));

        Ask("foreign").IsInstalled.Should().BeFalse();
    }

    [Fact]
    public void While_a_record_is_damaged_the_agents_file_is_no_proof()
    {
        UpdateRecord record = Applied("A", PinnedApp);
        File.WriteAllText(_folder[$"state/updates/{record.Number:000000}/update.json"], "");
        new InstalledCriteriaFile(_folder["criteria"]).Add("A", Noon);

        Ask("A").Should().Be(new InstalledAnswer(false, $"the record of update {record.Number} is damaged"));
    }

    [Fact]
    public void A_record_whose_manifest_is_damaged_is_no_proof()
    {
        UpdateRecord record = Applied("A", PinnedApp);
        File.WriteAllText(_folder[$"state/updates/{record.Number:000000}/manifest.json"], "{");

        Ask("A").Should().Be(new InstalledAnswer(false, $"the record of update {record.Number} is damaged"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\0\0\0\0")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("""{"number":"x"}""")]
    public void A_damaged_record_counts_as_not_there(string content)
    {
        UpdateRecord record = Applied("A", PinnedApp);
        File.WriteAllText(_folder[$"state/updates/{record.Number:000000}/update.json"], content);

        Ask("A").IsInstalled.Should().BeFalse();
    }

    [Fact]
    public void Hostile_content_of_the_agents_file_does_not_keep_the_check_from_answering()
    {
        _folder.Write("criteria", """[{"installedCriteria":"\ud800","state":"installed","timestamp":1}]""");

        Ask("A").IsInstalled.Should().BeFalse();
    }

    [Fact]
    public void A_status_that_cannot_be_read_is_told()
    {
        Applied("A", PinnedApp);
        File.Delete(_folder["status"]);

        FluentActions.Invoking(() => Ask("A")).Should().Throw<DpkgStatusException>();
    }

    public void Dispose() => _folder.Dispose();

    private InstalledAnswer Ask(string criteria) => InstalledCheck.Ask(_configuration, criteria, ("", ""), (_, _) => true);

    private InstalledAnswer AskFor(string criteria, string manifest) =>
        InstalledCheck.Ask(
            _configuration,
            criteria,
            ("", ""),
            (records, record) => Encoding.UTF8.GetString(records.Manifest(record)) == manifest
        );

    private void Machine(params (string Name, string Version, string Status)[] packages) =>
        _folder.Write("status", string.Join('\n', packages.Select(each => StatusFolder.Stanza(each.Name, each.Version, each.Status))));

    private UpdateRecord Applied(string criteria, string manifest, int after = 0) =>
        Record(criteria, manifest, UpdateState.Applied, Noon.AddSeconds(after));

    private UpdateRecord Record(string criteria, string manifest, UpdateState state, DateTimeOffset time)
    {
        UpdateRecord begun = _records.Continue(
            new UpdateRequest(UpdateStep.Download, criteria) { Manifest = Encoding.UTF8.GetBytes(manifest) },
            time
        );
        return _records.Save(begun with { State = state }, time);
    }
}
