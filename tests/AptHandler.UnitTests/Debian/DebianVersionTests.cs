using AptHandler.Debian;

namespace AptHandler.UnitTests.Debian;

public sealed class DebianVersionTests
{
    // Each later than the one before.
    private static readonly string[] Ascending =
    [
        "0~",
        "0",
        "0.1~~",
        "0.1~~a",
        "0.1~",
        "0.1",
        "0.1a",
        "0.1+",
        "0.1.0",
        "0.2",
        "0.10",
        "1.0~rc1-1",
        "1.0-1~bpo12+1",
        "1.0-1",
        "1.0-1+b1",
        "1.0-1+deb12u1",
        "1.0-1.1",
        "1.0-2",
        "1.0-10",
        "1.0a-1",
        "1.0+dfsg-1",
        "1.0-1-1",
        "1.0.0-1",
        "2-1",
        "10-1",
        "99999999999999999999999999",
        "100000000000000000000000000",
        "1:0~",
        "1:0.1",
        "1:1:1",
        "2:0",
        "10:0",
    ];

    [Fact]
    public void Versions_have_the_order_that_the_manual_describes()
    {
        for (int i = 0; i < Ascending.Length; i++)
        {
            for (int j = 0; j < Ascending.Length; j++)
                Math.Sign(DebianVersion.Compare(Ascending[i], Ascending[j]))
                    .Should()
                    .Be(i.CompareTo(j), "{0} is compared with {1}", Ascending[i], Ascending[j]);
        }
    }

    [Theory]
    [InlineData("1.0.8", "1.0.8-0")]
    [InlineData("1.0.8-0", "1.0.8-00")]
    public void A_missing_revision_equals_revision_zero(string a, string b) => ShouldBeTheSame(a, b);

    [Theory]
    [InlineData("0:1.0", "1.0")]
    [InlineData("00:1.0", "1.0")]
    [InlineData("01:1.0", "1:1.0")]
    public void A_missing_epoch_equals_epoch_zero(string a, string b) => ShouldBeTheSame(a, b);

    [Theory]
    [InlineData("1.01", "1.1")]
    [InlineData("1.0", "1.")]
    [InlineData("1.00a", "1.0a")]
    [InlineData("0000000000000000000000000000000000000001", "1")]
    public void Leading_zeros_do_not_count(string a, string b) => ShouldBeTheSame(a, b);

    [Fact]
    public void A_zero_before_a_letter_counts() => Parse("1.0a").Should().NotBe(Parse("1.a"));

    [Fact]
    public void The_spelling_is_kept() => Parse("0:1.00-0").Text.Should().Be("0:1.00-0");

    [Fact]
    public void Operators_agree_with_the_order()
    {
        DebianVersion early = Parse("1.0~rc1");
        DebianVersion late = Parse("1.0");
        DebianVersion same = Parse("1.0-0");

        (early < late && early <= late && late > early && late >= early && early != late).Should().BeTrue();
        (late == same && late <= same && late >= same && !(late < same) && !(late > same) && !(late != same)).Should().BeTrue();
        late.Equals((object)same).Should().BeTrue();
        late.Equals("1.0").Should().BeFalse();
    }

    [Fact]
    public void The_default_value_is_empty_and_comes_first()
    {
        default(DebianVersion).Text.Should().BeEmpty();
        (default(DebianVersion) < Parse("0.1")).Should().BeTrue();
        default(DebianVersion).GetHashCode().Should().Be(default(DebianVersion).GetHashCode());
    }

    [Fact]
    public void A_comparison_allocates_nothing()
    {
        DebianVersion.Compare("1:1.0-1", "1:1.0-2");
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            DebianVersion.Compare("2:4.17.12+dfsg-0+deb12u1", "2:4.17.12+dfsg-0+deb12u2");
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("1.0+")]
    [InlineData("1.0~")]
    [InlineData("2147483647:1")]
    [InlineData("1:2:3-4")]
    [InlineData("1-2-3")]
    [InlineData("1.A.b+c~d-E.f+g~h")]
    public void What_dpkg_takes_is_a_version(string text) => Parse(text).Text.Should().Be(text);

