using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Updates;

/// <summary>Which version comes.</summary>
public sealed class VersionTests(VersionTests.Published packages) : DeviceTests<VersionTests.Published>(packages)
{
    [Fact]
    public void The_version_that_the_manifest_names_is_installed_even_though_a_newer_one_is_there()
    {
        var answer = Device.Deployed("foo=1.0");
        answer.Step.Should().Be("apply");
        answer.Packages.Should().Equal("foo - -> 1.0");
        Root.Packages().Should().Equal("foo 1.0 installed");
        Root.AutoMarks().Should().BeEmpty();
    }

    [Fact]
    public void The_newest_version_is_installed_where_the_manifest_names_none()
    {
        Device.Deployed("foo").Packages.Should().Equal("foo - -> 2.0");
        Root.Installed("foo").Should().Be("2.0");
    }

    [Fact]
    public void A_package_is_upgraded_and_downgraded()
    {
        Device.Deployed("foo=1.0");
        Device.Deployed("foo=2.0").Packages.Should().Equal("foo 1.0 -> 2.0");
        Root.Installed("foo").Should().Be("2.0");
        Device.Deployed("foo=1.0").Packages.Should().Equal("foo 2.0 -> 1.0");
        Root.Installed("foo").Should().Be("1.0");
        Device.Deployed("foo").Packages.Should().Equal("foo 1.0 -> 2.0");
        Root.Installed("foo").Should().Be("2.0");
    }

    [Theory]
    [InlineData("epoch", "2:0.9", "2:0.9")] // later than 1.5, which has no epoch
    [InlineData("epoch", "1.5", "1.5")]
    [InlineData("epoch", "0:1.5", "1.5")]
    [InlineData("tilde", "1.0~rc1-1", "1.0~rc1-1")]
    [InlineData("tilde", "1.0-1", "1.0-1")]
    [InlineData("zero", "1.0.8", "1.0.8-0")]
    [InlineData("zero", "0:1.0.8-0", "1.0.8-0")]
    [InlineData("zero", "1.00.08", "1.0.8-0")]
    [InlineData("plus", "1.0", "1.0")]
    [InlineData("plus", "1.0+", "1.0+")]
    [InlineData("plus", "1.0+b1", "1.0+b1")]
    public void A_version_is_found_however_the_repository_spells_it(string package, string asked, string installed)
    {
        Device.Deployed($"{package}={asked}");
        Root.Installed(package).Should().Be(installed);
    }

    [Fact]
    public void A_version_that_is_installed_in_another_spelling_than_the_repositorys_is_the_same()
    {
        using var elsewhere = new Repository();
        Root.Dpkg("--install", elsewhere.Package("zero", "1.0.8").Deb("zero", "1.0.8")).Succeeded("install");
        var log = Device.DpkgLog;
        Device.Deployed("zero=1.0.8-0").Packages.Should().BeEmpty();
        Root.Installed("zero").Should().Be("1.0.8");
        Device.Deployed("zero=1.0.8");
        Device.DpkgLog.Should().Equal(log);
    }

    [Fact]
    public void A_version_with_a_plus_sign_at_its_end_is_not_taken_for_the_one_without()
    {
        var answer = Device.Refused(1, "0x30200100", "foo=1.0+");
        answer.Details.Should().Contain("foo has no version 1.0+").And.Contain("2.0, 1.0");
    }

    [Fact]
    public void A_version_with_a_minus_sign_at_its_end_is_refused_with_the_manifest()
    {
        Device.Deployed("foo=1.0");
        Device.Refused(2, "0x30000068", "foo=1.0-").Details.Should().Contain("minus sign");
        Root.Installed("foo").Should().Be("1.0");
    }

    [Fact]
    public void A_name_with_plus_signs_at_its_end_can_be_installed_and_removed()
    {
        Device.Deployed("g++=4:12.2.0-3");
        Root.Installed("g++").Should().Be("4:12.2.0-3");
        Device.Deployed("g++");
        Device.Deployed("g++-").Packages.Should().Equal("g++ 4:12.2.0-3 -> -");
        Root.Packages().Should().BeEmpty();
        Device.Deployed("g++");
        Root.Installed("g++").Should().Be("4:12.2.0-3");
        Root.Installed("g").Should().BeNull();
    }

    [Fact]
    public void The_architecture_can_be_named()
    {
        Device.Deployed("native:amd64=1.0");
        Root.Installed("native").Should().Be("1.0");
        Device.Refused(1, "0x30200100", "native:arm64=1.0").Details.Should().Contain("native:arm64");
        Device.Deployed("native:amd64-");
        Root.Installed("native").Should().BeNull();
    }

    [Fact]
    public void A_package_of_a_foreign_architecture_is_installed_and_removed_beside_the_native_one()
    {
        Root.Dpkg("--add-architecture", "i386").Succeeded("add an architecture");
        Device.AptOption("APT::Architectures { \"i386\"; };");
        Root.AptGet("update");
        Root.Dpkg("--install", Packages.Repository.Deb("multi", "1.0", "amd64"), Packages.Repository.Deb("multi", "1.0", "i386"))
            .Succeeded("install");
        Device.Deployed("multi:i386-").Packages.Should().Equal("multi:i386 1.0 -> -");
        Root.Status("multi:i386").Should().BeNull();
        Root.Installed("multi:amd64").Should().Be("1.0");
    }

