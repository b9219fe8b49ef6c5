using System.Text.Json.Nodes;
using AptHandler.Records;

namespace AptHandler.UnitTests.Records;

public sealed class InstalledCriteriaFileTests : IDisposable
{
    private static readonly DateTimeOffset Noon = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    private readonly TemporaryFolder _folder = new();

    private string FilePath => _folder["installedcriteria"];

    private InstalledCriteriaFile Criteria => new(FilePath);

    [Fact]
    public void The_first_entry_makes_a_file_in_the_agents_format()
    {
        Criteria.Add("app-1", Noon).Should().BeTrue();

        File.ReadAllText(FilePath).Should().Be("""[{"installedCriteria":"app-1","state":"installed","timestamp":1800000000}]""");
        Criteria.Newest().Should().Be(("app-1", Noon));
    }

    [Fact]
    public void Criteria_that_are_there_already_become_the_newest_and_stay_one_entry()
    {
        Criteria.Add("app-1", Noon);
        Criteria.Add("app-2", Noon.AddSeconds(1));
        Criteria.Add("app-1", Noon.AddSeconds(2));

        JsonNode
            .Parse(File.ReadAllText(FilePath))!
            .AsArray()
            .Select(entry => (string?)entry!["installedCriteria"])
            .Should()
            .Equal("app-2", "app-1");
        Criteria.Newest().Should().Be(("app-1", Noon.AddSeconds(2)));
    }

    [Fact]
    public void Other_entries_stay_as_they_are_with_members_that_are_not_known()
    {
        _folder.Write(
            "installedcriteria",
            """[ {"more":{"a":[1,2.50,null]},"installedCriteria":"old","state":"removed","timestamp":5}, 7, {"x":"\u00e9"} ]"""
        );

        Criteria.Add("app-1", Noon);

        JsonArray entries = JsonNode.Parse(File.ReadAllText(FilePath))!.AsArray();
        entries.Should().HaveCount(4);
        entries[0]!
            .ToJsonString()
            .Should()
            .Be("""{"more":{"a":[1,2.50,null]},"installedCriteria":"old","state":"removed","timestamp":5}""");
        entries[1]!.ToJsonString().Should().Be("7");
        ((string?)entries[2]!["x"]).Should().Be("é");
    }

    [Fact]
    public void The_newest_entry_is_that_with_the_latest_time_wherever_it_stands()
    {
        _folder.Write(
            "installedcriteria",
            """
            [{"installedCriteria":"a","state":"installed","timestamp":10},
             {"installedCriteria":"b","state":"installed","timestamp":30.7},
             {"installedCriteria":"c","state":"installed","timestamp":20},
             {"installedCriteria":"d","state":"failed","timestamp":40}]
            """
        );

        Criteria.Newest().Should().Be(("b", DateTimeOffset.FromUnixTimeSeconds(30)));
    }

