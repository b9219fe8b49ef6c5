using AptHandler.Debian;

namespace AptHandler.UnitTests.Debian;

public sealed class PackageNameTests
{
    [Theory]
    [InlineData("libc6")]
    [InlineData("g++")]
    [InlineData("0ad")]
    [InlineData("libstdc++-12-dev")]
    [InlineData("python3.11")]
    [InlineData("a.")]
    public void A_name_by_policy_is_taken_as_it_is(string text)
    {
        PackageName.TryParse(text, out PackageName name, out string? problem).Should().BeTrue(problem);
        name.Should().Be(new PackageName(text, null));
        name.ToString().Should().Be(text);
    }

    [Theory]
    [InlineData("libc6:armhf", "libc6", "armhf")]
    [InlineData("g++:arm64", "g++", "arm64")]
    [InlineData("libc6:hurd-i386", "libc6", "hurd-i386")]
    public void An_architecture_is_parted_from_the_name(string text, string expected, string architecture)
    {
        PackageName.TryParse(text, out PackageName name, out string? problem).Should().BeTrue(problem);
        name.Should().Be(new PackageName(expected, architecture));
        name.ToString().Should().Be(text);
    }

    [Theory]
    [InlineData("", "holds no name; write the name of a package, such as libc6")]
    [InlineData(":arm64", "holds no name; write the name of a package, such as libc6")]
    [InlineData("a", "is one character long; a package name has at least two")]
    [InlineData("Foo", "holds the upper-case letter 'F' at position 1; write it in lower case")]
    [InlineData("foo=1.0", "holds '=' at position 4; write the version that follows it into the member \"version\"")]
    [InlineData(
        "foo/stable",
        "holds '/' at position 4; a suite cannot be chosen here: write the wanted version into the member \"version\""
    )]
    [InlineData(
        "foo_1.0",
        "holds '_' at position 4; Debian allows none in a name: leave out the version and architecture of a file name; a package "
            + "that is called so has to be renamed"
    )]
    [InlineData("foo*", "holds '*' at position 4; patterns are not taken: write the whole name of one package")]
    [InlineData("~nfoo", "holds '~' at position 1; patterns are not taken: write the whole name of one package")]
    [InlineData("foo>1", "holds '>' at position 4; relations are not taken: write one version into the member \"version\"")]
    [InlineData("foo bar", "holds a space at position 4; leave it out, and write every package by itself")]
    [InlineData("foo\n", "holds a line break at position 4; leave it out, and write every package by itself")]
    [InlineData("foo\t", "holds a tab at position 4; leave it out, and write every package by itself")]
    [InlineData("fо", "holds the character U+043E at position 2; a package name consists of lower-case letters, digits, '+', '-' and '.'")]
    [InlineData("fo%", "holds '%' at position 3; a package name consists of lower-case letters, digits, '+', '-' and '.'")]
    [InlineData(
        "fo\0",
        "holds the character U+0000 at position 3; a package name consists of lower-case letters, digits, '+', '-' and '.'"
    )]
    [InlineData("-y", "begins with '-'; a package name begins with a lower-case letter or a digit")]
    [InlineData("+a", "begins with '+'; a package name begins with a lower-case letter or a digit")]
    [InlineData(".a", "begins with '.'; a package name begins with a lower-case letter or a digit")]
    [InlineData("foo:", "ends with ':'; write an architecture such as arm64 after it, or leave it out")]
    [InlineData("foo:Arm64", "holds the upper-case letter 'A' at position 5, in the architecture; write it in lower case")]
    [InlineData(
        "foo:x86_64",
        "holds '_' at position 8, in the architecture; write Debian's name of the architecture, such as amd64 for x86_64"
    )]
    [InlineData(
        "foo:arm64=1",
        "holds '=' at position 10, in the architecture; write the version that follows it into the member \"version\""
    )]
    [InlineData(
        "foo:a:b",
        "holds ':' at position 6, in the architecture; an architecture consists of lower-case letters, digits and '-', as in arm64"
    )]
    [InlineData(
        "foo:-a",
        "holds '-' at position 5, in the architecture; an architecture consists of lower-case letters, digits and '-', as in arm64"
    )]
    [InlineData("foo:all", "names the architecture 'all', which no installed package is chosen by; leave ':all' out")]
    [InlineData("foo:native", "names the architecture 'native', which stands for the device's own; leave ':native' out")]
    [InlineData("foo:any", "names the architecture 'any', which stands for several; write one of them, such as arm64, or leave it out")]
    [InlineData(
        "foo:linux-any",
        "names the architecture 'linux-any', which stands for several; write one of them, such as arm64, or leave it out"
    )]
    [InlineData(
        "foo:any-arm",
        "names the architecture 'any-arm', which stands for several; write one of them, such as arm64, or leave it out"
    )]
    public void What_is_wrong_is_said_with_its_place_and_a_remedy(string text, string expected)
    {
        PackageName.TryParse(text, out PackageName name, out string? problem).Should().BeFalse();
        problem.Should().Be(expected);
        name.Should().Be(default(PackageName));
    }

    [Fact]
    public void At_most_255_characters_are_taken()
    {
        PackageName.TryParse(new string('a', 255), out _, out _).Should().BeTrue();
        PackageName.TryParse(new string('a', 256), out _, out string? problem).Should().BeFalse();
        problem.Should().Be("is 256 characters long; at most 255 are taken");
    }

    [Fact]
    public void The_default_value_prints_nothing() => default(PackageName).ToString().Should().BeEmpty();
}