    [Theory]
    [InlineData("", "is empty; write a version such as 1.0.8-1")]
    [InlineData("=1.0", "holds '=' at position 1; write the version alone, exactly that one is meant")]
    [InlineData(">= 1.0", "holds '>' at position 1; write the version alone, exactly that one is meant")]
    [InlineData("1.*", "holds '*' at position 3; patterns are not taken: write the whole version, as apt-cache madison prints it")]
    [InlineData("1.0 ", "holds a space at position 4; leave it out")]
    [InlineData("\t1.0", "holds a tab at position 1; leave it out")]
    [InlineData("1.\n0", "holds a line break at position 3; leave it out")]
    [InlineData("v1.2", "begins with 'v'; leave the letter out and write 1.2")]
    [InlineData("vista", "holds 'v' at position 1, where the upstream version begins; it begins with a digit")]
    [InlineData("v1\u001b[2J", "holds 'v' at position 1, where the upstream version begins; it begins with a digit")]
    [InlineData("1:", "ends with ':'; write the version after the epoch, or leave both out")]
    [InlineData(":1", "begins with ':'; write an epoch such as 1 before it, or leave it out")]
    [InlineData("a:1", "holds the epoch \"a\" before ':'; an epoch is a whole number, mostly 1 or 2")]
    [InlineData("-1:1", "holds the epoch \"-1\" before ':'; an epoch is a whole number, mostly 1 or 2")]
    [InlineData("\u001b[2J:1", "holds the epoch \"\\u001b[2J\" before ':'; an epoch is a whole number, mostly 1 or 2")]
    [InlineData("1.0:1", "holds the epoch \"1.0\" before ':'; an epoch is a whole number, mostly 1 or 2")]
    [InlineData("2147483648:1", "holds the epoch 2147483648; dpkg takes none above 2147483647")]
    [InlineData("1.0-", "ends with '-'; write a revision after it, or leave it out")]
    [InlineData("-1", "holds nothing before the '-' at position 1; write the upstream version there")]
    [InlineData("1:-1", "holds nothing before the '-' at position 3; write the upstream version there")]
    [InlineData(".1", "holds '.' at position 1, where the upstream version begins; it begins with a digit")]
    [InlineData("1:a", "holds 'a' at position 3, where the upstream version begins; it begins with a digit")]
    [InlineData("1_2", "holds '_' at position 2; no version holds it: leave out the name and architecture of a file name")]
    [InlineData("1.0/stable", "holds '/' at position 4; a suite cannot be chosen here: write the version alone")]
    [InlineData("1é", "holds the character U+00E9 at position 2; an upstream version consists of letters, digits, '.', '+', '-' and '~'")]
    [InlineData("1:1-2:3", "holds ':' at position 6; a revision consists of letters, digits, '+', '.' and '~'")]
    [InlineData("1-2,3", "holds ',' at position 4; a revision consists of letters, digits, '+', '.' and '~'")]
    public void What_is_wrong_is_said_with_its_place_and_a_remedy(string text, string expected)
    {
        DebianVersion.TryParse(text, out DebianVersion version, out string? problem).Should().BeFalse();
        problem.Should().Be(expected);
        version.Text.Should().BeEmpty();
    }

    [Fact]
    public void At_most_255_characters_are_taken()
    {
        DebianVersion.TryParse(new string('1', 255), out _, out _).Should().BeTrue();
        DebianVersion.TryParse(new string('1', 256), out _, out string? problem).Should().BeFalse();
        problem.Should().Be("is 256 characters long; at most 255 are taken");
    }

    private static DebianVersion Parse(string text)
    {
        DebianVersion.TryParse(text, out DebianVersion version, out string? problem).Should().BeTrue(problem);
        return version;
    }

    private static void ShouldBeTheSame(string a, string b)
    {
        DebianVersion.Compare(a, b).Should().Be(0);
        DebianVersion.Compare(b, a).Should().Be(0);
        Parse(a).Should().Be(Parse(b));
        Parse(a).GetHashCode().Should().Be(Parse(b).GetHashCode());
    }
}
