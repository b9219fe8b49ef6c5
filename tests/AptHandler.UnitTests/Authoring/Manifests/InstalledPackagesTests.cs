using AptHandler.Authoring;
using AptHandler.Authoring.Manifests;
using AptHandler.Debian;
using AptHandler.UnitTests.Debian;

namespace AptHandler.UnitTests.Authoring.Manifests;

public sealed class InstalledPackagesTests
{
    private static readonly string Native = DebianArchitecture.OfThisProcess;

    private static readonly string Status = string.Join(
        '\n',
        StatusFolder.Stanza("zlib1g", "1:1.2.13", architecture: Native),
        StatusFolder.Stanza("g++", "4:12.2.0-3", architecture: Native),
        StatusFolder.Stanza("libc6", "2.36-9+deb12u4", architecture: "riscv128"),
        StatusFolder.Stanza("libc6", "2.36-9+deb12u4", architecture: Native),
        StatusFolder.Stanza("held", "1", "hold ok installed", "all"),
        StatusFolder.Stanza("half", "2", "install ok half-configured", "all"),
        StatusFolder.Stanza("broken", "3", "install reinstreq installed", "all"),
        StatusFolder.Stanza("removed", "4", "deinstall ok config-files", "all"),
        StatusFolder.Stanza("purged", "", "purge ok not-installed", "all")
    );

    [Fact]
    public void All_that_is_whole_is_chosen_by_its_name_and_what_is_not_is_told()
    {
        InstalledPackages installed = Choose([]);
        Words(installed)
            .Should()
            .Equal("g++=4:12.2.0-3", "held=1", "libc6=2.36-9+deb12u4", "libc6:riscv128=2.36-9+deb12u4", "zlib1g=1:1.2.13");
        installed.LeftOut.Select(entry => entry.Name).Should().Equal("half", "broken");
    }

    [Theory]
    [InlineData("libc6=2.36-9+deb12u4 libc6:riscv128=2.36-9+deb12u4", "libc6")]
    [InlineData("libc6:riscv128=2.36-9+deb12u4", "libc6:*")]
    [InlineData("libc6:riscv128=2.36-9+deb12u4", "*:riscv128")]
    [InlineData("g++=4:12.2.0-3 held=1", "?e?d", "g++", "*++")]
    [InlineData("g++=4:12.2.0-3 zlib1g=1:1.2.13", "*g*")]
    public void Patterns_are_those_of_the_shell(string expected, params string[] patterns) =>
        Words(Choose(patterns)).Should().Equal(expected.Split(' '));

    [Theory]
    [InlineData("removed")]
    [InlineData("LIBC6")]
    [InlineData("libc")]
    [InlineData("")]
    [InlineData("*[0-9]")]
    public void A_pattern_that_matches_nothing_that_is_there_is_named(string pattern)
    {
        Action choosing = () => Choose(["zlib1g", pattern]);
        choosing.Should().Throw<InputException>().WithMessage($"*\"{pattern}\"*");
    }

    [Fact]
    public void What_is_marked_as_automatic_is_left_out_where_marks_are_given()
    {
        using var folder = new TemporaryFolder();
        string states = folder.Write(
            "extended_states",
            $"Package: zlib1g\nArchitecture: {Native}\nAuto-Installed: 1\n\nPackage: libc6\nArchitecture: "
                + $"riscv128\nAuto-Installed: 1\n\nPackage: g++\nArchitecture: {Native}\nAuto-Installed: 0\n\n"
        );
        InstalledPackages manual = Choose(["z*", "libc6", "g*"], AutoMarks.Read(states));
        Words(manual).Should().Equal("g++=4:12.2.0-3", "libc6=2.36-9+deb12u4");
    }

    private static InstalledPackages Choose(string[] patterns, AutoMarks? marks = null)
    {
        using var folder = new StatusFolder(Status);
        return InstalledPackages.Choose(DpkgStatus.Read(folder.StatusPath), patterns, marks);
    }

    private static IEnumerable<string> Words(InstalledPackages installed) =>
        installed.Entries.Select(entry => $"{entry.Name}={entry.Version}");
}
