using AptHandler.Apt;
using FsCheck;
using FsCheck.Fluent;

namespace AptHandler.UnitTests.Apt;

public sealed class AptProgressTests
{
    [Theory]
    [InlineData("dlstatus:1:0.0000:Retrieving file 1 of 1", AptPhase.Download, 0, null, "Retrieving file 1 of 1")]
    [InlineData(
        "dlstatus:12:37.4532:Retrieving file 2 of 3 (1h 2min remaining)",
        AptPhase.Download,
        37.4532,
        null,
        "Retrieving file 2 of 3 (1h 2min remaining)"
    )]
    [InlineData("pmstatus:dpkg-exec:40.0000:Running dpkg", AptPhase.Change, 40, null, "Running dpkg")]
    [InlineData("pmstatus:big:20.0000:Unpacking big (amd64)", AptPhase.Change, 20, "big", "Unpacking big (amd64)")]
    [InlineData("pmstatus:big:i386:20.0000:Unpacking big (i386)", AptPhase.Change, 20, "big:i386", "Unpacking big (i386)")]
    [InlineData("pmstatus:python3.11:100.0000:Installed python3.11", AptPhase.Change, 100, "python3.11", "Installed python3.11")]
    [InlineData("pmstatus:3.14:50.0000:a name that looks like a number", AptPhase.Change, 50, "3.14", "a name that looks like a number")]
    [InlineData("pmstatus:big:33.3333:text: with 4.5: colons:", AptPhase.Change, 33.3333, "big", "text: with 4.5: colons:")]
    [InlineData("pmstatus:big:33.3333:", AptPhase.Change, 33.3333, "big", "")]
    [InlineData("pmstatus::33.3333:no name", AptPhase.Change, 33.3333, null, "no name")]
    public void A_line_of_apt_is_read(string line, AptPhase phase, double percent, string? package, string text) =>
        AptProgress.TryParse(line).Should().Be(new AptProgress(phase, percent, package, text));

    [Theory]
    [InlineData("")]
    [InlineData(":")]
    [InlineData("dlstatus")]
    [InlineData("dlstatus:")]
    [InlineData("dlstatus:1:text")]
    [InlineData("dlstatus:1.5")]
    [InlineData("pmstatus:big:-1.0:text")]
    [InlineData("pmstatus:big:1.0e3:text")]
    [InlineData("pmstatus:big:NaN.:text")]
    [InlineData("pmerror:big:20.0000:failed")]
    [InlineData("pmconffile:/etc/x:20.0000:'a' 'b' 1 0")]
    [InlineData("PMSTATUS:big:20.0000:x")]
    [InlineData(" pmstatus:big:20.0000:x")]
    public void Every_other_line_is_passed_over(string line) => AptProgress.TryParse(line).Should().BeNull();

    [Theory]
    [InlineData("pmstatus:big:100.0001:x")]
    [InlineData("pmstatus:big:99999999999999999999999999999999999.9:x")]
    public void More_than_everything_is_everything(string line) => AptProgress.TryParse(line)!.Percent.Should().Be(100);

    [Fact]
    public void No_line_whatever_throws_or_leaves_the_bounds() =>
        Prop.ForAll(
                Gen.ArrayOf(
                        Gen.Elements(
                            "pmstatus",
                            "dlstatus",
                            ":",
                            ":",
                            ".",
                            "1",
                            "50.0",
                            "1e400",
                            "-",
                            "é",
                            "\0",
                            " ",
                            "dpkg-exec",
                            "99999999999"
                        )
                    )
                    .Select(parts => string.Concat(parts))
                    .ToArbitrary(),
                line => AptProgress.TryParse(line) is not { } progress || progress.Percent is >= 0 and <= 100
            )
            .QuickCheckThrowOnFailure();
}
