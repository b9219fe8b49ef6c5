using System.Text;
using AptHandler.Authoring;
using AptHandler.Authoring.Packages;
using AptHandler.Manifests;

namespace AptHandler.UnitTests.Authoring.Packages;

/// <summary>What the two packages of a manifest say. What apt makes of them is a system test.</summary>
public sealed class PackagePairTests
{
    private const string Entries = """
        { "name": "foo", "version": "1:1.0+b1~rc1-1" }, { "name": "newest" }, { "name": "old-" }, { "name": "lib:armhf", "version": "2.0" }, { "name": "older:i386-" }
        """;

    [Fact]
    public void The_dependency_package_depends_on_versions_and_conflicts_with_what_is_removed() =>
        Of("Contoso IoT_Edge", "1.0.0.0", Entries)
            .DependencyPackage()
            .Should()
            .Be(
                new BinaryPackage(
                    "contoso-iot-edge-dependencies_1.0.0.0_all.deb",
                    """
                    Package: contoso-iot-edge-dependencies
                    Version: 1.0.0.0
                    Architecture: all
                    Maintainer: Contoso IoT_Edge <root@localhost>
                    Section: admin
                    Priority: optional
                    Depends: foo (= 1:1.0+b1~rc1-1), newest, lib:armhf (= 2.0)
                    Recommends: contoso-iot-edge-pinning (= 1.0.0.0)
                    Conflicts: old (>= 0~~), older:i386 (>= 0~~)
                    Description: packages of Contoso IoT_Edge 1.0.0.0
                     This package depends on what an apt manifest installs, and conflicts with what it removes. Its pinning package is to be installed first.

                    """
                )
            );

    [Fact]
    public void The_pinning_package_pins_versions_removals_and_the_pair_itself()
    {
        BinaryPackage package = Of("edge", "1.0", Entries).PinningPackage();
        package.Control.Should().StartWith("Package: edge-pinning\nVersion: 1.0\n").And.NotContainAny("Depends", "Recommends", "Conflicts");
        package.File.Should().Be("etc/apt/preferences.d/edge-pinning.pref");
        package
            .Content.Should()
            .Be(
                """
                # The versions of edge 1.0, an apt manifest. This file comes, changes and goes with the package edge-pinning.

                Package: edge-pinning
                Pin: version 1.0
                Pin-Priority: 1001

                Package: edge-dependencies
                Pin: version 1.0
                Pin-Priority: 1001

                Package: foo
                Pin: version 1:1.0+b1~rc1-1
                Pin-Priority: 1001

                Package: old
                Pin: version *
                Pin-Priority: -1

                Package: lib:armhf
                Pin: version 2.0
                Pin-Priority: 1001

                Package: older:i386
                Pin: version *
                Pin-Priority: -1

                """
            );
    }

    [Theory]
    [InlineData("""{ "name": "old-" }""", "Depends:")]
    [InlineData("""{ "name": "foo" }""", "Conflicts:")]
    public void A_field_without_relations_is_left_out(string entry, string field) =>
        Of("edge", "1", entry).DependencyPackage().Control.Should().NotContain(field);

    [Theory]
    [InlineData("c++", "etc/apt/preferences.d/c__-pinning.pref")]
    [InlineData("3.x-Y", "etc/apt/preferences.d/3.x-y-pinning.pref")]
    public void The_file_of_pins_has_a_name_that_apt_takes(string manifest, string file) =>
        Of(manifest, "1", Entries).PinningPackage().File.Should().Be(file);

    [Theory]
    [InlineData("contoso/edge", "'/' at position 8")]
    [InlineData("contoso:amd64", "':' at position 8")]
    [InlineData("-contoso", "'-' at position 1")]
    [InlineData("_contoso", "'_' at position 1")]
    [InlineData("édge", "the character U+00E9 at position 1")]
    [InlineData("\u212Aelvin", "the character U+212A at position 1")] // K to those who fold case as people do
    public void A_manifest_whose_name_no_package_can_have_is_told_so(string name, string fault) =>
        Refusal(name, "1.0").Should().StartWith($"cannot name a package after the manifest \"{name}\": {fault}; rename the manifest");

    [Theory]
    [InlineData("1.0_2", "holds '_' at position 4")]
    [InlineData("v1", "begins with 'v'")]
    [InlineData("the first", "holds a space at position 4")]
    public void A_manifest_whose_version_no_package_can_have_is_told_so(string version, string fault) =>
        Refusal("edge", version)
            .Should()
            .StartWith($"cannot make a package of version \"{version}\", which is the manifest's: it {fault}")
            .And.EndWith("give the manifest a version by Debian's rules");

    private static string Refusal(string name, string version) =>
        FluentActions.Invoking(() => Of(name, version, Entries)).Should().Throw<InputException>().Which.Message;

    private static PackagePair Of(string name, string version, string entries) =>
        new(
            ManifestReader
                .Read(Encoding.UTF8.GetBytes($$"""{ "name": "{{name}}", "version": "{{version}}", "packages": [ {{entries}} ] }"""))
                .Manifest!
        );
}
