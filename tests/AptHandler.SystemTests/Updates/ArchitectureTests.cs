using System.Text.Json;

namespace AptHandler.SystemTests.Updates;

/// <summary>Devices that take packages of a second architecture. A name without architecture means the native package.</summary>
public sealed class ArchitectureTests : DeviceTests<ArchitectureTests.Published>
{
    public ArchitectureTests(Published packages)
        : base(packages)
    {
        Root.Dpkg("--add-architecture", "i386").Succeeded("add an architecture");
        Device.AptOption("APT::Architectures { \"i386\"; };");
        Root.AptGet("update");
    }

    [Theory]
    [InlineData("lib=1")]
    [InlineData("lib:amd64=1")]
    [InlineData("lib")]
    public void The_native_package_is_installed_beside_the_foreign_one(string word)
    {
        Root.Install("lib:i386=1");
        var newest = word == "lib";
        Device.Deployed(word).Packages.Should().BeEquivalentTo(newest ? ["lib - -> 2", "lib:i386 1 -> 2"] : ["lib - -> 1"]);
        Versions().Should().Be(newest ? ("2", "2") : ("1", "1"));
        IsInstalled().Should().Be(900);
        Drift().Should().BeEmpty();
    }

    [Fact]
    public void A_native_package_that_was_removed_by_hand_is_missed_although_the_foreign_one_stays()
    {
        Root.Install("lib:i386=1");
        Device.Deployed("lib=1");
        Root.AptGet("-y", "remove", "lib:amd64");
        Versions().Should().Be((null, "1"));

        IsInstalled().Should().Be(901);
        Drift().Should().Equal("lib: 1, not there");
        using (var state = Device.Ask("state"))
            state.RootElement.GetProperty("state").GetProperty("packages")[0].GetString().Should().Be("lib=(none)");

        Device.Run("deploy", Manifest).Packages.Should().Equal("lib - -> 1");
        Versions().Should().Be(("1", "1"));
        IsInstalled().Should().Be(900);
    }

    [Fact]
    public void The_native_package_is_removed_and_the_foreign_one_stays()
    {
        Root.Install("lib=1", "lib:i386=1");
        Device.Deployed("lib-").Packages.Should().Equal("lib 1 -> -");
        Versions().Should().Be((null, "1"));
        IsInstalled().Should().Be(900);
        Drift().Should().BeEmpty();
    }

    [Fact]
    public void The_foreign_package_is_removed_and_the_native_one_stays()
    {
        Root.Install("lib=1", "lib:i386=1");
        Device.Deployed("lib:i386-").Packages.Should().Equal("lib:i386 1 -> -");
        Versions().Should().Be(("1", null));
        IsInstalled().Should().Be(900);
    }

    [Fact]
    public void The_removal_of_a_native_package_that_is_not_there_leaves_the_foreign_one_alone()
    {
        Root.Install("lib:i386=1", "foreign");
        Device.Deployed("lib-", "foreign-").Packages.Should().BeEmpty();
        Versions().Should().Be((null, "1"));
        Root.Installed("foreign:i386").Should().Be("1", "the sources have no native one, and apt would take this");
        IsInstalled().Should().Be(900);
    }

    [Fact]
    public void Siblings_are_raised_and_lowered_together()
    {
        Root.Install("lib=1", "lib:i386=1");
        Device.Deployed("lib=2").Packages.Should().BeEquivalentTo("lib 1 -> 2", "lib:i386 1 -> 2");
        Versions().Should().Be(("2", "2"));
        Device.Deployed("lib:i386=1", "lib=1").Packages.Should().BeEquivalentTo("lib 2 -> 1", "lib:i386 2 -> 1");
        Versions().Should().Be(("1", "1"));
    }

    [Fact]
    public void Each_of_two_siblings_has_a_mark_of_its_own()
    {
        Root.Install("wants-lib:i386");
        Root.AutoMarks().Should().Equal("lib:i386");
        Device.Deployed("lib");
        Root.AutoMarks().Should().Equal("lib:i386");
        Device.Deployed("lib:i386", "other");
        Root.AutoMarks().Should().BeEmpty();
    }

