using AptHandler.Debian;

namespace AptHandler.UnitTests.Debian;

public sealed class RelationTests
{
    [Theory]
    [InlineData("lib", "lib", VersionBound.Any, "")]
    [InlineData("lib (<< 1)", "lib", VersionBound.Earlier, "1")]
    [InlineData("lib (<= 1)", "lib", VersionBound.EarlierOrEqual, "1")]
    [InlineData("lib (= 1)", "lib", VersionBound.Equal, "1")]
    [InlineData("lib (>= 1)", "lib", VersionBound.LaterOrEqual, "1")]
    [InlineData("lib (>> 1)", "lib", VersionBound.Later, "1")]
    [InlineData("lib (< 1)", "lib", VersionBound.EarlierOrEqual, "1")]
    [InlineData("lib (> 1)", "lib", VersionBound.LaterOrEqual, "1")]
    [InlineData("lib(=2:1.0~rc1-1+b1)", "lib", VersionBound.Equal, "2:1.0~rc1-1+b1")]
    [InlineData("  lib \n (  >=   1  ) ", "lib", VersionBound.LaterOrEqual, "1")]
    [InlineData("python3:any (>= 3.11)", "python3", VersionBound.LaterOrEqual, "3.11")]
    [InlineData("lib:i386", "lib", VersionBound.Any, "")]
    [InlineData("lib [amd64 arm64]", "lib", VersionBound.Any, "")]
    [InlineData("lib (>= 1) [!i386]", "lib", VersionBound.LaterOrEqual, "1")]
    [InlineData("g++", "g++", VersionBound.Any, "")]
    [InlineData("lib :any (>= 1)", "lib", VersionBound.LaterOrEqual, "1")]
    public void A_relation_is_a_name_and_a_bound(string text, string name, VersionBound bound, string version) =>
        Relation.ParseAll(text).Should().Equal(new Relation(name, bound, version, IsAlternative: false));

    [Fact]
    public void A_field_lists_relations_and_alternatives() =>
        Relation
            .ParseAll("a, b (>= 1) | c:any | d (<< 2) , e")
            .Should()
            .Equal(
                new Relation("a", VersionBound.Any, "", IsAlternative: false),
                new Relation("b", VersionBound.LaterOrEqual, "1", IsAlternative: true),
                new Relation("c", VersionBound.Any, "", IsAlternative: true),
                new Relation("d", VersionBound.Earlier, "2", IsAlternative: true),
                new Relation("e", VersionBound.Any, "", IsAlternative: false)
            );

    [Theory]
    [InlineData("")]
    [InlineData(",")]
    [InlineData(" , | , ")]
    [InlineData("lib (")]
    [InlineData("lib (= 1")]
    [InlineData("lib ()")]
    [InlineData("lib (1)")]
    [InlineData("lib (=)")]
    [InlineData("lib (>= )")]
    [InlineData("lib (== 1)")]
    [InlineData("lib (=> 1)")]
    [InlineData("lib (<> 1)")]
    [InlineData("lib (> = 1)")]
    [InlineData("(= 1)")]
    [InlineData(":any")]
    [InlineData("[amd64]")]
    [InlineData(")(")]
    public void What_is_no_relation_is_left_out(string text)
    {
        Relation.ParseAll(text).Should().BeEmpty();
        Relation.ParseAll($"good, {text}, better").Select(each => each.Name).Should().Equal("good", "better");
    }

    [Theory]
    [InlineData("1.0", "1.0")]
    [InlineData("1.0", "1.0-0")]
    [InlineData("1.0~rc1", "1.0")]
    [InlineData("1:0.1", "2.0")]
    [InlineData("1.0-1", "1.0-1+b1")]
    [InlineData("9", "10")]
    [InlineData("1.0a", "1.0+")]
    [InlineData("0:1.0", "1.0")]
    public void A_bound_admits_what_dpkg_admits(string one, string other)
    {
        foreach ((string sign, string word) in new[] { ("<<", "lt"), ("<=", "le"), ("=", "eq"), (">=", "ge"), (">>", "gt") })
        {
            foreach ((string version, string limit) in new[] { (one, other), (other, one) })
            {
                bool expected = RealProgram.Run("/usr/bin/dpkg", ["--compare-versions", version, word, limit]).Exit.IsSuccess;

                Relation.ParseAll($"x ({sign} {limit})").Single().Admits(version).Should().Be(expected, $"{version} {sign} {limit}");
            }
        }
    }

    [Fact]
    public void Without_a_bound_every_version_is_admitted() => Relation.ParseAll("x").Single().Admits("whatever").Should().BeTrue();

    [Fact]
    public void Alternatives_are_kept_together_and_written_as_a_control_file_writes_them() =>
        Relation
            .ParseGroups("a, b (>= 1) | c:any | (= 2) , (, d(<<2) | e (<= 3) | f (= 4) | g (>> 5)")
            .Select(group => string.Join(" | ", group))
            .Should()
            .Equal("a", "b (>= 1) | c", "d (<< 2) | e (<= 3) | f (= 4) | g (>> 5)");

    [Theory]
    [InlineData("x", "x", true)]
    [InlineData("x", "x (= 1)", true)]
    [InlineData("x (= 1)", "x", false)]
    [InlineData("x (= 1)", "x (= 1-0)", true)]
    [InlineData("x (>= 2)", "x (= 1)", false)]
    [InlineData("x (>= 2)", "x (>= 3)", false)]
    [InlineData("x", "y", false)]
    public void A_provided_name_satisfies_a_bound_only_with_a_version(string relation, string provided, bool expected) =>
        Relation.ParseAll(relation).Single().IsProvidedBy(Relation.ParseAll(provided).Single()).Should().Be(expected);
}
