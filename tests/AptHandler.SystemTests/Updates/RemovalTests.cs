using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Updates;

/// <summary>What goes, what may not go, and what has to be said first.</summary>
public sealed class RemovalTests(RemovalTests.Published packages) : DeviceTests<RemovalTests.Published>(packages)
{
    private const string Protected = "0x30200303";
    private const string Unlisted = "0x30200304";

    [Fact]
    public void A_removed_package_leaves_its_configuration_and_its_dependencies()
    {
        Root.Install("tool");
        Root.AutoMarks().Should().Equal("tool-lib");
        File.WriteAllText(Root.At("etc/tool.conf"), "changed by hand\n");

        Device.Deployed("tool-").Packages.Should().Equal("tool 1 -> -");
        Root.Packages().Should().Equal("tool 1 config-files", "tool-lib 1 installed");
        File.ReadAllText(Root.At("etc/tool.conf")).Should().Be("changed by hand\n");
        Root.AutoMarks().Should().Equal("tool-lib");
        Device.Run("is-installed", Root.At("update1-1.0.json")).ResultCode.Should().Be(900);
    }

    [Fact]
    public void Removing_what_is_unknown_or_not_there_is_done_already()
    {
        Root.Install("tool");
        Root.AptGet("-y", "remove", "tool");
        var log = Device.DpkgLog;
        Device.Deployed("never-heard-of-", "foo-", "tool-").Packages.Should().BeEmpty();
        Device.DpkgLog.Should().Equal(log);
        Root.Status("tool").Should().Be("deinstall ok config-files");
    }

    [Fact]
    public void A_removal_that_is_misspelt_is_a_success_with_a_warning_wherever_somebody_looks()
    {
        const string Warning = "unrelatde- removes nothing: neither the sources nor dpkg know this name; similar names: unrelated";
        Root.Install("unrelated");
        var manifest = Device.Manifest("foo=2", "unrelatde-");
        Device.Run("plan", manifest).Details.Should().Be($"{Warning}; +foo 2");
        Device.Run("download", manifest).Details.Should().Be($"{Warning}; +foo 2");
        Device.Run("install", manifest).Details.Should().Be($"{Warning}; +foo 2");
        Device.Run("apply", manifest).Details.Should().Be($"{Warning}; +foo 2");
        Root.Installed("unrelated").Should().Be("1");

        Root.DuApt("history").Output.Should().Contain($"\n    warning: {Warning}\n");
        Root.DuApt("history", "--show", "1").Output.Should().Contain($"\n  warning   {Warning}\n");
        using var update = Device.Ask("history", "--show", "1");
        update.RootElement.GetProperty("warning").GetString().Should().Be(Warning);

        Device.Deployed("unrelatde-").Details.Should().StartWith(Warning, "an earlier removal does not know the name any better");
    }

    [Fact]
    public void A_warning_is_not_lost_behind_a_hundred_packages()
    {
        Root.AptGet("update");
        string[] many = [.. Enumerable.Range(0, 100).Select(i => $"package-{i}=1")];
        Device
            .Run("plan", Device.Manifest([.. many, "nosuchthing-"]))
            .Details.Should()
            .StartWith("nosuchthing- removes nothing: neither the sources nor dpkg know this name; +package-");
    }

    [Fact]
    public void The_removal_of_what_was_there_once_is_no_mistake()
    {
        using var elsewhere = new Repository();
        using var server = new HttpServer(
            elsewhere.Package("former", "1").Package("former-conf", "1", conffile: "/etc/former.conf=x").Index()
        );
        Root.AddSource("elsewhere", elsewhere, server);
        Device.Deployed("former", "former-conf", "foo=1");
        Root.AptGet("-y", "purge", "former");
        Root.AptGet("-y", "remove", "former-conf");
        File.Delete(Root.At("etc/apt/sources.list.d/elsewhere.sources"));

        Device
            .Deployed("former-", "former-conf-", "foo=2")
            .Details.Should()
            .Be("foo 1 -> 2", "an earlier update has installed the one, and dpkg knows the other");
    }

