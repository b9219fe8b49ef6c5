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
        Device.Run("deploy", Device.Manifest("tool-lib-"), "--unlisted-removals", "allow").Packages.Should()
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

    public sealed class Published() : PublishedPackages(repository => repository
        .Package("foo", "1").Package("foo", "2").Package("unrelated", "1")
        .Package("tool", "1", depends: "tool-lib", conffile: "/etc/tool.conf=as shipped").Package("tool-lib", "1")
        .Package("rival", "1", fields: "Conflicts: tool")
        .Package("tied", "1", depends: "foo (= 1)")
        .Package("old", "1", depends: "old-lib (= 1)", fields: "Provides: service (= 1)")
        .Package("old-lib", "1").Package("old-lib", "2")
        .Package("conflicts", "1", fields: "Conflicts: old")
        .Package("conflicts-versioned", "1", fields: "Conflicts: old (<< 2)")
        .Package("conflicts-virtual", "1", fields: "Conflicts: service")
        .Package("breaks", "1", fields: ["Breaks: old (<= 1)", "Replaces: old"])
        .Package("conflicts-elsewhere", "1", depends: "old-lib (= 2)", fields: "Conflicts: old (<< 1)")
        .Package("hostile", "1", fields: "Conflicts: unrelated")
        .Package("base", "1", fields: "Essential: yes").Package("base", "1.1", fields: "Essential: yes")
        .Package("anti-base", "1", fields: "Conflicts: base")
        .Package("guarded", "1", fields: "Protected: yes")
        .Package("apt", "1").Package("dpkg", "1").Package("init", "1").Package("deviceupdate-agent", "1").Package("du-apt-handler", "1"));
}
