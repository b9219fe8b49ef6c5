using System.Globalization;

namespace AptHandler.SystemTests.Fixtures;

/// <summary>What du-apt did, and the most memory that it, or a program that it started, had at once.</summary>
public sealed record PeakMemory(Outcome Outcome, int Megabytes)
{
    /// <summary>What the programs take at most, whatever comes from outside, in megabytes.</summary>
    public const int Most = 150;

    /// <summary>Runs du-apt on a root, as <see cref="PrivateRoot.DuApt"/> does.</summary>
    public static PeakMemory Of(PrivateRoot root, params string[] words)
    {
        using var folder = new TemporaryFolder("memory");
        var measured = Path.Combine(folder, "kilobytes");
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["XDG_CACHE_HOME"] = root.Caches };
        string[] time = ["--quiet", "--format=%M", $"--output={measured}"];
        var outcome = Command.Run("/usr/bin/time", [.. time, SourceTree.DuApt, "--config", root.Configuration, .. words], environment);
        return new PeakMemory(outcome, int.Parse(File.ReadAllText(measured), CultureInfo.InvariantCulture) / 1000);
    }

    /// <summary>The outcome, once the memory has been judged.</summary>
    public Outcome Bounded()
    {
        Megabytes.Should().BeLessThanOrEqualTo(Most, Outcome.Text.Length > 1000 ? Outcome.Text[..1000] : Outcome.Text);
        return Outcome;
    }
}
