using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.DesiredState;

/// <summary>
/// Devices that nothing but apt brings to a desired state: a dependency package that lists it, and a pinning package that makes it exact.
/// The repository holds newer versions of everything, and both pairs.
/// </summary>
public sealed class PackagePairTests : DeviceTests<PackagePairTests.Published>
{
    private static readonly string[] First =
    [
        "contoso-edge-dependencies 1.0 installed",
        "contoso-edge-pinning 1.0 installed",
        "falls 2.0 installed",
        "g++ 4:1.0+b1~rc1-1 installed",
        "leaves 1.0 installed",
        "open 3.0 installed",
        "part 1.0 installed",
        "preinstalled 1.0 installed",
        "rises 1.0 installed",
    ];

    private static readonly string[] Second =
    [
        "contoso-edge-dependencies 2.0 installed",
        "contoso-edge-pinning 2.0 installed",
        "falls 1.0 installed",
        "g++ 4:1.0+b1~rc1-1 installed",
        "leaves 1.0 installed",
        "open 3.0 installed",
        "part 2.0 installed",
        "rises 2.0 installed",
        "successor 1.0 installed",
    ];

    public PackagePairTests(Published packages)
        : base(packages) => Root.Install("preinstalled", "leaves=2.0");

    [Fact]
    public void The_pair_installed_by_name_gives_exactly_the_listed_versions_dependencies_included()
    {
        InstallPair("1.0");
        Root.Packages().Should().Equal(First);
        Root.AutoMarks().Should().BeEquivalentTo("rises", "part", "falls", "g++", "open");
    }

    [Theory]
    [InlineData("upgrade")]
    [InlineData("dist-upgrade")]
    public void Upgrading_everything_does_not_let_the_state_drift_although_newer_versions_and_a_newer_pair_are_there(string command)
    {
        InstallPair("1.0");
        Root.AptGet("update");
        Root.AptGet("-y", "--allow-downgrades", command);
        Root.Packages().Should().Equal(First);
    }

