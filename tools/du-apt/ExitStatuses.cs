using AptHandler.Updates;

namespace AptHandler.CommandLine;

/// <summary>What the exit statuses mean: the one source of help, man page and README.</summary>
internal static class ExitStatuses
{
    /// <summary>All of them, in the order of their numbers.</summary>
    public static IReadOnlyList<(UpdateOutcome Status, string Meaning)> All { get; } =
    [
        (UpdateOutcome.Done, "done"),
        (UpdateOutcome.Failed, "the update failed"),
        (UpdateOutcome.InvalidInput, "the input is not valid"),
        (UpdateOutcome.TryLater, "worth another try later (a lock, the network)"),
        (UpdateOutcome.Cancelled, "cancelled"),
    ];

    /// <summary>What two commands use them for besides.</summary>
    public const string Answers = "'is-installed' ends with 1 when the answer is no, 'version compare' when the relation does not hold.";

    /// <summary>All of them in a sentence.</summary>
    public static string Sentence => $"Exit status: {string.Join(", ", All.Select(each => FormattableString.Invariant($"{(int)each.Status} {each.Meaning}")))}.";
}
