namespace AptHandler.SystemTests.Repositories;

/// <summary><c>du-apt repository create</c> for devices of several architectures.</summary>
public sealed class CreateArchitectureTests(CreatePackages packages) : CreateTest(packages)
{
    [Fact]
    public void Other_architectures_have_packages_of_their_own()
    {
        var sources = SourcesForAllArchitectures();
        var manifest = Desk.Manifest("foreign", "app=1:2.0");
        Store.InStore("create", manifest, "--id", "both", "--sources", sources, "--architectures", "amd64,arm64").Succeeded("create");
        Store.Packages("both").Should().Equal("app 1:2.0 amd64", "app 1:2.0 arm64", "foreign 1 amd64", "foreign 2 arm64");
        Store.ShouldBeWhole();

        var written = Desk.Root.At("locked.json");
        Store
            .InStore(
                "create",
                Desk.Manifest("foreign"),
                "--sources",
                sources,
                "--architectures",
                "arm64",
                "--write-manifest",
                written,
                "--url",
                "http://here"
            )
            .Succeeded("create");
        File.ReadAllText(written).Should().Contain("{ \"name\": \"foreign\", \"version\": \"2\" }");
        ForgetArchives();
        var different = Store.InStore(
            "create",
            manifest,
            "--sources",
            sources,
            "--architectures",
            "amd64,arm64",
            "--write-manifest",
            written,
            "--url",
            "http://here"
        );
        Archives().Should().BeEmpty("nothing is fetched for what is refused");
        different.ExitStatus.Should().Be(2);
        different.Errors.Should().Contain("cannot write one manifest for amd64 and arm64");

        var ofThisMachine = Store.InStore("create", manifest, "--architectures", "arm64");
        ofThisMachine.ExitStatus.Should().Be(2);
        ofThisMachine.Errors.Should().Contain("--sources");
    }

    [Theory]
    [InlineData("viewer", "data 1.0 and data 2.0")]
    [InlineData("reader", "text 2.0 and text 1.0")]
    public void What_one_architecture_needs_in_another_version_than_the_other_one_is_not_put_before_both(string package, string versions)
    {
        var refused = Store.InStore(
            "create",
            Desk.Manifest(package),
            "--sources",
            SourcesForAllArchitectures(),
            "--architectures",
            "amd64,arm64"
        );
        refused.ExitStatus.Should().Be(2);
        refused.Errors.Should().Contain($"cannot put {versions} into one snapshot").And.Contain("make a snapshot for each architecture");
        Archives().Should().BeEmpty("nothing is fetched for what is refused");
        Store.Ask("list").RootElement.GetProperty("snapshots").GetArrayLength().Should().Be(0);
    }

    [Fact]
    public void Manifests_that_name_the_machines_architecture_or_leave_it_out_mean_the_same_package()
    {
        var refused = Store.InStore(
            Store.Creation(Desk.NamedManifest("one", "1", "app=1:1.0+x"), Desk.NamedManifest("two", "1", "app:amd64=1:2.0"))
        );
        refused.ExitStatus.Should().Be(2);
        refused.Errors.Should().Contain("cannot put one and two into one snapshot: of app:amd64 the one wants 1:1.0+x, the other 1:2.0");
    }

    [Fact]
    public void A_status_file_of_another_architecture_than_those_that_are_asked_for_is_refused()
    {
        // The dpkg of the device is not the first package of its architecture.
        const string Rest = "\nStatus: install ok installed\nArchitecture: arm64\nVersion: 2.6\n\n";
        var status = Desk.Root.WriteManifest($"Package: apt{Rest}Package: dpkg{Rest}", "status");
        string[] creation =
        [
            "create",
            Desk.Manifest("foreign"),
            "--status",
            status,
            "--sources",
            SourcesForAllArchitectures(),
            "--architectures",
        ];
        var refused = Store.InStore([.. creation, "amd64"]);
        (refused.ExitStatus, refused.Output).Should().Be((2, ""));
        refused.Errors.Should().Contain($"cannot plan for amd64 with {status}: it is from a machine of architecture arm64");
        Store.InStore([.. creation, "arm64", "--id", "arm"]).Succeeded("create");
        Store.Packages("arm").Should().Equal("foreign 2 arm64");
    }
}
