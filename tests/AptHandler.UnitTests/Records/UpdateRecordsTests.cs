using AptHandler.Records;
using AptHandler.Requests;
using AptHandler.Results;

namespace AptHandler.UnitTests.Records;

public sealed class UpdateRecordsTests : IDisposable
{
    private static readonly DateTimeOffset Noon = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
    private static readonly UpdateRequest Request = new(UpdateStep.Download, "A") { WorkflowId = "w", Manifest = "manifest"u8.ToArray() };

    private readonly TemporaryFolder _folder = new();
    private readonly UpdateRecords _records;

    public UpdateRecordsTests() => _records = new UpdateRecords(_folder.Path);

    [Fact]
    public void A_new_device_has_no_records() => _records.NewestFirst().Should().BeEmpty();

    [Fact]
    public void An_update_begins_with_a_record_and_its_manifest()
    {
        UpdateRecord record = _records.Continue(Request, Noon);

        record
            .Should()
            .BeEquivalentTo(
                new
                {
                    Number = 1,
                    WorkflowId = "w",
                    InstalledCriteria = "A",
                    Began = Noon,
                    State = UpdateState.Begun,
                    HasEnded = false,
                }
            );
        _records.Manifest(record).Should().Equal("manifest"u8.ToArray());
        _records.NewestFirst().Should().ContainSingle().Which.Should().BeEquivalentTo(record with { Changed = Noon });
        Directory
            .GetFiles(_folder["updates/000001"])
            .Select(path => Path.GetFileName(path))
            .Should()
            .BeEquivalentTo("update.json", "manifest.json");
        _records.Transcript(record).Should().Be(_folder["updates/000001/apt.log"]);
    }

    [Fact]
    public void A_new_update_cuts_what_daemons_have_gone_on_writing_into_the_transcripts_of_earlier_ones()
    {
        UpdateRecord first = _records.Continue(Request, Noon);
        _records.Save(first with { State = UpdateState.Applied }, Noon);
        File.WriteAllBytes(_records.Transcript(first), new byte[20_000_000]);

        _records.Continue(Request, Noon);

        new FileInfo(_records.Transcript(first)).Length.Should().BeLessThan(8 << 20);
    }

    [Theory]
    [InlineData(UpdateState.Begun)]
    [InlineData(UpdateState.Downloaded)]
    [InlineData(UpdateState.Installed)]
    public void The_next_step_goes_on_with_the_update(UpdateState state)
    {
        UpdateRecord first = _records.Continue(Request, Noon);
        _records.Save(first with { State = state, Packages = [new PackageChange("app", "1", "2")] }, Noon);

        UpdateRecord next = _records.Continue(Request with { Step = UpdateStep.Install }, Noon.AddHours(1));

        next.Number.Should().Be(first.Number);
        next.Began.Should().Be(Noon);
        next.State.Should().Be(state);
        next.Packages.Should().Equal(new PackageChange("app", "1", "2"));
    }

    [Theory]
    [InlineData(UpdateState.Applied)]
    [InlineData(UpdateState.Failed)]
    [InlineData(UpdateState.Cancelled)]
    [InlineData(UpdateState.Installing)]
    public void After_its_end_the_same_request_begins_another_update(UpdateState state)
    {
        UpdateRecord first = _records.Continue(Request, Noon);
        _records.Save(first with { State = state }, Noon);

        _records.Continue(Request, Noon).Number.Should().Be(2);
        _records.NewestFirst().Select(record => record.State).Should().Equal(UpdateState.Begun, state);
    }

    [Fact]
    public void Another_manifest_or_criteria_or_workflow_is_another_update()
    {
        _records.Continue(Request, Noon);

        _records.Continue(Request with { Manifest = "another"u8.ToArray() }, Noon).Number.Should().Be(2);
        _records.Continue(Request with { InstalledCriteria = "B", Manifest = "another"u8.ToArray() }, Noon).Number.Should().Be(3);
        _records
            .Continue(Request with { InstalledCriteria = "B", WorkflowId = "x", Manifest = "another"u8.ToArray() }, Noon)
            .Number.Should()
            .Be(4);
    }

    [Fact]
    public void A_step_goes_on_although_others_of_its_deployment_were_downloaded_after_it()
    {
        _records.Continue(Request, Noon);
        UpdateRequest next = Request with { InstalledCriteria = "B" };
        _records.Continue(next, Noon).Number.Should().Be(2);

        _records.Continue(Request, Noon).Number.Should().Be(1);
        _records.Continue(next, Noon).Number.Should().Be(2);
    }

    [Theory]
    [InlineData(UpdateState.Installing, true, 3)]
    [InlineData(UpdateState.Applied, true, 3)]
    [InlineData(UpdateState.Failed, false, 1)]
    public void An_update_is_not_gone_on_with_when_a_later_one_has_changed_the_device(UpdateState state, bool hasChanged, int number)
    {
        _records.Continue(Request, Noon);
        UpdateRecord later = _records.Continue(Request with { InstalledCriteria = "B" }, Noon);
        _records.Save(later with { State = state, HasChangedMachine = hasChanged }, Noon);

        _records.Continue(Request, Noon).Number.Should().Be(number);
    }

