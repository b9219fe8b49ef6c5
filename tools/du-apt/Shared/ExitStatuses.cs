namespace AptHandler.CommandLine.Shared;

/// <summary>What the exit statuses mean: the one source of help, man page and README.</summary>
internal static class ExitStatuses
{
    /// <summary>What each means, as a part of a sentence; its place is the status, as in <see cref="Results.UpdateOutcome"/>.</summary>
    public static IReadOnlyList<string> Meanings { get; } =
    ["done", "the update failed", "the input is not valid", "worth another try later (a lock, the network)", "cancelled"];

    /// <summary>What some commands use them for besides.</summary>
    public const string Answers =
        "'is-installed' ends with 1 when the answer is no, 'version compare' when the relation does not hold, 'manifest lint', "
        + "'import-manifest verify' and 'repository verify' when they find errors; 'drift' ends with 5 when something has drifted.";

    /// <summary>All of them in a sentence.</summary>
    public static string Sentence => $"Exit status: {string.Join(", ", Meanings.Select((meaning, status) => $"{status} {meaning}"))}.";
}
