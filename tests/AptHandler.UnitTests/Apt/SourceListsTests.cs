using AptHandler.Apt;

namespace AptHandler.UnitTests.Apt;

/// <summary>The lines are those of apt-get indextargets, with paths shortened.</summary>
public sealed class SourceListsTests
{
    private const string Stable = "/lists/x_dists_stable_main_binary-amd64_Packages\tmain/binary-amd64/Packages\thttp://x/ stable main\n"
        + "/lists/x_dists_stable_main_binary-all_Packages\tmain/binary-all/Packages\thttp://x/ stable main\n";

    private const string Odd = "/lists/x_dists_old%5fone_a%5fb_binary-amd64_Packages\ta_b/binary-amd64/Packages\thttp://x/ old_one a_b\n";
    private const string Flat = "/lists/y_._Packages\tPackages\thttp://y/ ./ \n";

    private const string None = "there are no package lists of";

    [Theory]
    [InlineData(Stable, "x_dists_stable_InRelease x_dists_stable_main_binary-amd64_Packages", "")]
    [InlineData(Stable, "x_dists_stable_Release x_dists_stable_main_binary-amd64_Packages.lz4", "")]
    [InlineData(Stable, "x_dists_stable_main_binary-all_Packages", "")]
    [InlineData(Stable, "x_dists_stable_InRelease", "the lists of http://x/ stable main hold no packages")]
    [InlineData(Odd, "x_dists_old%5fone_Release", "the lists of http://x/ old_one a_b hold no packages")]
    [InlineData(Flat, "y_._InRelease", "the lists of http://y/ ./ hold no packages")]
    [InlineData(Stable + Flat, "y_._Packages", $"{None} http://x/ stable main (")]
    [InlineData(Stable + Flat, "z_Packages lock", $"{None} http://x/ stable main, http://y/ ./ (")]
    [InlineData("no target", "", "")]
    public void What_is_missing_is_named(string targets, string files, string gap)
    {
        var lists = SourceLists.Parse(targets, "", files.Split(' '));
        if (gap.Length == 0)
            lists.Gap.Should().BeEmpty();
        else
            lists.Gap.Should().StartWith(gap);
    }

    [Theory]
    [InlineData(Stable + Flat, "y_._InRelease", false)]
    [InlineData(Stable + Flat, "x_dists_stable_main_binary-amd64_Packages", false)]
    [InlineData(Stable + Flat, "x_dists_oldstable_InRelease lock", true)]
    [InlineData("", "x_dists_stable_InRelease", true)]
    public void There_are_none_where_nothing_was_fetched_of_any_source(string targets, string files, bool areNone) =>
        SourceLists.Parse(targets, "", files.Split(' ')).AreNone.Should().Be(areNone);

    [Fact]
    public void What_apt_cannot_read_is_named_once()
    {
        const string Warning = "W: Unable to read /etc/apt/sources.list.d/x.sources - open (13: Permission denied)\n";
        var lists = SourceLists.Parse("", Warning + Warning + "N: something else\n", []);
        lists.Gap.Should().Be("apt cannot read /etc/apt/sources.list.d/x.sources - open (13: Permission denied)");
        lists.Failure.Evidence.Should().Be("apt cannot read /etc/apt/sources.list.d/x.sources - open (13: Permission denied); there is no source");
    }

    [Theory]
    [InlineData("\t\t\n")]
    [InlineData("_\t/////\tx\n")]
    [InlineData("\n\n\ta\n")]
    public void Nonsense_breaks_nothing(string targets) => SourceLists.Parse(targets, "Unable to read ", ["", "_"]).Should().NotBeNull();
}