    [Fact]
    public void A_name_that_only_a_foreign_package_has_is_refused_with_the_name_to_write()
    {
        Device.Refused(1, "0x30200100", "foreign").Details.Should().Contain("no source has a package foreign; write foreign:i386");
        Root.Install("foreign");
        Device.Refused(1, "0x30200100", "foreign").Details.Should().Contain("write foreign:i386");
        Device.Deployed("foreign:i386").Packages.Should().BeEmpty();
    }

    [Fact]
    public void The_versions_of_the_native_package_are_not_those_of_a_foreign_one() =>
        Device.Refused(1, "0x30200100", "native", "native:i386").Details.Should().Contain("no source has a package native:i386");

    [Theory]
    [InlineData("lib=1", "lib:amd64=2", "version \"1\" and for version \"2\"")]
    [InlineData("lib", "lib:amd64-", "its newest version and for its removal")]
    [InlineData("lib:amd64", "lib=1", "its newest version and for version \"1\"")]
    public void Two_wishes_for_one_package_are_a_contradiction_of_the_manifest(string first, string second, string wishes)
    {
        var (one, other) = (first.Split('=')[0].TrimEnd('-'), second.Split('=')[0].TrimEnd('-'));
        Device
            .Refused(2, "0x30000068", first, second)
            .Details.Should()
            .Be($"{one} and {other} are one package on a machine of amd64, and the manifest asks for {wishes} of it; keep one of the two");
        var lint = Root.DuApt("manifest", "lint", "--plan", Device.Manifest(first, second)).Output;
        lint.Should().Contain("error contradicting-packages").And.NotContain("no-plan");
    }

    [Fact]
    public void One_wish_by_two_names_is_done_once_and_lint_tells_it()
    {
        Device
            .Deployed("other", "other:amd64", "missing-", "lib:i386=1")
            .Packages.Should()
            .BeEquivalentTo("other - -> 1", "lib:i386 - -> 1");
        Root.DuApt("manifest", "lint", "--plan", Device.Manifest("other", "other:amd64"))
            .Output.Should()
            .Contain("warning repeated-package")
            .And.Contain("are one package on a machine of amd64");
    }

    [Fact]
    public void An_architecture_that_the_device_does_not_take_is_named_with_those_that_it_takes()
    {
        Device
            .Refused(1, "0x30200100", "lib:armhf")
            .Details.Should()
            .Contain(
                "no source has a package lib:armhf; packages of armhf are not taken here, only of amd64, i386: correct the "
                    + "architecture, or add it to the device: dpkg --add-architecture armhf"
            );
        Device
            .Deployed("lib:armhf-")
            .Details.Should()
            .StartWith(
                "every package is as the manifest asks",
                "the name is right, and a device without the architecture has no such package"
            );
    }

    [Fact]
    public void A_removal_that_means_no_native_package_names_the_foreign_one()
    {
        Root.Install("foreign");
        Device.Deployed("foreign-").Details.Should().StartWith("foreign- removes nothing: ").And.Contain("write foreign:i386");
    }

    [Fact]
    public void A_removal_that_the_manifest_does_not_list_is_named_with_its_architecture()
    {
        Root.Install("odd=1", "odd:i386=1");
        var refused = Device.Refused(1, "0x30200304", "odd=2");
        refused.Details.Should().Contain("refused: odd:i386 would be removed").And.Contain("add \"odd:i386-\"");
        Device.Deployed("odd=2", "odd:i386-").Packages.Should().BeEquivalentTo("odd 1 -> 2", "odd:i386 1 -> -");
        (Root.Installed("odd:amd64"), Root.Installed("odd:i386")).Should().Be(("2", null));
    }

