using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Updates;

/// <summary>What cannot be done, and what an operator is told about it.</summary>
public sealed class RefusalTests(RefusalTests.Published packages) : DeviceTests<RefusalTests.Published>(packages)
{
    private const string NotThere = "0x30200100";
    private const string Held = "0x30200302";
    private const string Interrupted = "0x30200306";
    private const string NoSpace = "0x30200307";
    private const string BrokenBefore = "0x30200309";

    [Fact]
    public void All_that_is_not_there_is_told_at_once_with_the_versions_that_are()
    {
        var answer = Device.Refused(1, NotThere, "foo=3.0", "never-heard-of", "virtual", "other=1");
        answer.Step.Should().Be("download");
        answer
            .Details.Should()
            .Contain("foo has no version 3.0 in the sources; there is 2.0, 1.0")
            .And.Contain("no source has a package never-heard-of")
            .And.Contain("virtual is a virtual package; name one of its providers: provider, second-provider;")
            .And.NotContain("other");
    }

    [Fact]
    public void Of_many_versions_the_newest_are_told() =>
        Device.Refused(1, NotThere, "many=99").Details.Should().Contain("there is 10, 9, 8, 7, 6, 5, 4, 3 and 2 more");

    [Fact]
    public void A_held_package_is_not_changed_and_is_named()
    {
        Root.Install("foo=1.0", "other");
        Root.Hold("foo");
        Device.Refused(1, Held, "foo=2.0").Details.Should().Contain("foo").And.Contain("apt-mark unhold");
        Device.Refused(1, Held, "foo").Details.Should().Contain("foo");
        Device.Refused(1, Held, "foo-").Details.Should().Contain("foo");
        Root.Status("foo").Should().Be("hold ok installed");

        Device.Deployed("foo=1.0", "other");
        Root.Status("foo").Should().Be("hold ok installed", "what is as the manifest asks needs no change");
    }

    [Fact]
    public void A_held_package_that_a_dependency_would_change_is_not_changed_and_is_named()
    {
        Root.Install("foo=1.0");
        Root.Hold("foo");
        Device
            .Refused(1, Held, "wants-foo-2")
            .Details.Should()
            .Be("held: foo would have to change; release it (apt-mark unhold), or leave it out of the manifest");
        Device
            .Refused(1, "0x30200301", "wants-foo-3")
            .Details.Should()
            .Contain("wants-foo-3 : Depends: foo (>= 3.0)", "without the hold it would be no better");
    }

    [Fact]
    public void A_dpkg_that_was_interrupted_has_to_be_mended_first()
    {
        Root.AptGet("update");
        Root.InterruptDpkg(Packages.Repository.Deb("foo", "1.0"));
        Device.Refused(1, Interrupted, "other").Details.Should().Contain("dpkg --configure -a");
        Root.IsDpkgInterrupted().Should().BeTrue();
    }

    [Fact]
    public void A_package_that_was_broken_before_and_has_no_part_in_the_update_is_told_and_no_failure()
    {
        Root.AptGet("update");
        Root.TryAptGet("-y", "install", "sick").ExitStatus.Should().Be(100);
        var answer = Device.Deployed("other");
        answer.Details.Should().Contain("sick").And.Contain("broken from earlier");
        answer.Packages.Should().Equal("other - -> 1");
        Root.Installed("other").Should().Be("1");
        Root.Status("sick").Should().Be("install ok half-configured");
    }

    [Fact]
    public void A_package_that_was_broken_before_and_stands_in_the_way_is_named()
    {
        Root.AptGet("update");
        Root.Unpack(Packages.Repository.Deb("needy", "1"));
        var answer = Device.Refused(1, BrokenBefore, "other");
        answer.Details.Should().Contain("needy");
        Root.Status("needy").Should().Be("install ok unpacked");
    }

    [Fact]
    public void A_broken_package_without_an_archive_is_named()
    {
        using var elsewhere = new Repository();
        elsewhere.Package("by-hand", "1").Package("by-hand", "2");
        Root.AptGet("update");
        Root.Dpkg("--install", elsewhere.Deb("by-hand", "1")).Succeeded("install");
        Root.InterruptDpkg(elsewhere.Deb("by-hand", "2"));
        Root.Dpkg("--configure", "-a");
        Root.Status("by-hand").Should().StartWith("install reinstreq");
        Device.Refused(1, BrokenBefore, "other").Details.Should().Contain("by-hand");
    }

    [Fact]
    public void A_package_that_is_half_installed_and_that_apt_would_leave_so_is_named()
    {
        Root.AptGet("update");
        Root.InterruptDpkg(Packages.Repository.Deb("foo", "1.0"));
        Root.Dpkg("--configure", "-a").Succeeded("configure");
        Root.Status("foo").Should().Be("install reinstreq half-installed");
        Device.Refused(1, BrokenBefore, "foo=1.0").Details.Should().Contain("foo").And.Contain("reinstall");
        Device.Refused(1, BrokenBefore, "foo=1.0", "other").Details.Should().Contain("foo");
        Root.AptGet("-y", "--reinstall", "install", "foo=1.0");
        Device.Deployed("foo=1.0");
    }

    [Fact]
    public void Packages_that_are_larger_than_the_disk_are_not_begun() =>
        Device.Refused(1, NoSpace, "other", "enormous").Details.Should().Contain($"at {Root.Location}").And.Contain("MB are free");

    [Fact]
    public void Archives_that_do_not_fit_are_not_fetched()
    {
        var archives = Root.At("var/cache/apt/archives");
        Command.Run("mount", ["-t", "tmpfs", "-o", "size=64k", "none", archives]).Succeeded("mount a small file system");
        try
        {
            Directory.CreateDirectory(Path.Combine(archives, "partial"));
            Device.Refused(1, NoSpace, "bulky").Details.Should().Contain(archives);
            Directory.EnumerateFiles(archives, "*.deb", SearchOption.AllDirectories).Should().BeEmpty();
        }
        finally
        {
            Command.Run("umount", [archives]).Succeeded("unmount it");
        }

        Device.Deployed("bulky");
    }

    public sealed class Published()
        : PublishedPackages(repository =>
        {
            foreach (var version in Enumerable.Range(1, 10))
                repository.Package("many", $"{version}");
            repository
                .Package("foo", "1.0")
                .Package("foo", "2.0")
                .Package("other", "1")
                .Package("provider", "1", fields: "Provides: virtual")
                .Package("second-provider", "1", fields: "Provides: virtual")
                .Package("second-provider", "2", fields: "Provides: virtual")
                .Package("wants-foo-2", "1", depends: "foo (>= 2.0)")
                .Package("wants-foo-3", "1", depends: "foo (>= 3.0)")
                .Package("sick", "1", postinst: "exit 1")
                .Package("needy", "1", depends: "helper")
                .Package("helper", "1")
                .Package("enormous", "1", fields: "Installed-Size: 99999999999")
                .Package("bulky", "1", sizeKib: 300);
        });
}
