using AptHandler.Authoring;
using AptHandler.Authoring.Repositories;

namespace AptHandler.UnitTests.Authoring.Repositories;

/// <summary>Histories of channels, and the names of channels and snapshots.</summary>
public sealed class ChannelRecordTests
{
    [Fact]
    public void The_last_snapshots_count_once_each()
    {
        ChannelRecord record = Record("one", "two", "one", "two", "three");
        (record.Current, record.Before).Should().Be(("three", "two"));
        record.Last(1).Should().Equal("three");
        record.Last(2).Should().Equal("three", "two");
        record.Last(9).Should().Equal("three", "two", "one");
        Record("one").Before.Should().BeNull();
    }

    [Theory]
    [InlineData("a")]
    [InlineData("5f23332d8037eba6")]
    [InlineData("2026.11-rc.1")]
    public void A_name_may_become_a_path(string name) => StoreName.Checked("channel", name).Should().Be(name);

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData(".new")]
    [InlineData("-x")]
    [InlineData("a/b")]
    [InlineData("A")]
    [InlineData("a b")]
    [InlineData("ä")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void A_name_that_must_not_become_a_path_is_refused(string name)
    {
        Action check = () => StoreName.Checked("channel", name);
        check.Should().Throw<InputException>().WithMessage("cannot name a channel*lower-case letters*");
    }

    private static ChannelRecord Record(params string[] snapshots) =>
        new()
        {
            Name = "dev",
            Moves =
            [
                .. snapshots.Select(
                    (to, i) =>
                        new ChannelMove
                        {
                            Time = DateTimeOffset.UnixEpoch,
                            From = i == 0 ? null : snapshots[i - 1],
                            To = to,
                        }
                ),
            ],
        };
}
