using System.Text;
using AptHandler.Authoring;
using AptHandler.Authoring.Manifests;
using AptHandler.Manifests;

namespace AptHandler.UnitTests.Authoring.Manifests;

/// <summary>Manifests as they are written: what the handler would not take is not written at all.</summary>
public sealed class WrittenManifestTests
{
    [Fact]
    public void What_is_written_is_read_as_it_was_meant()
    {
        byte[] file = ManifestText.FileOf(
            "a \"b\"\\",
            "1+2<3>",
            [new("g++", "4:1.0+b~1-2"), new("g++-12-", null)],
            agentRestartRequired: true
        );
        AptManifest manifest = ManifestReader.Read(file).Manifest!;
        (manifest.Name, manifest.Version, manifest.AgentRestartRequired).Should().Be(("a \"b\"\\", "1+2<3>", true));
        manifest
            .Packages.Select(intent => $"{intent.Kind} {intent.Package} {intent.Version?.Text}")
            .Should()
            .Equal("InstallPinned g++ 4:1.0+b~1-2", "Remove g++-12 ");
        Encoding.UTF8.GetString(file).Should().Contain("{ \"name\": \"g++\", \"version\": \"4:1.0+b~1-2\" },\n").And.EndWith("]\n}\n");
    }

    [Fact]
    public void A_manifest_that_is_larger_than_the_handler_reads_is_refused_with_advice()
    {
        ManifestEntry[] entries = [.. Enumerable.Range(0, 30_000).Select(number => new ManifestEntry($"package-{number}", "1.0"))];
        ManifestText.FileOf("a", "1", entries[..20_000]).Length.Should().BeLessThanOrEqualTo(ManifestReader.MaximumSize);
        Writing("a", entries).Should().Throw<InputException>().WithMessage("*30000 packages*1048576*choose fewer packages*");
    }

    [Fact]
    public void A_manifest_that_the_handler_would_refuse_is_not_written()
    {
        Writing("", [new("foo", null)]).Should().Throw<InputException>().WithMessage("cannot write this manifest: *name*");
        Writing("a", []).Should().Throw<InputException>();
        Writing("a", [new("Foo", null)]).Should().Throw<InputException>().WithMessage("*Foo*");
        Writing("a", [new("foo", "1_0")]).Should().Throw<InputException>().WithMessage("*1_0*");
    }

    private static Action Writing(string name, ManifestEntry[] entries) => () => ManifestText.FileOf(name, "1", entries);
}
