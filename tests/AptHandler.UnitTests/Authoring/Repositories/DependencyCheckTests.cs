using AptHandler.Authoring.Repositories;
using AptHandler.Debian;

namespace AptHandler.UnitTests.Authoring.Repositories;

/// <summary>Whether packages have what they depend on, among themselves.</summary>
public sealed class DependencyCheckTests
{
    [Theory]
    [InlineData("b", "Package: b\nVersion: 1\nArchitecture: amd64")]
    [InlineData("b:any (>= 1)", "Package: b\nVersion: 1\nArchitecture: amd64")]
    [InlineData("nothing | b (<< 2)", "Package: b\nVersion: 1\nArchitecture: all")]
    [InlineData("virtual", "Package: b\nVersion: 1\nArchitecture: amd64\nProvides: virtual")]
    [InlineData("virtual (>= 3)", "Package: b\nVersion: 1\nArchitecture: amd64\nProvides: virtual (= 3.1)")]
    [InlineData("b", "Package: b\nVersion: 1\nArchitecture: i386\nMulti-Arch: foreign")]
    [InlineData("b:any (>= 1)", "Package: b\nVersion: 1\nArchitecture: i386\nMulti-Arch: allowed")]
    [InlineData("b:i386 (>= 1)", "Package: b\nVersion: 1\nArchitecture: i386")]
    [InlineData("nothing:i386 | virtual:i386", "Package: b\nVersion: 1\nArchitecture: i386\nProvides: virtual")]
    [InlineData("b:amd64", "Package: b\nVersion: 1\nArchitecture: all")]
    public void A_dependency_is_there(string depends, string other) => Missing(depends, other).Should().BeEmpty();

    [Theory]
    [InlineData("b (>= 2)", "Package: b\nVersion: 1\nArchitecture: amd64")]
    [InlineData("nothing | neither", "Package: b\nVersion: 1\nArchitecture: all")]
    [InlineData("virtual (>= 3)", "Package: b\nVersion: 3\nArchitecture: amd64\nProvides: virtual")]
    [InlineData("b", "Package: b\nVersion: 1\nArchitecture: i386")]
    [InlineData("b", "Package: b\nVersion: 1\nArchitecture: i386\nMulti-Arch: allowed")]
    [InlineData("b:any", "Package: b\nVersion: 1\nArchitecture: i386")]
    [InlineData("b:i386", "Package: b\nVersion: 1\nArchitecture: amd64\nMulti-Arch: foreign")]
    [InlineData("b:i386", "Package: b\nVersion: 1\nArchitecture: all")]
    public void A_dependency_is_missing(string depends, string other) =>
        Missing(depends, other).Should().Equal($"a 1 (amd64) needs {depends}");

    [Theory]
    [InlineData("b:i386", true)]
    [InlineData("b", false)]
    public void What_stands_in_the_index_of_another_architecture_serves_who_names_it(string depends, bool isThere) =>
        DependencyCheck
            .Missing(
                ControlParagraph.ParseAll($"Package: a\nVersion: 1\nArchitecture: amd64\nDepends: {depends}\n"),
                ControlParagraph.ParseAll("Package: b\nVersion: 1\nArchitecture: i386\nMulti-Arch: foreign\n")
            )
            .Should()
            .HaveCount(isThere ? 0 : 1);

    [Fact]
    public void Every_group_that_nothing_satisfies_is_named_and_pre_depends_count() =>
        DependencyCheck
            .Missing(
                ControlParagraph.ParseAll("Package: a\nVersion: 1\nArchitecture: all\nPre-Depends: x, a\nDepends: y (= 1) | z,\n a\n"),
                []
            )
            .Should()
            .Equal("a 1 (all) needs x", "a 1 (all) needs y (= 1) | z");

    private static IReadOnlyList<string> Missing(string depends, string other) =>
        DependencyCheck.Missing(
            ControlParagraph.ParseAll($"Package: a\nVersion: 1\nArchitecture: amd64\nDepends: {depends}\n\n{other}\n"),
            []
        );
}
