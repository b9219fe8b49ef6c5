using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Updates;

/// <summary>Dependencies that other versions than the newest ones satisfy, where apt alone gives up.</summary>
public sealed class PinSearchTests : DeviceTests<PinSearchTests.Published>
{
    private const string Unmet = "0x30200301";
    private const string Unlisted = "0x30200304";
    private const string Mismatch = "0x3020030b";

    public PinSearchTests(Published packages)
        : base(packages) => Root.AptGet("update");

    [Fact]
    public void The_newest_version_in_a_range_is_pinned_and_told()
    {
        using (var plan = Device.Ask("plan", Device.Manifest("edge=1.0")))
        {
            Answer.Changes(plan.RootElement).Should().BeEquivalentTo("edge - -> 1.0", "libx - -> 1.0.5");
            plan.RootElement.GetProperty("details")
                .GetString()
                .Should()
                .EndWith("pinned to fit together: libx 1.0.5 (edge 1.0 needs libx (<< 1.1))");
        }

        Device.Deployed("edge=1.0").Details.Should().Contain("libx 1.0.5 (edge 1.0 needs");
        Root.Packages().Should().Equal("edge 1.0 installed", "libx 1.0.5 installed");
        Root.AutoMarks().Should().Equal("libx");
    }

    [Fact]
    public void A_version_that_provides_what_is_needed_is_found()
    {
        Device.Deployed("app").Details.Should().Contain("pinned to fit together: web 1.0 (app 1.0 needs web-abi-1)");
        Root.Packages().Should().Equal("app 1.0 installed", "web 1.0 installed");
        Root.AutoMarks().Should().Equal("web");
    }

    [Fact]
    public void A_version_of_what_is_provided_decides()
    {
        Device.Deployed("client").Details.Should().Contain("web 1.0 (client 1.0 needs protocol (<< 2))");
        Root.Installed("web").Should().Be("1.0");
    }

    [Fact]
    public void An_alternative_of_a_strict_dependency_is_taken_where_only_that_one_is_there()
    {
        Device.Deployed("either").Details.Should().Contain("low 1.0 (either 1.0 needs libx (= 9.9) | low (= 1.0))");
        Root.Packages().Should().Equal("either 1.0 installed", "low 1.0 installed");
    }

    [Fact]
    public void An_older_version_of_a_dependency_is_taken_where_the_newest_one_leads_nowhere()
    {
        // helper 3 needs what nobody has, helper 2 a libx that edge does not bear.
        Device.Deployed("edge=1.0", "needs-helper").Details.Should().Contain("helper 1.0 (needs-helper 1.0 needs helper)");
        Root.Packages().Should().Equal("edge 1.0 installed", "helper 1.0 installed", "libx 1.0.5 installed", "needs-helper 1.0 installed");
    }

    [Fact]
    public void A_suite_of_lower_priority_helps_out_and_only_where_it_has_to()
    {
        AddOther(
            100,
            repository => repository.Package("lib", "3.0", depends: "base-lib (>= 3)").Package("base-lib", "3.0").Package("low", "9.0")
        );
        Root.TryAptGet("-s", "install", "needs-newer").ExitStatus.Should().Be(100, "else the test would prove nothing");

        var answer = Device.Deployed("needs-newer", "low");
        answer
            .Details.Should()
            .Contain("pinned to fit together: lib 3.0 (needs-newer 1.0 needs lib (>= 3)), base-lib 3.0 (lib 3.0 needs base-lib (>= 3))");
        Root.Installed("low").Should().Be("2.0");
        Root.AutoMarks().Should().BeEquivalentTo("lib", "base-lib");
    }

    [Fact]
    public void A_deep_chain_of_ranges_is_followed_to_its_end()
    {
        var answer = Device.Deployed("link0=1");
        Root.Packages().Should().HaveCount(Published.Links).And.OnlyContain(line => line.EndsWith(" 1 installed"));
        answer.Details.Should().Contain("link1 1 (link0 1 needs link1 (<< 2))");
        Root.AutoMarks().Should().HaveCount(Published.Links - 1);
    }

