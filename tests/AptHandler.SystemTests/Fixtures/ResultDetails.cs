namespace AptHandler.SystemTests.Fixtures;

/// <summary>The details of a result, and the fingerprint that those of an update that is installed end with.</summary>
public static class ResultDetails
{
    private const string Beginning = "; packages fingerprint ";

    /// <summary>Takes them apart.</summary>
    public static (string Text, string? Fingerprint) Split(string details)
    {
        var at = details.LastIndexOf(Beginning, StringComparison.Ordinal);
        if (at < 0)
            return (details, null);
        var fingerprint = details[(at + Beginning.Length)..];
        fingerprint.Should().HaveLength(64);
        fingerprint.All(char.IsAsciiHexDigitLower).Should().BeTrue();
        return (details[..at], fingerprint);
    }
}
