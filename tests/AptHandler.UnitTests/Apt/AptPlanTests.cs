using AptHandler.Apt;

namespace AptHandler.UnitTests.Apt;

public sealed class AptPlanTests
{
    // As apt 2.6 printed it for a root with a second architecture.
    private const string Simulation = """
        Reading package lists...
        Building dependency tree...
        Reading state information...
        The following packages will be REMOVED:
          old
        The following NEW packages will be installed:
          app foreign:i386
        The following packages will be DOWNGRADED:
          lib
        1 upgraded, 2 newly installed, 1 downgraded, 1 to remove and 0 not upgraded.
        Remv old [1]
        Inst plain [1.0-1] (2:2.0-1 stable [all])
        Inst lib [2.0] (1.0 stable [amd64])
        Inst app (1.0 Example:stable [amd64])
        Inst foreign:i386 (1.0 stable [i386])
        Conf plain (2:2.0-1 stable [all])
        Conf multi (1.0 stable [amd64])
        Conf foreign:i386 (1.0 stable [i386])

        """;

    [Fact]
    public void A_simulation_is_read_in_apts_order()
    {
        AptPlan plan = AptPlan.TryParse(Simulation)!;

        plan.Installations.Should()
            .Equal(
                new PlannedInstallation("plain", "all", "1.0-1", "2:2.0-1"),
                new PlannedInstallation("lib", "amd64", "2.0", "1.0"),
                new PlannedInstallation("app", "amd64", null, "1.0"),
                new PlannedInstallation("foreign:i386", "i386", null, "1.0")
            );
        plan.Removals.Should().Equal(new PlannedRemoval("old", "1"));
        plan.IsEmpty.Should().BeFalse();
    }

    [Theory]
    [InlineData(
        "Inst libc6 [2.31-13] (2.31-13+deb11u11 Debian:11.11/oldstable, Debian-Security:11/oldstable-security [amd64]) []",
        "libc6",
        "amd64",
        "2.31-13",
        "2.31-13+deb11u11"
    )]
    [InlineData(
        "Inst perl-base [5.36.0-7] (5.36.0-7+deb12u1 Debian:12.7/stable [amd64]) [perl-base:amd64 on perl:amd64] [perl:amd64 ]",
        "perl-base",
        "amd64",
        "5.36.0-7",
        "5.36.0-7+deb12u1"
    )]
    [InlineData("Inst libgcc-s1:i386 [12.2.0-14] (14.2.0-19 Debian:13/stable [i386])", "libgcc-s1:i386", "i386", "12.2.0-14", "14.2.0-19")]
    [InlineData("Inst g++ (4:12.2.0-3 An Origin (of [sorts]):stable [amd64])", "g++", "amd64", null, "4:12.2.0-3")]
    [InlineData("Inst local (1.0  [arm64])", "local", "arm64", null, "1.0")]
    [InlineData("Inst a0 [1:0~rc1] (1:0 x [all])\r", "a0", "all", "1:0~rc1", "1:0")]
    public void What_apt_adds_to_a_line_does_not_hide_its_meaning(
        string line,
        string name,
        string architecture,
        string? old,
        string version
    ) => AptPlan.TryParse(line)!.Installations.Should().Equal(new PlannedInstallation(name, architecture, old, version));

    [Theory]
    [InlineData("Remv old [1]", "old", "1")]
    [InlineData("Purg old [2:1.0-1]", "old", "2:1.0-1")]
    [InlineData("Remv foreign:i386 [1.0]", "foreign:i386", "1.0")]
    [InlineData("Remv lib [1.0] [app:amd64 ]", "lib", "1.0")]
    [InlineData("Remv lib [1.0] [app:amd64 on lib:amd64 ] [more:amd64 ]", "lib", "1.0")]
    public void A_removal_tells_the_version_that_goes(string line, string name, string version) =>
        AptPlan.TryParse(line)!.Removals.Should().Equal(new PlannedRemoval(name, version));