    [Fact]
    public void The_next_pair_upgrades_downgrades_and_removes_what_came_preinstalled()
    {
        InstallPair("1.0");
        InstallPair("2.0");
        Root.Packages().Should().Equal(Second);

        // Nothing holds what is not listed any more.
        Root.AptGet("-y", "dist-upgrade");
        Root.Packages().Should().Equal(Second.Select(line => line.Replace("leaves 1.0", "leaves 3.0", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_pair_before_brings_back_what_it_lists()
    {
        InstallPair("2.0");
        InstallPair("1.0");
        Root.Packages()
            .Should()
            .Equal([.. First.Where(line => !line.StartsWith("preinstalled", StringComparison.Ordinal)), "successor 1.0 installed"]);
    }

    [Fact]
    public void The_pinning_package_changes_no_other_package_and_the_old_dependency_package_stands_it()
    {
        InstallPair("1.0");
        Root.AptGet("-y", "install", "contoso-edge-pinning=2.0");
        Root.Packages().Should().Equal(First.Select(line => line.Replace("pinning 1.0", "pinning 2.0", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("contoso-edge-dependencies=1.0")]
    [InlineData("contoso-edge-pinning=1.0", "contoso-edge-dependencies=1.0")]
    public void Pins_that_are_not_in_force_when_apt_plans_come_too_late_and_nothing_changes(params string[] packages)
    {
        Root.TryAptGet(["-y", "--allow-downgrades", "install", .. packages])
            .Text.Should()
            .Contain("Depends: rises (= 1.0) but 3.0 is to be installed");
        Root.Packages().Should().Equal("leaves 2.0 installed", "preinstalled 1.0 installed");
    }

    [Fact]
    public void The_handler_takes_both_in_one_update()
    {
        Device.Deployed("contoso-edge-pinning=1.0", "contoso-edge-dependencies=1.0");
        Root.Packages().Should().Equal(First);
    }

    [Theory]
    [InlineData("preinstalled")]
    [InlineData("needs-preinstalled")]
    public void What_the_pair_removes_is_not_brought_back_neither_by_name_nor_as_a_dependency(string package)
    {
        InstallPair("1.0");
        InstallPair("2.0");
        Root.TryAptGet("-y", "install", package).ExitStatus.Should().Be(100);
        Root.Packages().Should().Equal(Second);
    }

    [Fact]
    public void What_provides_the_name_of_what_is_removed_stays()
    {
        Root.Install("stand-in");
        InstallPair("2.0");
        Root.Packages()
            .Should()
            .Contain("stand-in 1.0 installed")
            .And.NotContain(line => line.StartsWith("preinstalled", StringComparison.Ordinal));
    }

    [Fact]
    public void Pins_are_those_of_the_installed_package_whatever_was_edited_and_go_with_it()
    {
        var pins = Root.At("etc/apt/preferences.d/contoso-edge-pinning.pref");
        InstallPair("1.0");
        File.AppendAllText(pins, "\nPackage: rises\nPin: version 3.0\nPin-Priority: 2000\n");
        InstallPair("2.0");
        File.ReadAllText(pins)
            .Should()
            .StartWith("# The versions of Contoso Edge 2.0, an apt manifest. ")
            .And.NotContain("3.0")
            .And.NotContain(SourceTree.Root);
        Root.Packages().Should().Equal(Second);

        Root.AptGet("-y", "remove", "contoso-edge-pinning");
        File.Exists(pins).Should().BeFalse();
        Root.Installed("contoso-edge-dependencies").Should().Be("2.0");
        Root.AptGet("-s", "install", "preinstalled");
    }

    [Fact]
    public void A_name_with_a_plus_sign_gives_a_file_that_apt_reads()
    {
        Root.AptGet("-y", "install", "tools-c++-pinning");
        Root.AptGet("-y", "install", "tools-c++-dependencies");
        Root.Installed("rises").Should().Be("2.0");
    }

    [Theory]
    [InlineData("2.0", "1.0")]
    [InlineData("1:2.0", "2.0")]
    public void Versions_that_differ_in_the_epoch_alone_are_there_side_by_side(string version, string rises)
    {
        Root.AptGet("-y", "install", $"epoch-pinning={version}");
        Root.AptGet("-y", "install", "epoch-dependencies");
        (Root.Installed("epoch-dependencies"), Root.Installed("rises")).Should().Be((version, rises));
    }

    [Fact]
    public void A_spelling_that_the_repository_does_not_use_pins_nothing_until_the_manifest_is_locked()
    {
        Root.AptGet("-y", "install", "spelled-pinning=1");
        Root.TryAptGet("-y", "install", "spelled-dependencies").Text.Should().Contain("Depends: zero (= 1.0) but 2.0 is to be installed");

        Root.AptGet("-y", "install", "spelled-pinning=2");
        Root.AptGet("-y", "install", "spelled-dependencies");
        Root.Installed("zero").Should().Be("1.0-0");
    }

    [Theory]
    [InlineData("dependency")]
    [InlineData("pinning")]
    public void The_sources_of_a_manifest_are_told_to_be_in_no_package(string package)
    {
        var manifest = Root.WriteManifest(
            """
            { "name": "edge", "version": "1.0", "packages": [ { "name": "rises" } ], "sources": { "contoso": null } }
            """
        );
        var made = Root.DuApt("package", package, manifest, "--output-dir", Root.At("tmp")).Succeeded("make the package");
        made.Errors.Should().StartWith("du-apt: the sources of the manifest are in no package");
        made.Output.Should().EndWith(".deb\n");
    }

    [Theory]
    [InlineData("contoso-edge-dependencies", "dependency")]
    [InlineData("contoso-edge-dependencies-", "pinning")]
    [InlineData("contoso-edge-pinning-", "dependency")]
    [InlineData("contoso-edge-pinning", "pinning")]
    public void A_manifest_that_names_its_own_pair_is_refused(string word, string package)
    {
        var refused = Root.DuApt(
            "package",
            package,
            Device.NamedManifest("Contoso Edge", "1.0", "rises", word),
            "--output-dir",
            Root.At("tmp")
        );
        (refused.ExitStatus, refused.Output).Should().Be((2, ""));
        refused
            .Errors.Should()
            .StartWith($"du-apt: cannot make packages of a manifest that names {word.TrimEnd('-')}, which is one of them; ");
        Directory.EnumerateFiles(Root.At("tmp"), "*.deb").Should().BeEmpty();
    }

    // Two runs of apt: pins are read before it plans.
    private void InstallPair(string version)
    {
        Root.AptGet("-y", "--allow-downgrades", "install", $"contoso-edge-pinning={version}");
        Root.AptGet("-y", "--allow-downgrades", "install", "contoso-edge-dependencies");
    }

    public sealed class Published : PublishedPackages
    {
        public Published()
            : base(repository =>
                repository
                    .Package("rises", "1.0", depends: "part (= 1.0)")
                    .Package("rises", "2.0", depends: "part (= 2.0)")
                    .Package("rises", "3.0", depends: "part (= 3.0)")
                    .Package("part", "1.0")
                    .Package("part", "2.0")
                    .Package("part", "3.0")
                    .Package("falls", "1.0")
                    .Package("falls", "2.0")
                    .Package("falls", "3.0")
                    .Package("g++", "4:1.0+b1~rc1-1")
                    .Package("g++", "4:1.0+b1")
                    .Package("g++", "4:1.0+b1-1")
                    .Package("leaves", "1.0")
                    .Package("leaves", "2.0")
                    .Package("leaves", "3.0")
                    .Package("open", "1.0")
                    .Package("open", "3.0")
                    .Package("zero", "1.0-0")
                    .Package("zero", "2.0")
                    .Package("preinstalled", "1.0")
                    .Package("needs-preinstalled", "1.0", depends: "preinstalled (>= 1.0)")
                    .Package("successor", "1.0", fields: "Provides: preinstalled")
                    .Package("stand-in", "1.0", fields: "Provides: preinstalled")
            )
        {
            using var author = new Device(Repository, Server);
            author.Root.AptGet("update");
            Publish(
                author.NamedManifest(
                    "Contoso Edge",
                    "1.0",
                    "rises=1.0",
                    "part=1.0",
                    "falls=2.0",
                    "g++=4:1.0+b1~rc1-1",
                    "leaves=1.0",
                    "open"
                )
            );
            Publish(
                author.NamedManifest(
                    "Contoso Edge",
                    "2.0",
                    "rises=2.0",
                    "part=2.0",
                    "falls=1.0",
                    "g++=4:1.0+b1~rc1-1",
                    "open",
                    "successor=1.0",
                    "preinstalled-"
                )
            );
            Publish(author.NamedManifest("tools-c++", "1", "rises=2.0", "part=2.0"));
            Publish(author.NamedManifest("epoch", "1:2.0", "rises=2.0", "part=2.0"));
            Publish(author.NamedManifest("epoch", "2.0", "rises=1.0", "part=1.0"));
            Publish(author.NamedManifest("spelled", "1", "zero=1.0"));
            var locked = author.Root.At("locked.json");
            author.Root.DuApt("manifest", "lock", author.NamedManifest("spelled", "2", "zero=1.0"), "--output", locked).Succeeded("lock");
            Publish(locked);
            Repository.Index();

            void Publish(string manifest)
            {
                foreach (var package in new[] { "dependency", "pinning" })
                    author
                        .Root.DuApt("package", package, manifest, "--output-dir", Path.Combine(Repository.Location, "pool"))
                        .Succeeded($"make a {package} package");
            }
        }
    }
}