    [Fact]
    public void A_sibling_that_changes_outside_the_plan_is_told()
    {
        Root.Install("single", "single:i386");
        var removal = $"dpkg --root={Root.Location} --force-script-chrootless --log=/dev/null --remove single:i386";
        Device.AptOption($"DPkg::Post-Invoke {{ \"{removal}\"; }};");
        Device.Deployed("single-").Details.Should().Contain("not by the plan: -single:i386 1");
    }

    [Fact]
    public void A_sibling_that_is_broken_from_earlier_and_no_part_of_the_update_is_told()
    {
        Root.TryAptGet("-y", "install", "sick:i386=1").ExitStatus.Should().Be(100);
        var answer = Device.Deployed("other");
        answer.Details.Should().Contain("failed at sick:i386, which is broken from earlier");
        answer.Packages.Should().Equal("other - -> 1");
    }

    [Fact]
    public void A_native_package_that_only_has_to_be_configured_is_told_although_the_foreign_one_comes()
    {
        Root.Unpack(Packages.Repository.Deb("lib", "1", "amd64"));
        Device
            .Deployed("lib:amd64=1", "lib:i386=1")
            .Details.Should()
            .StartWith("+lib:i386 1; to be configured, as an earlier run has left it: lib;");
        Versions().Should().Be(("1", "1"));
    }

    [Fact]
    public void The_fingerprint_that_is_expected_is_that_of_the_device_afterwards()
    {
        Root.Install("lib=1", "lib:i386=1", "single:i386");
        var manifest = Device.Manifest("lib=2", "single:i386-", "single");
        using var expected = Device.Ask("state", "expected", "--manifest", manifest);
        Device.Run("deploy", manifest).ResultCode.Should().Be(700);
        using var state = Device.Ask("state");
        FingerprintOf(state).Should().Be(FingerprintOf(expected));
    }

    [Fact]
    public void Captured_and_locked_manifests_bring_both_to_another_device()
    {
        Root.Install("lib=1", "lib:i386=1");
        var captured = Root.DuApt("manifest", "capture", "--name", "captured", "--version", "1").Succeeded("capture").Output;
        var locked = Root.DuApt("manifest", "lock", Root.WriteManifest(captured, "captured.json")).Succeeded("lock").Output;
        Root.AptGet("-y", "remove", "lib:amd64", "lib:i386");
        Device.Run("deploy", Root.WriteManifest(locked, "locked.json")).Packages.Should().BeEquivalentTo("lib - -> 1", "lib:i386 - -> 1");
        Versions().Should().Be(("1", "1"));
    }

    private string Manifest => Root.At("update1-1.0.json");

    private (string? Native, string? Foreign) Versions() => (Root.Installed("lib:amd64"), Root.Installed("lib:i386"));

    private int IsInstalled() => Device.Run("is-installed", Manifest).ResultCode;

    private string[] Drift()
    {
        using var drift = Answer.Json(Root.DuApt("drift", "--json"));
        return
        [
            .. from each in drift.RootElement.GetProperty("differences").EnumerateArray()
            select $"{each.GetProperty("name")}: {each.GetProperty("desired")}, {each.GetProperty("actual").GetString() ?? "not there"}",
        ];
    }

    private static string? FingerprintOf(JsonDocument answer) =>
        answer.RootElement.GetProperty("fingerprints").GetProperty("packages").GetString();

    public sealed class Published()
        : PublishedPackages(repository =>
        {
            foreach (var architecture in new[] { "amd64", "i386" })
            {
                foreach (var (name, version) in new[] { ("lib", "1"), ("lib", "2"), ("single", "1"), ("odd", "1") })
                    repository.Package(name, version, architecture: architecture, fields: "Multi-Arch: same");
                repository.Package("sick", "1", architecture: architecture, postinst: "exit 1", fields: "Multi-Arch: same");
            }

            repository
                .Package("odd", "2", architecture: "amd64", fields: "Multi-Arch: same")
                .Package("wants-lib", "1", depends: "lib", architecture: "i386")
                .Package("foreign", "1", architecture: "i386")
                .Package("native", "1", architecture: "amd64")
                .Package("other", "1");
        });
}
