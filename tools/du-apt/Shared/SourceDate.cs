using System.Globalization;

namespace AptHandler.CommandLine.Shared;

/// <summary>
/// The date of files that must come out the same each time: https://reproducible-builds.org/specs/source-date-epoch/
/// </summary>
internal static class SourceDate
{
    /// <summary>The environment variable that sets it, in seconds since 1970.</summary>
    public const string Variable = "SOURCE_DATE_EPOCH";

    /// <summary>The date that the environment sets; otherwise the current time.</summary>
    public static DateTimeOffset Now => Set ?? TimeProvider.System.GetUtcNow();

    /// <summary>The date that the environment sets, or null.</summary>
    public static DateTimeOffset? Set =>
        long.TryParse(Environment.GetEnvironmentVariable(Variable), NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
        && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;
}
