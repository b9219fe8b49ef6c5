using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Authoring;

/// <summary>Manifests of what is installed.</summary>
public sealed class CaptureTests(CaptureTests.Published packages) : AuthoringTests<CaptureTests.Published>(packages)
{
    private static readonly string[] Label = ["--name", "line 4", "--version", "2026.1"];

    [Fact]
    public void What_is_captured_on_one_device_brings_another_to_the_same()
    {
        Root.Install("tool=1.0+b1-2", "extra");
        var text = Made(["capture", .. Label]);
        Entries(text).Should().Equal("extra 1", "lib 1:2.0~rc1", "tool 1.0+b1-2");

        using var second = new Device(Packages.Repository, Packages.Server);
        var manifest = second.Root.WriteManifest(text);
        second.Run("deploy", manifest).Cause.Should().Be((0, 700, "0x00000000"));
        second.Root.Packages().Should().Equal(Root.Packages());
        using var history = second.Ask("history");
        history.RootElement.GetProperty("updates")[0].GetProperty("installedCriteria").GetString().Should().Be("line 4-2026.1");
    }

    [Fact]
    public void What_came_for_the_sake_of_others_can_be_left_out()
    {
        Root.Install("tool", "extra");
        Root.AutoMarks().Should().Equal("lib");
        Entries(Made(["capture", "--manual", .. Label])).Should().Equal("extra 1", "tool 2.0");
        Entries(Made(["capture", "*", "--manual", .. Label])).Should().Equal("extra 1", "tool 2.0");
    }

    [Fact]
    public void Patterns_choose_and_one_that_matches_nothing_is_named()
    {
        Root.Install("tool", "extra");
        Entries(Made(["capture", "t??l", "l*", .. Label])).Should().Equal("lib 1:2.0~rc1", "tool 2.0");
        var outcome = Manifest(["capture", "tool", "nothing*", .. Label]);
        outcome.ExitStatus.Should().Be(2);
        outcome.Output.Should().BeEmpty();
        outcome.Errors.Should().Contain("\"nothing*\"").And.NotContain("\"tool\"");
    }

    [Fact]
    public void What_is_only_partly_there_is_left_out_with_a_warning()
    {
        Root.Install("extra");
        Root.Unpack(Packages.Repository.Deb("lib", "1:2.0~rc1"));
        var outcome = Manifest(["capture", .. Label]).Succeeded("capture");
        Entries(outcome.Output).Should().Equal("extra 1");
        outcome.Errors.Should().Contain("left out").And.Contain("lib").And.NotContain("extra");
    }

    [Fact]
    public void Packages_of_another_architecture_are_named_with_it()
    {
        Root.Dpkg("--add-architecture", "i386").Succeeded("add an architecture");
        Root.Dpkg("--install", Packages.Repository.Deb("multi", "1", "amd64"), Packages.Repository.Deb("multi", "1", "i386"))
            .Succeeded("install");
        Entries(Made(["capture", .. Label])).Should().Equal("multi 1", "multi:i386 1");
        Entries(Made(["capture", "*:i386", .. Label])).Should().Equal("multi:i386 1");
    }

    [Fact]
    public void A_device_is_captured_from_its_status_file()
    {
        Root.Install("tool");
        var status = Root.WriteManifest(File.ReadAllText(Root.At("var/lib/dpkg/status")), "device status");
        Root.Dpkg("--remove", "tool").Succeeded("remove");
        Entries(Made(["capture", "--status", status, .. Label])).Should().Equal("lib 1:2.0~rc1", "tool 2.0");
        var outcome = Manifest(["capture", "--status", status, "--manual", .. Label]);
        outcome.ExitStatus.Should().Be(2, "the marks are not in it");
        outcome.Errors.Should().Contain("--manual");
    }

    [Fact]
    public void The_packages_of_a_device_of_another_architecture_are_named_as_they_are_there()
    {
        string[] installed =
        [
            "tool\nArchitecture: arm64\nVersion: 1",
            "dpkg\nArchitecture: arm64\nVersion: 1.21",
            "tool\nArchitecture: amd64\nVersion: 2",
        ];
        var status = Root.WriteManifest(
            string.Concat(installed.Select(package => $"Package: {package}\nStatus: install ok installed\n\n")),
            "status"
        );
        Entries(Made(["capture", "--status", status, .. Label])).Should().Equal("dpkg 1.21", "tool 1", "tool:amd64 2");
    }

    [Theory]
    [InlineData("--name", "a")]
    [InlineData("--version", "1")]
    [InlineData("--name", "", "--version", "1")]
    [InlineData("--name", "a", "--version", "1\u0007")]
    [InlineData("--name", "nothing is installed", "--version", "1")]
    public void A_manifest_that_would_not_be_valid_is_not_written(params string[] words)
    {
        if (words.Length > 2 && words[1] != "nothing is installed")
            Root.Install("extra");
        var outcome = Manifest(["capture", .. words]);
        outcome.ExitStatus.Should().Be(2, outcome.Text);
        outcome.Errors.Should().NotBeEmpty();
        outcome.Output.Should().NotContain("packages\"");
    }

    public sealed class Published()
        : PublishedPackages(repository =>
            repository
                .Package("tool", "1.0+b1-2", depends: "lib")
                .Package("tool", "2.0", depends: "lib")
                .Package("lib", "1:2.0~rc1")
                .Package("extra", "1")
                .Package("multi", "1", architecture: "amd64", fields: "Multi-Arch: same")
                .Package("multi", "1", architecture: "i386", fields: "Multi-Arch: same")
        );
}
