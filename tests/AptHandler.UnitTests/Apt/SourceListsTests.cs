using AptHandler.Apt;

namespace AptHandler.UnitTests.Apt;

/// <summary>The lines are those of apt-get indextargets, with paths shortened.</summary>
public sealed class SourceListsTests
{
    private const string Stable =
        "/lists/x_dists_stable_main_binary-amd64_Packages\tmain/binary-amd64/Packages\thttp://x/ stable main\n"
        + "/lists/x_dists_stable_main_binary-all_Packages\tmain/binary-all/Packages\thttp://x/ stable main\n";

    private const string Odd = "/lists/x_dists_old%5fone_a%5fb_binary-amd64_Packages\ta_b/binary-amd64/Packages\thttp://x/ old_one a_b\n";
    private const string Flat = "/lists/y_._Packages\tPackages\thttp://y/ ./ $(COMPONENT)\n";

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
        var lists = SourceLists.Parse(targets, "", files.Split(' '), _ => "");
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
        SourceLists.Parse(targets, "", files.Split(' '), _ => "").AreNone.Should().Be(areNone);

    [Theory]
    [InlineData(" 0123 0 main/binary-amd64/Packages\n", "")]
    [InlineData(" 0123 0 main/binary-all/Packages.xz\n", "")]
    [InlineData(
        " 0123 0 contrib/binary-amd64/Packages\n 0123 0 main/binary-amd64/PackagesX",
        "the lists of http://x/ stable main hold no packages"
    )]
    public void A_list_that_the_release_knows_and_that_was_not_fetched_has_no_packages(string release, string gap)
    {
        var lists = SourceLists.Parse(Stable, "", ["x_dists_stable_InRelease"], name => name == "x_dists_stable_InRelease" ? release : "");
        lists.Gap.Should().StartWith(gap);
        (lists.Gap.Length == 0).Should().Be(gap.Length == 0);
    }

    [Fact]
    public void Nobody_sees_the_password_of_a_source()
    {
        const string Private = "/lists/x_Packages\tmain/binary-amd64/Packages\thttp://user:s3cret@x/debian/ stable main\n";
        SourceLists.Parse(Private, "", [], _ => "").Failure.Evidence.Should().Be("there are none of http://x/debian/ stable main");
    }

    [Fact]
    public void A_folder_of_configuration_that_is_not_there_is_no_source()
    {
        const string Warning = "W: Unable to read /etc/apt/apt.conf.d/ - DirectoryExists (2: No such file or directory)\n";
        SourceLists.Parse(Stable, Warning, ["x_dists_stable_main_binary-amd64_Packages"], _ => "").Gap.Should().BeEmpty();
    }

    [Fact]
    public void What_apt_cannot_read_is_named_once()
    {
        const string Warning = "W: Unable to read /etc/apt/sources.list.d/x.sources - open (13: Permission denied)\n";
        var lists = SourceLists.Parse("", Warning + Warning + "N: something else\n", [], _ => "");
        lists.Gap.Should().Be("apt cannot read /etc/apt/sources.list.d/x.sources - open (13: Permission denied)");
        lists
            .Failure.Evidence.Should()
            .Be("apt cannot read /etc/apt/sources.list.d/x.sources - open (13: Permission denied); there is no source");
    }

    [Theory]
    [InlineData("\t\t\n")]
    [InlineData("_\t/////\tx\n")]
    [InlineData("\n\n\ta\n")]
    public void Nonsense_breaks_nothing(string targets) =>
        SourceLists.Parse(targets, "Unable to read ", ["", "_"], _ => "").Should().NotBeNull();
}
