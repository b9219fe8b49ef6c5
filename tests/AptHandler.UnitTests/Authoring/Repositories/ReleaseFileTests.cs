using AptHandler.Authoring.Repositories;

namespace AptHandler.UnitTests.Authoring.Repositories;

/// <summary>The text of Release files, as aptly writes them.</summary>
public sealed class ReleaseFileTests
{
    private const string Text =
        "Origin: fleet\nDate: Sun, 1 Nov 2026 03:04:05 UTC\nMD5Sum:\n 00 5 main/a\nSHA256:\n abc        12 "
        + "main/binary-amd64/Packages\n def 3 main/b\nSHA512:\n 11 5 main/a\n";

    [Fact]
    public void A_date_is_read_and_replaced_and_nothing_else_changes()
    {
        ReleaseFile.DateIn(Text).Should().Be(new DateTimeOffset(2026, 11, 1, 3, 4, 5, TimeSpan.Zero));
        ReleaseFile
            .WithDate(Text, new DateTimeOffset(2026, 11, 30, 23, 59, 59, TimeSpan.Zero))
            .Should()
            .Be(Text.Replace("Sun, 1 Nov 2026 03:04:05", "Mon, 30 Nov 2026 23:59:59", StringComparison.Ordinal));
        ReleaseFile.WithDate(Text, ReleaseFile.DateIn(Text)!.Value).Should().Be(Text);
        ReleaseFile.DateIn("Origin: fleet\n").Should().BeNull();
    }

    [Fact]
    public void Only_hashes_of_the_right_kind_count() =>
        ReleaseFile
            .EntriesIn(Text)
            .Should()
            .Equal(new ReleaseEntry("main/binary-amd64/Packages", 12, "abc"), new ReleaseEntry("main/b", 3, "def"));
}
