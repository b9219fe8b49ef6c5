using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Authoring;

/// <summary>What a locked manifest does on a device.</summary>
public sealed class LockedDeploymentTests(LockedDeploymentTests.Published packages)
    : AuthoringTests<LockedDeploymentTests.Published>(packages)
{
    [Fact]
    public void A_locked_manifest_brings_exactly_its_versions_although_newer_ones_were_published_meanwhile()
    {
        Root.Install("lib=1", "other", "old");
        var locked = Root.WriteManifest(Made("lock", Device.Manifest("app")), "locked.json");
        Publish();

        var answer = Device.Run("deploy", locked);
        answer.Cause.Should().Be((0, 0x2BC, "0x00000000"), answer.Details);
        string[] expected = ["app 1 installed", "dep 1 installed", "lib 2 installed", "other 1 installed"];
        Root.Packages().Should().Equal(expected);
        Device.Run("is-installed", locked).ExitStatus.Should().Be(0);

        Device.Deployed("app");
        Root.Packages()
            .Should()
            .Equal(["app 9 installed", "dep 9 installed", "lib 9 installed", "other 1 installed"], "without the lock the newest come");
    }

    [Fact]
    public void A_manifest_locked_for_an_empty_device_brings_all_of_it()
    {
        Root.AptGet("update");
        var locked = Root.WriteManifest(Made("lock", Device.Manifest("app"), "--empty"), "locked.json");
        Publish();
        Device.Run("deploy", locked).Cause.Should().Be((0, 0x2BC, "0x00000000"));
        Root.Packages().Should().Equal("app 1 installed", "dep 1 installed", "lib 2 installed");
    }

    private void Publish() =>
        Packages
            .Repository.Package("app", "9", depends: "lib (>= 9), dep (>= 9)")
            .Package("lib", "9")
            .Package("dep", "9")
            .Package("other", "9")
            .Index();

    public override void Dispose()
    {
        foreach (var name in new[] { "app", "lib", "dep", "other" })
            Packages.Repository.Remove(name, "9");
        Packages.Repository.Index();
        base.Dispose();
    }

    public sealed class Published()
        : PublishedPackages(repository =>
            repository
                .Package("app", "1", depends: "lib (>= 2), dep")
                .Package("lib", "1")
                .Package("lib", "2", fields: "Breaks: old")
                .Package("dep", "1")
                .Package("other", "1")
                .Package("old", "1")
        );
}
