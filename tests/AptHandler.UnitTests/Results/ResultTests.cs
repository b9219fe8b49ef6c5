using System.Text.Json;
using System.Text.RegularExpressions;
using AptHandler.Records;
using AptHandler.Requests;
using AptHandler.Results;
using AptHandler.Settings;

namespace AptHandler.UnitTests.Results;

public sealed class ResultTests
{
    [Fact]
    public void Every_extended_code_means_one_thing() => ExtendedResult.All.Select(each => each.Code).Should().OnlyHaveUniqueItems();

    [Fact]
    public void All_extended_codes_are_in_the_table_in_the_order_of_their_numbers()
    {
        IEnumerable<ExtendedResult?> declared = typeof(ExtendedResult)
            .GetFields()
            .Where(field => field.IsStatic && field.FieldType == typeof(ExtendedResult))
            .Select(field => (ExtendedResult?)field.GetValue(null));

        ExtendedResult.All.Should().BeEquivalentTo(declared);
        ExtendedResult.All.Select(each => each.Code).Should().BeInAscendingOrder();
    }

    // 0x30000068 is the agent's code for a manifest that cannot be parsed; the values from 0x30200300 to 0x302003ff are free for this
    // handler.
    [Fact]
    public void Every_extended_code_is_the_agents_own_or_in_the_free_range() =>
        ExtendedResult
            .All.Select(each => each.Code)
            .Should()
            .OnlyContain(code =>
                code == 0x30000068
                || (code >= 0x30200001 && code <= 0x30200007)
                || code == 0x30200100
                || code == 0x30200200
                || (code >= 0x30200300 && code <= 0x302003ff)
            );

    [Fact]
    public void Every_cause_has_a_meaning_and_a_remedy_that_the_agent_can_take() =>
        ExtendedResult
            .All.Should()
            .OnlyContain(each =>
                each.Meaning.Length > 10
                && each.Remedy.Length > 5
                && OperatorText.Clean(each.Meaning) == each.Meaning
                && OperatorText.Clean(each.Remedy) == each.Remedy
            );

    [Theory]
    [InlineData(0x30200100, "0x30200100")]
    [InlineData(0x3020030a, "0x3020030a")]
    [InlineData(0, "0x00000000")]
    [InlineData(-1, "0xffffffff")]
    public void A_code_is_written_with_eight_digits(int code, string text) => ExtendedResult.Format(code).Should().Be(text);

    [Fact]
    public void The_outcome_of_a_failure_is_that_of_its_cause()
    {
        foreach (ExtendedResult cause in ExtendedResult.All)
            UpdateResult.Failure(UpdateStep.Install, cause, "x").Outcome.Should().Be(cause.Outcome);
    }

    [Theory]
    [InlineData(0, 0, UpdateOutcome.Failed)]
    [InlineData(0, 0x00100003, UpdateOutcome.Failed)]
    [InlineData(-1, 0, UpdateOutcome.Cancelled)]
    [InlineData(-1, 0x30200305, UpdateOutcome.Cancelled)]
    [InlineData(-2, 0, UpdateOutcome.Failed)]
    [InlineData(600, 0, UpdateOutcome.Done)]
    [InlineData(901, 0, UpdateOutcome.Done)]
    public void Other_outcomes_follow_the_result_code(int code, int extended, UpdateOutcome outcome)
    {
        var result = new UpdateResult(UpdateStep.Install, code, extended, "");

        result.Outcome.Should().Be(outcome);
        result.IsSuccess.Should().Be(outcome == UpdateOutcome.Done);
    }

    [Fact]
    public void The_details_of_a_result_are_always_fit_for_the_agent()
    {
        const string Hostile = "%n\u001b[2J\n";

        new[]
        {
            UpdateResult.Success(UpdateStep.Install, ResultCode.InstallSuccess, Hostile),
            UpdateResult.Failure(UpdateStep.Install, ExtendedResult.Install, Hostile),
            UpdateResult.Cancelled(UpdateStep.Install, Hostile),
        }
            .Should()
            .OnlyContain(result => result.Details == "％n [2J ");
    }