    [Fact]
    public void Who_may_not_read_the_records_gets_a_plan_with_the_warning_all_the_same()
    {
        Device.Deployed("unrelated");
        Command.Run("chmod", ["-R", "a+rX", Root.Location]).Succeeded("let others in");
        Command.Run("chmod", ["0750", Root.At("var/lib/du-apt-handler")]).Succeeded("keep others out");
        var program = Root.At("du-apt");
        File.Copy(SourceTree.DuApt, program);
        var plan = Command.Run(
            "setpriv",
            [
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                program,
                "plan",
                Device.Manifest("unrelatde-"),
                "--config",
                Root.Configuration,
            ]
        );
        plan.Succeeded("plan as nobody").Output.Should().Contain("unrelatde- removes nothing: ");
    }

    [Fact]
    public void The_removal_of_a_virtual_package_removes_nothing_and_names_its_providers()
    {
        Root.Install("old", "old-lib=1");
        Device.Deployed("service-").Details.Should().StartWith("service- removes nothing: ").And.Contain("name one of its providers: old");
        Root.Installed("old").Should().Be("1");
    }

    [Fact]
    public void A_package_that_only_dpkg_knows_is_removed()
    {
        using var elsewhere = new Repository();
        Root.Dpkg("--install", elsewhere.Package("by-hand", "1").Deb("by-hand", "1")).Succeeded("install");
        Device.Deployed("by-hand-").Packages.Should().Equal("by-hand 1 -> -");
        Root.Status("by-hand").Should().BeNull();
    }

    [Fact]
    public void A_manifest_can_install_and_remove_together()
    {
        Root.Install("tool", "foo=1");
        Device.Deployed("foo=2", "tool-", "unrelated").Packages.Should().BeEquivalentTo("foo 1 -> 2", "tool 1 -> -", "unrelated - -> 1");
        Root.Packages().Should().Equal("foo 2 installed", "tool 1 config-files", "tool-lib 1 installed", "unrelated 1 installed");
    }

    [Fact]
    public void A_package_to_be_removed_that_another_one_needs_is_not_brought_in()
    {
        Root.AptGet("update");
        var answer = Device.Refused(1, "0x30200301", "tool", "tool-lib-");
        answer.Details.Should().Contain("tool-lib");
        Root.Packages().Should().BeEmpty();
    }

    [Fact]
    public void A_removal_that_takes_others_along_is_refused_and_names_them()
    {
        Root.Install("tool", "foo");
        var answer = Device.Refused(1, Unlisted, "tool-lib-", "foo=1");
        answer.Details.Should().Contain("tool would be removed").And.Contain("tool-\"");
        Root.Installed("foo").Should().Be("2");
    }

    [Fact]
    public void A_removal_that_takes_others_along_is_done_when_they_are_listed_or_allowed()
    {
        Root.Install("tool");
        Device.Deployed("tool-lib-", "tool-").Packages.Should().BeEquivalentTo("tool-lib 1 -> -", "tool 1 -> -");

        Root.Install("tool");
        Device
            .Run("deploy", Device.Manifest("tool-lib-"), "--unlisted-removals", "allow")
            .Packages.Should()
            .BeEquivalentTo("tool-lib 1 -> -", "tool 1 -> -");

        Root.Install("tool");
        Device.Configure("unlistedRemovals", "allow");
        Device.Run("deploy", Device.Manifest("tool-lib-"), "--unlisted-removals", "refuse").ExtendedResultCode.Should().Be(Unlisted);
        Device.Deployed("tool-lib-");
        Root.Packages().Should().Equal("tool 1 config-files");
    }

    [Fact]
    public void An_upgrade_that_a_reverse_dependency_does_not_survive_is_refused()
    {
        Root.Install("tied", "foo=1");
        Device.Refused(1, Unlisted, "foo=2").Details.Should().Contain("tied");
        Device.Deployed("foo=2", "tied-");
        Root.Packages().Should().Equal("foo 2 installed");
    }