    [Fact]
    public void An_installed_package_that_does_not_bear_the_new_version_is_raised_with_it()
    {
        Root.Install("plug=1.0", "lib=1.0");
        Root.TryAptGet("-s", "install", "lib=2.0").Output.Should().Contain("Remv plug", "else the test would prove nothing");

        Device
            .Deployed("lib=2.0")
            .Details.Should()
            .Contain("lib 1.0 -> 2.0")
            .And.Contain("plug 1.0 -> 2.0")
            .And.Contain("pinned to fit together: plug 2.0 (plug 1.0 needs lib (<< 2))");
        (Root.Installed("lib"), Root.Installed("plug")).Should().Be(("2.0", "2.0"));
        Root.AutoMarks().Should().BeEmpty("both were asked for by name");
    }

    [Fact]
    public void An_installed_package_that_the_new_version_breaks_is_raised_from_a_suite_of_lower_priority()
    {
        Root.Install("broken=1.0");
        AddOther(50, repository => repository.Package("broken", "2.0"));
        Device.Deployed("breaker").Details.Should().Contain("broken 2.0 (breaker 1.0 breaks broken (<< 2))");
        (Root.Installed("breaker"), Root.Installed("broken")).Should().Be(("1.0", "2.0"));
    }

    [Fact]
    public void A_package_of_another_architecture_gets_its_own_dependency_and_the_same_version_of_both()
    {
        Root.Dpkg("--add-architecture", "i386").Succeeded("add an architecture");
        Device.AptOption("APT::Architectures { \"i386\"; };");
        Root.Install("shared=1.0");
        Device
            .Deployed("foreign:i386=1.0")
            .Packages.Should()
            .BeEquivalentTo("foreign:i386 - -> 1.0", "shared:i386 - -> 2.0", "shared 1.0 -> 2.0");
        Root.AutoMarks().Should().Equal("shared:i386");
    }

    [Fact]
    public void Nothing_is_removed_for_the_sake_of_a_plan()
    {
        Root.Install("stuck", "lib=1.0");
        Device
            .Refused(1, Unlisted, "lib=2.0")
            .Details.Should()
            .Contain("stuck would be removed")
            .And.Contain("stuck 1.0, which is installed, needs lib (<< 2), but the manifest asks for lib 2.0");

        // An old libx would do for edge, and rid the device of what needs a newer one.
        Root.Install("web");
        Root.Install("libx-user");
        Device.Refused(1, Unmet, "edge=1.0").Details.Should().Contain("libx-user 1.0");
        Root.Installed("libx-user").Should().Be("1.0");
    }

    [Fact]
    public void A_held_package_stays_and_is_named()
    {
        Root.Install("libx");
        Root.Hold("libx");
        Device.Refused(1, Unmet, "edge=1.0").Details.Should().Contain("edge 1.0 needs libx (<< 1.1), but libx is held at 1.2");
    }

    [Fact]
    public void Where_there_is_no_plan_the_two_constraints_are_named_and_what_is_available()
    {
        var details = Device.Refused(1, Unmet, "edge=1.0", "newer=2.0").Details;
        details
            .Should()
            .Contain("edge 1.0 needs libx (<< 1.1), but newer 2.0 needs libx (>= 1.2); available: 1.0, 1.0.5, 1.2")
            .And.Contain("all combinations were tried");
        Device
            .Refused(1, Unmet, "edge=1.0", "libx=1.2")
            .Details.Should()
            .Contain("edge 1.0 needs libx (<< 1.1), but the manifest asks for libx 1.2");
        Device
            .Refused(1, Unmet, "edge=1.0", "libx-")
            .Details.Should()
            .Contain("edge 1.0 needs libx (>= 1.0), but the manifest removes libx");
        Device.Refused(1, Unmet, "lost").Details.Should().Contain("lost 1.0 needs nowhere (>= 1), but no source has nowhere");
    }

    [Fact]
    public void A_search_without_an_end_is_given_up_and_says_so()
    {
        // As many packages as want a seat of their own, and a seat less; each has a version for every seat.
        Device.Refused(1, Unmet, "crowd").Details.Should().Contain("not all combinations were tried");
    }