    [Fact]
    public void A_name_that_looks_like_a_regular_expression_stays_a_name()
    {
        Root.Install("libfoo1.2-data", "libfoo1x2-dev");
        Device.Deployed("libfoo1.2-").Packages.Should().BeEmpty();
        Root.Packages().Should().Equal("libfoo1.2-data 1 installed", "libfoo1x2-dev 1 installed");
        Device.Refused(1, "0x30200100", "python3.1").Details.Should().Contain("python3.1");
        Device.Refused(1, "0x30200100", "libfoo1.2=1").Details.Should().Contain("no source has a package libfoo1.2");
    }

    [Fact]
    public void A_dependency_may_have_a_name_that_no_manifest_may_hold()
    {
        Root.Install("my_lib=1:1.0");
        Device.Deployed("odd").Packages.Should().BeEquivalentTo("odd - -> 2", "my_lib 1:1.0 -> 1:2.0");
        Root.Packages().Should().Equal("my_lib 1:2.0 installed", "odd 2 installed");
        using var drift = Answer.Json(Root.DuApt("drift", "--json"));
        drift.RootElement.GetProperty("differences").GetArrayLength().Should().Be(0);
        Root.Dpkg("--remove", "--force-depends", "my_lib").Succeeded("remove");
        using var drifted = Answer.Json(Root.DuApt("drift", "--json"));
        drifted.RootElement.GetProperty("differences").EnumerateArray().Single().GetProperty("name").GetString().Should().Be("my_lib");
    }

    [Fact]
    public void Nobody_is_asked_to_write_a_name_that_no_manifest_may_hold()
    {
        Root.Install("my_lib=1:1.0");
        var manifest = Device.Manifest("odd");
        Root.DuApt("manifest", "lint", "--empty", manifest)
            .Output.Should()
            .Contain("note also-installed")
            .And.Contain("my_lib")
            .And.NotContain("manifest lock pins it")
            .And.Contain("no manifest can name my_lib, because of a sign in the name: rename that package");
        const string Refusal =
            "du-apt: cannot name the package my_lib in a manifest: its name holds '_' at position 3; rename that package\n";
        Root.DuApt("manifest", "lock", manifest).Errors.Should().Be(Refusal);
        Root.DuApt("manifest", "capture", "--name", "x", "--version", "1").Errors.Should().Be(Refusal);

        Root.Install("tie_d", "tie-lib=1");
        Device
            .Refused(1, "0x30200304", "tie-lib=2")
            .Details.Should()
            .Contain("refused: tie_d would be removed, which the manifest does not list; set unlistedRemovals to allow");
        Device
            .Run("plan", Root.WriteManifest("{ \"name\": \"x\", \"version\": \"1\", \"packages\": [ { \"name\": \"a%b_c\" } ] }"))
            .Details.Should()
            .Contain("\"a％b_c\" holds '％' at position 2");
    }

    // dpkg and apt take a '_' in names, and there are such packages. Debian Policy does not, and dpkg-deb only when it looks away.
    private static Repository WithUnderscore(Repository repository)
    {
        using var folder = new TemporaryFolder("package");
        foreach (var version in new[] { "1:1.0", "1:2.0" })
        {
            var package = Directory.CreateDirectory(Path.Combine(folder, version)).FullName;
            Directory.CreateDirectory(Path.Combine(package, "DEBIAN"));
            File.WriteAllText(
                Path.Combine(package, "DEBIAN/control"),
                $"Package: my_lib\nVersion: {version}\nArchitecture: all\nMaintainer: Nobody <nobody@example.invalid>\nDescription: x\n"
            );
            var pool = Directory.CreateDirectory(Path.Combine(repository.Location, "pool")).FullName;
            var archive = Path.Combine(pool, $"my_lib_{version[2..]}.deb");
            Command.Run("dpkg-deb", ["--nocheck", "--root-owner-group", "-Znone", "--build", package, archive]).Succeeded("build it");
        }

        return repository;
    }

    public sealed class Published()
        : PublishedPackages(repository =>
            WithUnderscore(repository)
                .Package("odd", "2", depends: "my_lib (>= 1:2)")
                .Package("tie_d", "1", depends: "tie-lib (= 1)")
                .Package("tie-lib", "1")
                .Package("tie-lib", "2")
                .Package("foo", "1.0")
                .Package("foo", "2.0")
                .Package("epoch", "1.5")
                .Package("epoch", "2:0.9")
                .Package("tilde", "1.0~rc1-1")
                .Package("tilde", "1.0-1")
                .Package("zero", "1.0.8-0")
                .Package("zero", "1.0.9")
                .Package("plus", "1.0")
                .Package("plus", "1.0+")
                .Package("plus", "1.0+b1")
                .Package("plus", "1.1")
                .Package("g++", "4:12.2.0-3")
                .Package("g", "1")
                .Package("native", "1.0", architecture: "amd64")
                .Package("multi", "1.0", architecture: "amd64", fields: "Multi-Arch: same")
                .Package("multi", "1.0", architecture: "i386", fields: "Multi-Arch: same")
                .Package("libfoo1.2-data", "1")
                .Package("libfoo1x2-dev", "1")
                .Package("python3.10", "1")
                .Package("python3.11", "1")
        );
}