    [Fact]
    public void Of_entries_of_the_same_second_the_last_is_the_newest()
    {
        _folder.Write(
            "installedcriteria",
            """
            [{"installedCriteria":"a","state":"installed","timestamp":10},{"installedCriteria":"b","state":"installed","timestamp":10}]
            """
        );

        Criteria.Newest()!.Value.Criteria.Should().Be("b");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("\0\0\0\0")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    [InlineData("[]")]
    [InlineData("[[],{},null,1,\"x\"]")]
    [InlineData("""[{"installedCriteria":"a","state":"installed"}]""")]
    [InlineData("""[{"installedCriteria":"a","state":"installed","timestamp":"10"}]""")]
    [InlineData("""[{"installedCriteria":"a","state":"installed","timestamp":-1}]""")]
    [InlineData("""[{"installedCriteria":"a","state":"installed","timestamp":1e300}]""")]
    [InlineData("""[{"installedCriteria":"a","state":"installed","timestamp":1e9999}]""")]
    [InlineData("""[{"installedCriteria":5,"state":"installed","timestamp":10}]""")]
    [InlineData("""[{"installedCriteria":"a","state":null,"timestamp":10}]""")]
    [InlineData("""[{"installedCriteria":"\ud800","state":"installed","timestamp":10}]""")]
    [InlineData("""[{"installedCriteria":"a","state":"\udfff","timestamp":10}]""")]
    [InlineData("""[{"\ud800":1}]""")]
    [InlineData("""[{"x":"\ud800"}]""")]
    public void Content_that_is_damaged_or_hostile_tells_nothing_and_does_not_stand_in_the_way(string content)
    {
        _folder.Write("installedcriteria", content);

        Criteria.Newest().Should().BeNull();
        Criteria.Add("app-1", Noon);

        Criteria.Newest().Should().Be(("app-1", Noon));
    }

    [Fact]
    public void Bytes_that_are_no_text_do_not_hide_the_other_entries()
    {
        File.WriteAllBytes(
            FilePath,
            [
                .. "[{\"installedCriteria\":\""u8,
                0xff,
                .. "\",\"state\":\"x\"},{\"installedCriteria\":\"a\",\"state\":\"installed\",\"timestamp\":10}]"u8,
            ]
        );

        Criteria.Newest()!.Value.Criteria.Should().Be("a");
        Criteria.Add("app-1", Noon);

        File.ReadAllText(FilePath).Should().Contain("\"installedCriteria\":\"a\"");
        Criteria.Newest().Should().Be(("app-1", Noon));
    }

    [Fact]
    public void A_byte_order_mark_does_not_hide_the_entries()
    {
        _folder.Write("installedcriteria", "\uFEFF" + """[{"installedCriteria":"a","state":"installed","timestamp":10}]""");

        Criteria.Newest()!.Value.Criteria.Should().Be("a");
    }

    [Fact]
    public void An_entry_that_cannot_be_kept_does_not_take_the_others_with_it()
    {
        _folder.Write(
            "installedcriteria",
            """
            [{"installedCriteria":"\ud800","state":"installed","timestamp":99},{"installedCriteria":"a","state":"installed","timestamp":10}]
            """
        );

        Criteria.Newest()!.Value.Criteria.Should().Be("a");
        Criteria.Add("app-1", Noon);

        File.ReadAllText(FilePath).Should().Contain("\"installedCriteria\":\"a\"");
    }

    [Fact]
    public void Depth_and_size_without_end_are_bounded()
    {
        _folder.Write("installedcriteria", new string('[', 1_000_000));
        Criteria.Newest().Should().BeNull();

        _folder.Write("installedcriteria", "[" + new string(' ', 5 << 20) + "]");
        Criteria.Newest().Should().BeNull();
        Criteria.Add("app-1", Noon);
        new FileInfo(FilePath).Length.Should().BeLessThan(1000);
    }

    [Fact]
    public void A_link_in_its_place_is_neither_read_nor_written_through()
    {
        const string Elsewhere = """[{"installedCriteria":"a","state":"installed","timestamp":10}]""";
        File.CreateSymbolicLink(FilePath, _folder.Write("elsewhere", Elsewhere));

        Criteria.Newest().Should().BeNull();
        Criteria.Add("app-1", Noon);

        File.ReadAllText(_folder["elsewhere"]).Should().Be(Elsewhere);
        Criteria.Newest().Should().Be(("app-1", Noon));
    }

    [Fact]
    public void A_missing_folder_is_the_agents_to_make()
    {
        new InstalledCriteriaFile(_folder["none/installedcriteria"]).Add("a", Noon).Should().BeFalse();

        Directory.Exists(_folder["none"]).Should().BeFalse();
    }

    [Theory]
    [InlineData("with \"quotes\" and \\")]
    [InlineData("ümlaut 😀")]
    [InlineData("</script>&'")]
    public void Criteria_come_back_as_they_were_written(string criteria)
    {
        Criteria.Add(criteria, Noon);

        Criteria.Newest()!.Value.Criteria.Should().Be(criteria);
    }

    public void Dispose() => _folder.Dispose();
}