    [Fact]
    public void What_preferences_refuse_is_never_pinned_for_the_sake_of_a_dependency()
    {
        AddOther(
            -1,
            repository => repository.Package("libssl", "9.9").Package("web", "0.9", fields: "Provides: web-abi-0").Package("low", "0.5")
        );
        (string Wanted, string Refused)[] all =
        [
            ("strict=1.0", "libssl 9.9"),
            ("ranged=1.0", "libssl 9.9"),
            ("virtual=1.0", "web 0.9"),
            ("alternative=1.0", "low 0.5"),
        ];
        foreach (var (wanted, refused) in all)
        {
            Device
                .Refused(1, Unmet, wanted)
                .Details.Should()
                .Contain($"apt's preferences pin {refused} at -1 (copy:{_other!.Location} stable/main amd64)");
            Root.Packages().Should().BeEmpty();
        }
    }

    [Fact]
    public void A_version_that_a_refused_source_has_as_well_is_not_pinned_either()
    {
        // apt would fetch it from the refused source, in whatever order they are listed, if that comes first or the other one fails.
        AddOther(-1, repository => repository.Package("mid", "1.0", depends: "low").Package("mid", "0.1"));
        Root.AptGet("--print-uris", "-y", "install", "mid=1.0")
            .Output.Should()
            .Contain(_other!.Location, "else the test would prove nothing");
        Device.Refused(1, Unmet, "top=1.0").Details.Should().Contain("apt's preferences pin mid 1.0 at -1");
        Device.Deployed("top=2.0");
    }

    [Fact]
    public void A_version_that_the_manifest_asks_for_and_preferences_refuse_is_told_by_name()
    {
        AddOther(-1, repository => repository.Package("libssl", "9.9").Package("alien", "1.0"));
        var where = $"(copy:{_other!.Location} stable/main amd64)";
        Device
            .Refused(1, Mismatch, "libssl=9.9")
            .Details.Should()
            .Contain($"cannot install libssl 9.9: apt's preferences pin it at -1 {where}")
            .And.Contain("available otherwise: 1.0");
        Device.Refused(1, Mismatch, "alien").Details.Should().Contain($"cannot install alien 1.0: apt's preferences pin it at -1 {where}");

        // Already there, by the administrator's hand, it is as the manifest asks.
        Root.Dpkg("--install", _other.Deb("alien", "1.0")).Succeeded("install");
        Device.Deployed("alien=1.0").Packages.Should().BeEmpty();
        Device.Deployed("alien").Packages.Should().BeEmpty();
    }

    [Fact]
    public void A_chain_of_strict_dependencies_takes_a_simulation_for_each_link_and_no_more()
    {
        Simulations("top=1.0").Should().Be(3);
        Simulations("top=2.0").Should().Be(1);
        Simulations("edge=1.0").Should().Be(2);
    }

    [Fact]
    public void A_lock_writes_what_was_found()
    {
        var locked = Root.At("locked.json");
        Root.DuApt("manifest", "lock", Device.Manifest("edge=1.0"), "--empty", "--output", locked).Succeeded("lock");
        File.ReadAllText(locked).Should().MatchRegex("\"libx\",\\s*\"version\": \"1.0.5\"");
        Root.AptGet("update");
        Device.Run("deploy", locked).Details.Should().NotContain("pinned");
        Root.Installed("libx").Should().Be("1.0.5");
    }

    [Fact]
    public void Lint_tells_why_a_package_is_pinned()
    {
        var text = Root.DuApt("manifest", "lint", "--empty", Device.Manifest("edge=1.0")).Output;
        text.Should()
            .Contain("""The package "libx" must be 1.0.5, because edge 1.0 needs libx (<< 1.1), and the manifest does not say so""")
            .And.Contain("""add { "name": "libx", "version": "1.0.5" }.""");
    }

    public override void Dispose()
    {
        base.Dispose();
        _other?.Dispose();
    }

    private Repository? _other;

    // Read without a server, which gives it another origin than that of the first repository: none.
    private void AddOther(int priority, Action<Repository> add)
    {
        _other = new Repository();
        add(_other);
        _other.Index();
        // Named so that apt reads it before the first one.
        Root.AddSource("another", _other);
        File.WriteAllText(Root.At("etc/apt/preferences.d/another"), $"Package: *\nPin: origin \"\"\nPin-Priority: {priority}\n");
        Root.AptGet("update");
    }

