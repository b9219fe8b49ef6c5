using AptHandler.Manifests;
using static AptHandler.UnitTests.Manifests.ManifestText;

namespace AptHandler.UnitTests.Manifests;

public class RepeatedPackageTests
{
    [Theory]
    [InlineData("""{"name":"foo","version":"1.0"}""", """{"name":"foo","version":"1.0"}""", "foo=1.0")]
    [InlineData("""{"name":"foo","version":"1.0.8"}""", """{"name":"foo","version":"1.0.8-0"}""", "foo=1.0.8")]
    [InlineData("""{"name":"foo","version":"0:1.0"}""", """{"name":"foo","version":"1.00"}""", "foo=0:1.0")]
    [InlineData("""{"name":"foo"}""", """{"name":"foo","version":null}""", "foo")]
    [InlineData("""{"name":"foo-"}""", """{"name":"foo-"}""", "foo-")]
    public void The_same_wish_twice_is_a_warning_and_the_first_stays(string first, string second, string wish)
    {
        ManifestReading reading = Read(With(first, second));

        reading.Findings().Should().Equal("repeated-package $.packages[1] 5:5");
        reading.Problems.Single().Severity.Should().Be(ProblemSeverity.Warning);
        reading.Problems.Single().Message.Should().Contain("line 4, column 5 ($.packages[0])");
        reading.Wishes().Should().Equal(wish);
    }

    [Theory]
    [InlineData(
        """{"name":"foo","version":"1.0"}""",
        """{"name":"foo","version":"2.0"}""",
        "version \"2.0\" here and with version \"1.0\""
    )]
    [InlineData("""{"name":"foo","version":"1.0"}""", """{"name":"foo"}""", "its newest version here and with version \"1.0\"")]
    [InlineData("""{"name":"foo"}""", """{"name":"foo-"}""", "its removal here and with its newest version")]
    public void Different_wishes_are_an_error_that_names_both_places(string first, string second, string wishes)
    {
        ManifestReading reading = Read(With(first, """{"name":"between"}""", second));

        reading.Findings().Should().Equal("contradicting-packages $.packages[2] 6:5");
        reading.Manifest.Should().BeNull();
        reading.Problems.Single().Message.Should().Contain(wishes).And.Contain("line 4, column 5 ($.packages[0])");
    }

    [Fact]
    public void A_package_with_and_without_an_architecture_is_left_to_those_who_know_the_devices_architecture() =>
        Read(With("""{"name":"foo"}""", """{"name":"foo:amd64-"}""")).Wishes().Should().Equal("foo", "foo:amd64-");

    [Fact]
    public void A_faulty_entry_is_not_compared_with_others() =>
        Read(With("""{"name":"foo","version":"="}""", """{"name":"foo"}"""))
            .Findings()
            .Should()
            .Equal("version-not-exact $.packages[0].version 4:29");

    [Fact]
    public void An_entry_that_is_cut_off_is_not_compared_with_others() =>
        Read("""{"packages":[{"name":"foo","version":"1"},{"name":"foo",""").Findings().Should().Equal("invalid-json $ 1:57");
}
