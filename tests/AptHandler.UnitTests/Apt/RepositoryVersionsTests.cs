using AptHandler.Apt;

namespace AptHandler.UnitTests.Apt;

public sealed class RepositoryVersionsTests
{
    // As apt-cache policy 2.6 printed it.
    private const string Policy = """
        plain:
          Installed: 1.0-1
          Candidate: 2:2.0-1
          Version table:
             2:2.0-1 500
                500 copy:/srv/repo stable/main amd64 Packages
         *** 1.0-1 500
                500 copy:/srv/repo stable/main amd64 Packages
                100 /var/lib/dpkg/status
             0.9 100
                100 /var/lib/dpkg/status
        lib:
          Installed: (none)
          Candidate: 1.0
          Package pin: 1.0
          Version table:
             3 1001 (phased 10%)
               1001 https://one.example stable/main amd64 Packages
             2 -1
                 -1 https://two.example stable/main amd64 Packages
             2 500
                500 https://one.example stable/main amd64 Packages
             1.0 500
                500 https://one.example stable/main amd64 Packages
                 -1 https://two.example stable/main amd64 Packages
             0.1 -7
                500 https://one.example stable/main amd64 Packages
        foreign:i386:
          Installed: (none)
          Candidate: (none)
          Version table:
             1.0 500
                500 copy:/srv/repo stable/main i386 Packages
        virtual:
          Installed: (none)
          Candidate: (none)
          Version table:

        """;

    private static readonly RepositoryVersions Versions = RepositoryVersions.Parse(Policy);

    [Fact]
    public void The_versions_are_those_of_the_repository_newest_first() => Versions["plain"].Should().Equal("2:2.0-1", "1.0-1");

    [Fact]
    public void A_version_that_several_sources_have_is_one_version() => Versions["lib"].Should().Equal("3", "2", "1.0", "0.1");

    [Fact]
    public void A_foreign_package_goes_by_its_full_name()
    {
        Versions["foreign:i386"].Should().Equal("1.0");
        Versions["foreign"].Should().BeEmpty();
        Versions["virtual"].Should().BeEmpty();
    }

    [Fact]
    public void What_apt_would_choose_is_known()
    {
        Versions.CandidateOf("plain").Should().Be("2:2.0-1");
        Versions.CandidateOf("foreign:i386").Should().BeNull();
        Versions.CandidateOf("nosuch").Should().BeNull();
    }

    [Fact]
    public void A_version_has_its_priority_and_its_sources_have_theirs()
    {
        Versions
            .Offers("lib")
            .Select(offer => (offer.Version, offer.Priority, offer.IsRefused))
            .Should()
            .Equal(("3", 1001, false), ("2", -1, true), ("2", 500, false), ("1.0", 500, true), ("0.1", -7, true));
        Versions
            .Offers("lib")[3]
            .Sources.Should()
            .Equal(
                new VersionSource("https://one.example stable/main amd64", 500),
                new VersionSource("https://two.example stable/main amd64", -1)
            );
        Versions.Offers("lib")[3].Refusal.Should().Be("at -1 (https://two.example stable/main amd64)");
        Versions.Offers("lib")[4].Refusal.Should().Be("at -7 (https://one.example stable/main amd64)");
    }

    [Fact]
    public void What_any_source_is_refused_for_is_not_to_be_chosen_unasked() => Versions.NotRefused("lib").Should().Equal("3");

    [Theory]
    [InlineData("")]
    [InlineData("N: Unable to locate package plain\n")]
    [InlineData("W: something: else\n")]
    [InlineData("plain:\n")]
    [InlineData("plain:\n  Version table:\n     1.0\n        500 copy:/srv/repo\n")]
    [InlineData("plain:\n  Version table:\n     1.0 x\n        500 copy:/srv/repo\n")]
    [InlineData("plain:\n  Version table:\n     1.0 500\n        x copy:/srv/repo\n")]
    [InlineData("     1.0 500\n        500 copy:/srv/repo\n")]
    public void What_is_no_line_of_the_table_is_passed_over(string text) => RepositoryVersions.Parse(text)["plain"].Should().BeEmpty();
}
