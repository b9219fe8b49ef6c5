namespace AptHandler.CommandLine.Shared;

/// <summary>What the exit statuses mean. The help, the man page and the README all take it from here.</summary>
internal static class ExitStatuses
{
    /// <summary>The meaning of each status, as part of a sentence. Its index is the <see cref="Results.UpdateOutcome"/>.</summary>
    public static IReadOnlyList<string> Meanings { get; } =
    ["done", "the update failed", "the input is not valid", "worth another try later (a lock, the network)", "cancelled"];

    /// <summary>What else some commands use the statuses for.</summary>
    public const string Answers =
        "'is-installed' ends with 1 when the answer is no, 'version compare' when the relation does not hold, 'manifest lint', "
        + "'import-manifest verify' and 'repository verify' when they find errors; 'drift' ends with 5 when something has drifted.";

    /// <summary>All of them in a sentence.</summary>
    public static string Sentence => $"Exit status: {string.Join(", ", Meanings.Select((meaning, status) => $"{status} {meaning}"))}.";
}
