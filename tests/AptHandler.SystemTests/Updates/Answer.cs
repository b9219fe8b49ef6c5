using System.Text.Json;
using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Updates;

/// <summary>What <c>du-apt --json</c> said about a step, with its exit status.</summary>
/// <param name="Details">Without the fingerprint at the end.</param>
/// <param name="Fingerprint">That of the packages; null where the step tells none.</param>
public sealed record Answer(
    int ExitStatus,
    string Step,
    int ResultCode,
    string ExtendedResultCode,
    string Details,
    IReadOnlyList<string> Packages,
    string? Fingerprint
)
{
    private static readonly string[] Members = ["step", "resultCode", "extendedResultCode", "details", "packages"];

    /// <summary>How it ended, without the words.</summary>
    public (int ExitStatus, int ResultCode, string ExtendedResultCode) Cause => (ExitStatus, ResultCode, ExtendedResultCode);

    /// <summary>Reads the output, which holds one object with exactly the members that are promised.</summary>
    public static Answer Of(Outcome outcome)
    {
        using var document = Json(outcome);
        var answer = document.RootElement;
        answer.EnumerateObject().Select(member => member.Name).Should().Equal(Members);
        var details = answer.GetProperty("details").GetString()!;
        details.Should().NotContainAny("%", "\n", "\u001b");
        System.Text.Encoding.UTF8.GetByteCount(details).Should().BeLessThanOrEqualTo(1000);
        var (text, fingerprint) = ResultDetails.Split(details);
        return new Answer(
            outcome.ExitStatus,
            answer.GetProperty("step").GetString()!,
            answer.GetProperty("resultCode").GetInt32(),
            answer.GetProperty("extendedResultCode").GetString()!,
            text,
            Changes(answer),
            fingerprint
        );
    }

    /// <summary>The changes in an object with a member <c>packages</c>: "foo - -> 1.0".</summary>
    public static IReadOnlyList<string> Changes(JsonElement answer) =>
        [
            .. answer
                .GetProperty("packages")
                .EnumerateArray()
                .Select(change =>
                    $"{change.GetProperty("name").GetString()} {change.GetProperty("before").GetString() ?? "-"} -> "
                    + $"{change.GetProperty("after").GetString() ?? "-"}"
                ),
        ];

    public static JsonDocument Json(Outcome outcome)
    {
        outcome.Text.Should().NotContain("\u001b", "this is no terminal");
        try
        {
            return JsonDocument.Parse(outcome.Output);
        }
        catch (JsonException e)
        {
            throw new InvalidOperationException($"no JSON, exit status {outcome.ExitStatus}:\n{outcome.Text}", e);
        }
    }
}
