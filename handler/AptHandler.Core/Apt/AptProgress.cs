using System.Globalization;

namespace AptHandler.Apt;

/// <summary>What apt is doing at the moment.</summary>
/// <param name="Phase">The kind of work.</param>
/// <param name="Percent">The progress of this kind of work in percent, 0 to 100.</param>
/// <param name="Package">The package that the work is about, or null.</param>
/// <param name="Text">What is being done, in apt's words.</param>
public sealed record AptProgress(AptPhase Phase, double Percent, string? Package, string Text)
{
    /// <summary>
    /// Reads a line of <c>APT::Status-Fd</c>: <c>dlstatus:number:percent:text</c> or <c>pmstatus:package[:arch]:percent:text</c>.
    /// </summary>
    /// <returns>The progress, or null for every other line.</returns>
    public static AptProgress? TryParse(string line)
    {
        int colon = line.IndexOf(':', StringComparison.Ordinal);
        AptPhase? phase =
            colon < 0
                ? null
                : line[..colon] switch
                {
                    "dlstatus" => AptPhase.Download,
                    "pmstatus" => AptPhase.Change,
                    _ => null,
                };
        if (phase is null)
            return null;

        // The name and the text may hold colons, but the percentage between them does not. The percentage is the first part that is a
        // number with a point.
        string[] parts = line[(colon + 1)..].Split(':');
        int percentAt = Array.FindIndex(parts, 1, part => part.Contains('.', StringComparison.Ordinal) && TryParsePercent(part, out _));
        if (percentAt < 0 || !TryParsePercent(parts[percentAt], out double percent))
            return null;
        string subject = string.Join(':', parts[..percentAt]);
        string? package = phase == AptPhase.Download || subject is "dpkg-exec" or "" ? null : subject;
        return new AptProgress(phase.Value, Math.Clamp(percent, 0, 100), package, string.Join(':', parts[(percentAt + 1)..]));
    }

    private static bool TryParsePercent(string text, out double percent) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out percent);
}

/// <summary>The kinds of work that apt reports on.</summary>
public enum AptPhase
{
    /// <summary>Waiting for a lock.</summary>
    Wait,

    /// <summary>Fetching indexes or archives.</summary>
    Download,

    /// <summary>dpkg unpacks, configures and removes.</summary>
    Change,
}