    [Fact]
    public void What_stands_between_two_states_is_brought_to_its_end_before_what_only_owes_something()
    {
        UpdateRecord first = _records.Continue(Request, Noon);
        UpdateRecord second = _records.Continue(Request with { InstalledCriteria = "B" }, Noon);
        _records.HalfDone().Should().BeNull();
        _records.Save(second with { State = UpdateState.Failed, OwesDeployment = true }, Noon);
        _records.HalfDone()!.Number.Should().Be(2);
        _records.Save(first with { State = UpdateState.Restoring }, Noon);
        _records.HalfDone()!.Number.Should().Be(1);
    }

    [Fact]
    public void All_installed_steps_of_a_deployment_stay_on_record_however_many_updates_fail_after_it()
    {
        foreach (string step in new[] { "A", "B", "C" })
        {
            UpdateRecord record = _records.Continue(
                Request with
                {
                    InstalledCriteria = step,
                    WorkflowId = "deployment",
                    Place = step,
                },
                Noon
            );
            _records.Save(record with { State = UpdateState.Applied, HasChangedMachine = true }, Noon);
        }

        for (int i = 0; i < 60; i++)
            _records.Save(_records.Continue(Request, Noon) with { State = UpdateState.Failed }, Noon);
        _records.NewestFirst().TakeLast(4).Select(record => record.Number).Should().Equal(14, 3, 2, 1);
    }

    [Theory]
    [InlineData("8c1bd1b4-4b04-4f5e-8a3e-0e2f5a8c1a11", true)]
    [InlineData("0", false)]
    [InlineData("12", false)]
    [InlineData("", false)]
    public void The_place_of_a_step_is_no_deployment(string id, bool isKnown) => new Deployment(_records, id).IsKnown.Should().Be(isKnown);

    [Fact]
    public void Numbers_grow_over_gaps_and_over_folders_without_a_record()
    {
        _records.Continue(Request, Noon);
        Directory.CreateDirectory(_folder["updates/000007"]);
        Directory.CreateDirectory(_folder["updates/not-a-number"]);
        _folder.Write("updates/000009", "a file");

        _records.Continue(Request, Noon).Number.Should().Be(8);
        _records.NewestFirst().Select(record => record.Number).Should().Equal(8, 1);
    }

    [Theory]
    [InlineData("{\"number\":1")]
    [InlineData("""{"number":1,"installedCriteria":"c","began":"2026-01-31T10:00:00+00:00","packages":null}""")]
    [InlineData("""{"number":1,"installedCriteria":null,"began":"2026-01-31T10:00:00+00:00"}""")]
    [InlineData("""{"number":1,"installedCriteria":"c","began":"2026-01-31T10:00:00+00:00","packages":[null]}""")]
    [InlineData("""{"number":1,"installedCriteria":"c","began":"2026-01-31T10:00:00+00:00","result":{"step":"Apply","resultCode":1}}""")]
    public void A_damaged_record_is_left_out_and_not_gone_on_with(string damaged)
    {
        _records.Continue(Request, Noon);
        _folder.Write("updates/000001/update.json", damaged);

        _records.NewestFirst().Should().BeEmpty();
        _records.Continue(Request, Noon).Number.Should().Be(2);
    }

    [Fact]
    public void A_missing_manifest_is_empty()
    {
        UpdateRecord record = _records.Continue(Request, Noon);
        File.Delete(_folder["updates/000001/manifest.json"]);

        _records.Manifest(record).Should().BeEmpty();
    }

    [Fact]
    public void Fifty_updates_are_kept()
    {
        for (int i = 1; i <= 53; i++)
            _records.Save(_records.Continue(Request, Noon) with { State = UpdateState.Applied }, Noon);

        _records.NewestFirst().Select(record => record.Number).Should().Equal(Enumerable.Range(4, 50).Reverse());
        Directory.GetDirectories(_folder["updates"]).Should().HaveCount(50);
    }

    [Fact]
    public void What_cannot_be_tidied_away_does_not_keep_an_update_from_beginning()
    {
        for (int i = 1; i <= 50; i++)
            Directory.CreateDirectory(_folder[$"updates/{i:000000}"]);
        // Counts as number 0, whose folder would be named otherwise.
        Directory.CreateDirectory(_folder["updates/0"]);

        _records.Continue(Request, Noon).Number.Should().Be(51);
    }

    [Fact]
    public void Saving_tells_when()
    {
        UpdateRecord record = _records.Continue(Request, Noon);

        _records.Save(
            record with
            {
                State = UpdateState.Failed,
                Result = UpdateResult.Failure(UpdateStep.Install, ExtendedResult.Held, "held"),
            },
            Noon.AddHours(2)
        );

        _records
            .NewestFirst()
            .Single()
            .Should()
            .BeEquivalentTo(
                new
                {
                    Changed = Noon.AddHours(2),
                    Began = Noon,
                    State = UpdateState.Failed,
                    HasEnded = true,
                    Result = new { ExtendedResultCode = ExtendedResult.Held.Code, Details = "held" },
                }
            );
    }

    public void Dispose() => _folder.Dispose();
}