    [Theory]
    [InlineData("conflicts")]
    [InlineData("conflicts-versioned")]
    [InlineData("breaks")]
    [InlineData("conflicts-virtual")]
    public void A_package_may_take_the_place_of_one_that_it_conflicts_with(string successor)
    {
        Root.Install("old", "old-lib=1");
        Device.Deployed(successor).Packages.Should().BeEquivalentTo("old 1 -> -", $"{successor} - -> 1");
        (Root.Installed("old"), Root.Installed(successor)).Should().Be((null, "1"));
    }

    [Fact]
    public void A_conflict_with_other_versions_explains_no_removal()
    {
        Root.Install("old", "old-lib=1");
        // What does make it go is that its dependency breaks; the conflict is with versions before this one.
        var answer = Device.Refused(1, Unlisted, "conflicts-elsewhere");
        answer.Details.Should().Contain("old would be removed");
    }

    [Fact]
    public void A_conflict_of_what_is_installed_with_what_comes_explains_no_removal()
    {
        Root.Install("hostile");
        Device.Refused(1, Unlisted, "unrelated").Details.Should().Contain("hostile");
    }

    [Fact]
    public void What_the_device_cannot_do_without_is_never_removed()
    {
        string[] vital = ["base", "guarded", "apt", "dpkg", "init", "deviceupdate-agent", "du-apt-handler"];
        Root.Install(vital);
        Device.Configure("unlistedRemovals", "allow");
        foreach (var package in vital)
            Device.Refused(1, Protected, $"{package}-").Details.Should().Contain($"cannot remove {package}:");
    }

    [Fact]
    public void What_the_configuration_protects_is_never_removed_neither_listed_nor_along_with_others()
    {
        Root.Install("tool");
        Device.Configure("unlistedRemovals", "allow");
        Device.Configure("protectedPackages", new System.Text.Json.Nodes.JsonArray("tool"));
        Device.Refused(1, Protected, "tool-").Details.Should().Contain("cannot remove tool");
        Device.Refused(1, Protected, "tool-lib-").Details.Should().Contain("cannot remove tool:");
        Device.Refused(1, Protected, "rival").Details.Should().Contain("cannot remove tool:");
        Device.Deployed("tool");
    }

    [Fact]
    public void What_the_device_cannot_do_without_can_be_upgraded_and_is_not_given_up_for_another()
    {
        Root.Install("base=1");
        Device.Configure("unlistedRemovals", "allow");
        Device.Refused(1, "0x30200301", "anti-base").Details.Should().Contain("base");
        Device.Deployed("base=1.1");
        Root.Installed("base").Should().Be("1.1");
    }

    public sealed class Published()
        : PublishedPackages(repository =>
            Enumerable
                .Range(0, 100)
                .Aggregate(repository, (all, i) => all.Package($"package-{i}", "1"))
                .Package("foo", "1")
                .Package("foo", "2")
                .Package("unrelated", "1")
                .Package("tool", "1", depends: "tool-lib", conffile: "/etc/tool.conf=as shipped")
                .Package("tool-lib", "1")
                .Package("rival", "1", fields: "Conflicts: tool")
                .Package("tied", "1", depends: "foo (= 1)")
                .Package("old", "1", depends: "old-lib (= 1)", fields: "Provides: service (= 1)")
                .Package("old-lib", "1")
                .Package("old-lib", "2")
                .Package("conflicts", "1", fields: "Conflicts: old")
                .Package("conflicts-versioned", "1", fields: "Conflicts: old (<< 2)")
                .Package("conflicts-virtual", "1", fields: "Conflicts: service")
                .Package("breaks", "1", fields: ["Breaks: old (<= 1)", "Replaces: old"])
                .Package("conflicts-elsewhere", "1", depends: "old-lib (= 2)", fields: "Conflicts: old (<< 1)")
                .Package("hostile", "1", fields: "Conflicts: unrelated")
                .Package("base", "1", fields: "Essential: yes")
                .Package("base", "1.1", fields: "Essential: yes")
                .Package("anti-base", "1", fields: "Conflicts: base")
                .Package("guarded", "1", fields: "Protected: yes")
                .Package("apt", "1")
                .Package("dpkg", "1")
                .Package("init", "1")
                .Package("deviceupdate-agent", "1")
                .Package("du-apt-handler", "1")
        );
}