    [Fact]
    public void A_name_without_architecture_is_told_from_that_of_a_foreign_package()
    {
        PlannedInstallation foreign = AptPlan.TryParse("Inst foreign:i386 (1.0 stable [i386])\n")!.Installations[0];
        (foreign.Name, foreign.QualifiedName, foreign.ArchiveName).Should().Be(("foreign", "foreign:i386", "foreign_1.0_i386.deb"));
        PlannedRemoval removal = AptPlan.TryParse("Remv foreign:i386 [1.0]\n")!.Removals[0];
        (removal.Name, removal.QualifiedName).Should().Be(("foreign", "foreign:i386"));
    }

    // As apt 2.6 names what it has fetched.
    [Theory]
    [InlineData("foo", "2:1.0~rc1+b1-1", "all", "foo_2%3a1.0~rc1+b1-1_all.deb")]
    [InlineData("my_lib", "1", "i386", "my%5flib_1_i386.deb")]
    [InlineData("g++", "1", "all", "g++_1_all.deb")]
    public void What_separates_the_parts_of_an_archives_name_is_quoted_in_them(
        string name,
        string version,
        string architecture,
        string archive
    ) => PlannedInstallation.ArchiveNameOf(name, version, architecture).Should().Be(archive);

    [Theory]
    [InlineData("")]
    [InlineData("Reading package lists...\n0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n")]
    [InlineData("Conf plain (1 stable [all])\nInstalled-Size: 3\nRemvoved: nothing\n  Inst indented (1 s [all])\n")]
    public void Without_a_line_of_the_known_kinds_there_is_nothing_to_do(string text) => AptPlan.TryParse(text)!.IsEmpty.Should().BeTrue();

    [Theory]
    [InlineData("Inst ")]
    [InlineData("Inst plain")]
    [InlineData("Inst plain [1.0]")]
    [InlineData("Inst plain (1.0)")]
    [InlineData("Inst plain (1.0 stable)")]
    [InlineData("Inst plain (1.0 stable [all]")]
    [InlineData("Inst plain 1.0 stable [all])")]
    [InlineData("Inst plain ( stable [all])")]
    [InlineData("Inst plain () [all]")]
    [InlineData("Inst plain (1.0 stable [])")]
    [InlineData("Inst plain [1.0 (2.0 stable [all])")]
    [InlineData("Inst plain [] (2.0 stable [all])")]
    [InlineData("Inst plain 1.0 (2.0 stable [all])")]
    [InlineData("Inst plain(2.0 stable [all])")]
    [InlineData("Inst (2.0 stable [all])")]
    [InlineData("Inst  (2.0 stable [all])")]
    [InlineData("Inst :i386 (2.0 stable [i386])")]
    [InlineData("Inst plain: (2.0 stable [i386])")]
    [InlineData("Inst ) plain (")]
    [InlineData("Remv ")]
    [InlineData("Remv plain")]
    [InlineData("Remv plain 1.0")]
    [InlineData("Remv plain []")]
    [InlineData("Remv plain [1.0")]
    [InlineData("Remv [1.0]")]
    [InlineData("Purg plain (1.0)")]
    public void A_plan_with_a_line_that_is_not_understood_is_no_plan(string line)
    {
        AptPlan.TryParse(line).Should().BeNull();
        AptPlan.TryParse($"{Simulation}{line}\nConf plain (1 stable [all])\n").Should().BeNull();
    }

    [Fact]
    public void Plans_that_do_the_same_are_equal_whatever_else_was_printed()
    {
        AptPlan one = AptPlan.TryParse("Inst a (1 x [all])\nRemv b [1]\n")!;
        AptPlan same = AptPlan.TryParse("Reading...\nRemv b [1]\nInst a (1 y [all])\nConf a (1 y [all])\n")!;

        one.Should().Be(same);
        one.GetHashCode().Should().Be(same.GetHashCode());
        foreach (
            string other in new[]
            {
                "Inst a (2 x [all])\nRemv b [1]",
                "Inst a (1 x [all])",
                "Inst a [0] (1 x [all])\nRemv b [1]",
                "Inst a (1 x [all])\nRemv b:i386 [1]",
                "",
            }
        )
            one.Should().NotBe(AptPlan.TryParse(other));
    }
}