    [Fact]
    public void A_result_comes_back_as_it_was_written()
    {
        UpdateResult result = UpdateResult.Failure(UpdateStep.Apply, ExtendedResult.Busy, "an ümlaut") with
        {
            Packages = [new PackageChange("a", null, "1"), new PackageChange("b", "1", null)],
            RestartAgent = true,
        };

        UpdateResult? read = JsonSerializer.Deserialize(
            JsonSerializer.SerializeToUtf8Bytes(result, CoreJson.Default.UpdateResult),
            CoreJson.Default.UpdateResult
        );

        read.Should().BeEquivalentTo(result);
    }

    [Theory]
    [InlineData("1234-1-8dd", true)]
    [InlineData("a", true)]
    [InlineData("", false)]
    [InlineData("..", false)]
    [InlineData("a/b", false)]
    [InlineData("/etc/passwd", false)]
    [InlineData("a.json", false)]
    [InlineData("a b", false)]
    [InlineData("a\0", false)]
    [InlineData("ä", false)]
    [InlineData("%s", false)]
    [InlineData(null, false)]
    public void Only_a_plain_name_is_the_id_of_a_request(string? id, bool isValid) =>
        new WorkerRequest(id!, new UpdateRequest(UpdateStep.Install, "c"), 0).HasValidId.Should().Be(isValid);

    [Fact]
    public void The_id_of_a_request_has_a_limit()
    {
        var request = new UpdateRequest(UpdateStep.Install, "c");

        new WorkerRequest(new string('a', 100), request, 0).HasValidId.Should().BeTrue();
        new WorkerRequest(new string('a', 101), request, 0).HasValidId.Should().BeFalse();
    }

    [Theory]
    [InlineData("{}", false)]
    [InlineData("""{"id":null,"request":null}""", false)]
    [InlineData("""{"id":"a"}""", false)]
    [InlineData("""{"request":{"step":"Install","installedCriteria":"c"}}""", false)]
    [InlineData("""{"id":"a","request":{"step":99,"installedCriteria":"c"}}""", false)]
    [InlineData("""{"id":"a","request":{"step":"Install"}}""", false)]
    [InlineData("""{"id":"a","manifestLength":-1,"request":{"step":"Install","installedCriteria":"c"}}""", false)]
    [InlineData("""{"id":"a","manifestLength":1048577,"request":{"step":"Install","installedCriteria":"c"}}""", false)]
    [InlineData("""{"id":"a","manifestLength":1048576,"later":"member","request":{"step":"Install","installedCriteria":"c"}}""", true)]
    [InlineData("""{"id":"a","request":{"step":"Install","installedCriteria":"c"}}""", true)]
    public void A_request_with_something_missing_is_not_complete(string json, bool isComplete) =>
        JsonSerializer.Deserialize(json, CoreJson.Default.WorkerRequest)!.IsComplete.Should().Be(isComplete);

    [Fact]
    public void The_id_of_a_workflow_has_a_limit()
    {
        var request = new UpdateRequest(UpdateStep.Install, "c");

        new WorkerRequest("a", request with { WorkflowId = new string('w', 200) }, 0).IsComplete.Should().BeTrue();
        new WorkerRequest("a", request with { WorkflowId = new string('w', 201) }, 0).IsComplete.Should().BeFalse();
    }

    [Fact]
    public void Of_the_results_of_workers_the_newest_are_kept()
    {
        using var folder = new TemporaryFolder();
        var configuration = new Configuration { RunDir = folder.Path };
        string results = Directory.CreateDirectory(folder["results"]).FullName;
        for (int i = 0; i < 60; i++)
        {
            string old = Path.Combine(results, $"old-{i:00}.json");
            File.WriteAllText(old, "{}");
            File.SetLastWriteTimeUtc(old, new DateTime(2026, 1, 1, 0, i, 0, DateTimeKind.Utc));
        }

        WorkerResults.Write(configuration, "new", UpdateResult.Success(UpdateStep.Install, ResultCode.InstallSuccess, "done"));

        string[] names = [.. Directory.GetFiles(results).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
        names
            .Should()
            .HaveCount(50)
            .And.Contain("new.json")
            .And.Contain("old-59.json")
            .And.Contain("old-11.json")
            .And.NotContain("old-10.json");
        File.ReadAllText(WorkerResults.PathOf(configuration, "new"))
            .Should()
            .MatchRegex(new Regex("\"details\":\"done\"", RegexOptions.None, RealProgram.Patience));
    }
}
