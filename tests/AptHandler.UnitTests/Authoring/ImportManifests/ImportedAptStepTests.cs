using System.Text;
using System.Text.Json.Nodes;
using AptHandler.Authoring.ImportManifests;
using AptHandler.Manifests;

namespace AptHandler.UnitTests.Authoring.ImportManifests;

/// <summary>Steps for this handler are looked at as the device will look at them.</summary>
public sealed class ImportedAptStepTests : IDisposable
{
    private readonly SampleImport _import = new();

    [Fact]
    public void An_apt_step_has_exactly_one_file()
    {
        _import.AddFile("more.json", SampleImport.AptManifest);
        _import.Step["files"] = new JsonArray("tools.json", "more.json");

        _import.Findings().Should().Equal("error wrong-count $.instructions.steps[0].files[1]");
    }

    [Fact]
    public void The_problems_of_an_apt_manifest_are_told_under_its_own_name()
    {
        const string Text =
            "{ \"name\": \"tools\", \"version\": \"1.0.0\",\n\"packages\": [ { \"name\": \"Tree\" }, { \"nam\": 1, \"name\": \"x1\" } ] }";
        _import.Files.Clear();
        _import.AddFile("tools.json", Text);

        IReadOnlyList<VerifiedFile> files = _import.Verify();

        SampleImport
            .FindingsOf(files)
            .Should()
            .Equal("tools.json: error invalid-package-name $.packages[0].name", "tools.json: warning unknown-member $.packages[1].nam");
        files[1].File.Should().Be(Path.Combine(_import.Folder, "tools.json"));
        files[1].Utf8.Should().Equal(Encoding.UTF8.GetBytes(Text));
        files[1].Problems[0].Line.Should().Be(2);
    }

    [Fact]
    public void A_file_too_large_for_an_apt_manifest_is_told_and_not_read()
    {
        string large = SampleImport.AptManifest.PadRight(ManifestReader.MaximumSize + 1);
        _import.Files.Clear();
        _import.AddFile("tools.json", large);
        _import.Findings().Should().Equal("error too-large $.files[0].filename");

        _import.Files.Clear();
        _import.AddFile("tools.json", large[..ManifestReader.MaximumSize]);
        _import.Findings().Should().BeEmpty();
    }

    [Theory]
    [InlineData("microsoft/apt:1", true)]
    [InlineData("microsoft/apt:2", true)]
    [InlineData("contoso/packages:7", true)]
    [InlineData("contoso/packages:8", false)]
    [InlineData("microsoft/script:1", false)]
    public void An_apt_step_is_one_of_Microsofts_type_or_of_the_configured_one(string handler, bool isApt)
    {
        _import.Step["handler"] = handler;
        _import.Step.Remove("handlerProperties");

        _import.Findings("contoso/packages:7").Should().Equal(isApt ? ["error missing-criteria $.instructions.steps[0]"] : []);
    }

    [Fact]
    public void Missing_criteria_are_an_error_that_says_which_to_write()
    {
        _import.Step["handlerProperties"] = new JsonObject { ["installedCritera"] = "tools-1.0.0" };

        _import.Findings().Should().Equal("error missing-criteria $.instructions.steps[0]");
        _import.Verify()[0].Problems.Single().Remedy.Should().Be("add \"handlerProperties\": { \"installedCriteria\": \"tools-1.0.0\" }.");
    }

    [Theory]
    [InlineData("1.0")]
    [InlineData("1.0.0")]
    [InlineData("tools-1.0")]
    [InlineData("Tools-1.0.0")]
    public void Criteria_that_another_update_can_have_too_are_a_warning(string criteria)
    {
        _import.Step["handlerProperties"]!["installedCriteria"] = criteria;

        _import.Findings().Should().Equal("warning unusual-criteria $.instructions.steps[0].handlerProperties.installedCriteria");
        _import.Verify()[0].Problems.Single().Remedy.Should().Contain("\"tools-1.0.0\"");
    }

    [Fact]
    public void Criteria_that_look_like_a_version_are_a_warning_even_where_the_apt_manifest_is_not_to_be_had()
    {
        File.Delete(Path.Combine(_import.Folder, "tools.json"));
        _import.Step["handlerProperties"]!["installedCriteria"] = "1.0";

        _import
            .Findings()
            .Should()
            .Equal(
                "warning unusual-criteria $.instructions.steps[0].handlerProperties.installedCriteria",
                "error missing-file $.files[0].filename"
            );
    }

    [Fact]
    public void Two_apt_steps_with_the_same_criteria_are_an_error()
    {
        _import.AddAptStep("more.json", "more")["handlerProperties"]!["installedCriteria"] = "tools-1.0.0";

        _import.Findings().Should().Equal("error repeated-criteria $.instructions.steps[1].handlerProperties.installedCriteria");
        _import.Verify()[0].Problems.Single().Remedy.Should().Contain("\"more-1.0.0\"");
    }

    [Theory]
    [InlineData("5")]
    [InlineData("null")]
    [InlineData("\"\"")]
    public void Criteria_of_a_wrong_kind_are_told_once(string value)
    {
        _import.Step["handlerProperties"]!["installedCriteria"] = JsonNode.Parse(value);

        _import.Findings().Should().ContainSingle().Which.Should().EndWith("$.instructions.steps[0].handlerProperties.installedCriteria");
    }

    public void Dispose() => _import.Dispose();
}
