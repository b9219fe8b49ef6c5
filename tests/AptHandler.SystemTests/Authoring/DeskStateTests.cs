using System.Security.Cryptography;
using System.Text;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Authoring;

/// <summary>For what device a manifest is planned at a desk: its packages and its architecture.</summary>
public sealed class DeskStateTests(DeskTests.Published packages) : AuthoringTests<DeskTests.Published>(packages)
{
    [Fact]
    public void A_status_file_of_a_device_is_planned_for_in_place_of_this_machine()
    {
        Root.Install("lib=1", "other");
        var copy = Root.WriteManifest(File.ReadAllText(Root.At("var/lib/dpkg/status")), "device status");
        Root.Dpkg("--remove", "lib", "other").Succeeded("remove");
        Locked(Device.Manifest("app", "other"), "--status", copy).Should().Equal("lib 2", "app 1", "other 1");
        Locked(
                Device.Manifest("app", "other"),
                "--status",
                copy,
                "--sources",
                SourcesOf(Packages.Repository.CopyUri, Packages.Repository.Keyring)
            )
            .Should()
            .Equal("lib 2", "app 1", "other 1");
    }

    [Fact]
    public void A_status_file_of_another_kind_of_machine_is_refused()
    {
        Root.AptGet("update");
        var status = Root.WriteManifest("Package: dpkg\nStatus: install ok installed\nArchitecture: armhf\nVersion: 1.21\n\n", "status");
        var outcome = Manifest("lock", Device.Manifest("app"), "--status", status);
        outcome.ExitStatus.Should().Be(2);
        outcome.Errors.Should().Contain(status).And.Contain("armhf");
    }

    [Theory]
    [InlineData("arm64", "native 2")]
    [InlineData("armhf", "lib 2", "native 3")]
    [InlineData("amd64", "native 1")]
    public void A_plan_for_another_architecture_has_the_packages_of_that_one(string architecture, params string[] expected)
    {
        var flat = Write("flat.list", Packages.Repository.IndexFlat());
        var manifest = Device.Manifest("native");
        string[] empty = ["--empty", "--architecture", architecture, "--sources", flat];
        string[] device = ["--status", StatusOf(architecture), "--sources", flat];
        Locked(manifest, empty).Should().Equal(expected);
        Locked(manifest, device).Should().Equal(expected, "the file says of which architecture the device is");

        var pinned = Device.Manifest("native=2");
        foreach (var options in new[] { empty, device })
            Manifest(["lint", pinned, .. options]).ExitStatus.Should().Be(architecture == "arm64" ? 0 : 1);

        var lines = expected.Select(entry =>
            entry.StartsWith("native", StringComparison.Ordinal) ? $"native:{architecture}={entry[^1]}\n" : $"lib:all={entry[^1]}\n"
        );
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines))));
        Root.DuApt(["state", "expected", "--manifest", manifest, .. empty])
            .Succeeded("tell what is expected")
            .Output.Should()
            .Contain(hash)
            .And.NotContain("\nsources ");
    }

    [Theory]
    [InlineData("arm64 with what is installed on this machine, which is one of amd64; add --empty", "--architecture", "arm64")]
    [InlineData(
        "arm64 with the sources of this machine, which is one of amd64; name those of the devices",
        "--architecture",
        "arm64",
        "--empty"
    )]
    [InlineData(
        "armhf with STATUS: it is from a machine of architecture arm64",
        "--architecture",
        "armhf",
        "--status",
        "STATUS",
        "--sources",
        "SOURCES"
    )]
    [InlineData("amd64 with STATUS: it is from a machine of architecture arm64", "--architecture", "amd64", "--status", "STATUS")]
    [InlineData("STATUS with the sources of this machine: it is from a machine of architecture arm64, and this", "--status", "STATUS")]
    [InlineData("SOURCES have no packages for armhf", "--architecture", "armhf", "--empty", "--sources", "SOURCES")]
    [InlineData("cannot plan for the architecture \"all\"", "--architecture", "all")]
    [InlineData("cannot plan for the architecture \"a b\"", "--architecture", "a b")]
    [InlineData("cannot plan for the architecture \"\"", "--architecture", "")]
    public void Architectures_that_do_not_fit_are_refused(string why, params string[] options)
    {
        Root.AptGet("update");
        var (status, sources) = (StatusOf("arm64"), OneLineOf(Packages.Repository.CopyUri, Packages.Repository.Keyring));
        string[] words = [.. options.Select(Named)];
        foreach (var command in Planning(Device.Manifest("app")))
        {
            var outcome = Root.DuApt([.. command, .. words]);
            (outcome.ExitStatus, outcome.Output).Should().Be((2, ""), outcome.Text);
            outcome.Errors.Should().Contain(Named(why));
        }

        string Named(string text) =>
            text.Replace("STATUS", status, StringComparison.Ordinal).Replace("SOURCES", sources, StringComparison.Ordinal);
    }

    [Fact]
    public void Packages_of_another_architecture_in_a_status_file_are_reckoned_with()
    {
        Root.AptGet("update");
        var status = Root.WriteManifest(
            "Package: foreign\nStatus: install ok installed\nArchitecture: i386\nVersion: 1\nMaintainer: x\nDescription: y\n\n",
            "status"
        );
        Locked(Device.Manifest("against-foreign"), "--status", status).Should().Equal("foreign:i386-", "against-foreign 1");
    }

    [Fact]
    public void States_that_exclude_each_other_are_refused() =>
        Manifest("lock", Device.Manifest("app"), "--empty", "--status", Root.At("var/lib/dpkg/status")).ExitStatus.Should().Be(2);

    // The first package of the architecture is not dpkg, and there is one of a foreign architecture.
    private string StatusOf(string architecture)
    {
        var own = $"Architecture: {architecture}";
        string[] installed = [$"first\n{own}", "common\nArchitecture: all", "guest\nArchitecture: i386", $"dpkg\n{own}"];
        const string Rest = "Version: 1\nStatus: install ok installed\nMaintainer: x\nDescription: y\n";
        return Root.WriteManifest(string.Concat(installed.Select(package => $"Package: {package}\n{Rest}\n")), $"status-{architecture}");
    }
}
