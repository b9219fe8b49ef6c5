using AptHandler.Apt;

namespace AptHandler.UnitTests.Apt;

public sealed class RepositoryVersionsTests
{
    // As apt-cache madison 2.6 printed it.
    private const string Madison = """
             plain |    2:2.0-1 | copy:/srv/repo stable/main amd64 Packages
             plain |      1.0-1 | copy:/srv/repo stable/main amd64 Packages
               lib |        1.0 | https://one.example stable/main amd64 Packages
               lib |        1.0 | https://two.example stable/main amd64 Packages
        foreign:i386 |        1.0 | copy:/srv/repo stable/main i386 Packages

        """;

    [Fact]
    public void The_versions_are_those_of_the_repository_newest_first() =>
        RepositoryVersions.Parse(Madison)["plain"].Should().Equal("2:2.0-1", "1.0-1");

    [Fact]
    public void A_version_that_several_sources_have_is_one_version() =>
        RepositoryVersions.Parse(Madison)["lib"].Should().Equal("1.0");

    [Fact]
    public void A_foreign_package_goes_by_its_full_name()
    {
        RepositoryVersions versions = RepositoryVersions.Parse(Madison);

        versions["foreign:i386"].Should().Equal("1.0");
        versions["foreign"].Should().BeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData("N: Unable to locate package plain\n")]
    [InlineData("W: something | else\n")]
    [InlineData("|\n||\n")]
    public void What_is_no_line_of_the_table_is_passed_over(string text) => RepositoryVersions.Parse(text)["plain"].Should().BeEmpty();
}