    // How often apt-get -s runs for a plan.
    private int Simulations(params string[] words)
    {
        var trace = Root.At("tmp/trace");
        string[] plan = [SourceTree.DuApt, "--config", Root.Configuration, "plan", Device.Manifest(words)];
        Command.Run("strace", ["-f", "-qq", "-s", "400", "-v", "-e", "trace=execve", "-o", trace, .. plan]).Succeeded("plan under strace");
        return File.ReadLines(trace).Count(line => line.Contains("\"-s\", \"install\"", StringComparison.Ordinal));
    }

    public sealed class Published() : PublishedPackages(Add)
    {
        public const int Links = 15;
        private const int Seats = 9;

        private static void Add(Repository repository)
        {
            repository
                .Package("edge", "1.0", depends: "libx (>= 1.0), libx (<< 1.1)")
                .Package("edge", "2.0", depends: "libx")
                .Package("libx", "1.0")
                .Package("libx", "1.0.5")
                .Package("libx", "1.2")
                .Package("libx-user", "1.0", depends: "libx (>= 1.2)")
                .Package("newer", "2.0", depends: "libx (>= 1.2)")
                .Package("app", "1.0", depends: "web-abi-1")
                .Package("client", "1.0", depends: "protocol (<< 2)")
                .Package("web", "1.0", fields: "Provides: web-abi-1, protocol (= 1.5)")
                .Package("web", "2.0", fields: "Provides: web-abi-2, protocol (= 2.5)")
                .Package("either", "1.0", depends: "libx (= 9.9) | low (= 1.0)")
                .Package("low", "1.0")
                .Package("low", "2.0")
                .Package("needs-helper", "1.0", depends: "helper")
                .Package("helper", "1.0")
                .Package("helper", "2.0", depends: "libx (>= 1.2)")
                .Package("helper", "3.0", depends: "nowhere (>= 1)")
                .Package("needs-newer", "1.0", depends: "lib (>= 3)")
                .Package("base-lib", "1.0")
                .Package("lib", "1.0")
                .Package("lib", "2.0")
                .Package("stuck", "1.0", depends: "lib (<< 2)")
                .Package("plug", "1.0", depends: "lib (<< 2)")
                .Package("plug", "2.0", depends: "lib (<< 3)")
                .Package("plug", "3.0", depends: "lib (>= 3)")
                .Package("breaker", "1.0", fields: "Breaks: broken (<< 2)")
                .Package("broken", "1.0")
                .Package("lost", "1.0", depends: "nowhere (>= 1)")
                .Package("strict", "1.0", depends: "libssl (= 9.9)")
                .Package("ranged", "1.0", depends: "libssl (>= 9)")
                .Package("libssl", "1.0")
                .Package("virtual", "1.0", depends: "web-abi-0")
                .Package("alternative", "1.0", depends: "libssl (= 2) | low (<< 1)")
                .Package("top", "1.0", depends: "mid (= 1.0)")
                .Package("top", "2.0", depends: "mid (= 2.0)")
                .Package("mid", "1.0", depends: "low (= 1.0)")
                .Package("mid", "2.0", depends: "low (= 2.0)");
            foreach (var version in new[] { "1.0", "2.0", "3.0" })
            {
                foreach (var architecture in new[] { "amd64", "i386" })
                    repository.Package("shared", version, architecture: architecture, fields: "Multi-Arch: same");
            }

            repository.Package("foreign", "1.0", architecture: "i386", depends: "shared (= 2.0)");
            for (var i = 0; i < Links; i++)
            {
                repository.Package($"link{i}", "1", depends: i + 1 < Links ? $"link{i + 1} (<< 2)" : null).Package($"link{i}", "2");
            }

            repository.Package("crowd", "1.0", depends: string.Join(", ", Enumerable.Range(0, Seats + 1).Select(each => $"guest{each}")));
            for (var guest = 0; guest <= Seats; guest++)
            {
                for (var seat = 0; seat < Seats; seat++)
                    repository.Package($"guest{guest}", $"{seat}", fields: [$"Provides: seat{seat}", $"Conflicts: seat{seat}"]);
            }
        }
    }
}
