using System.Text.Json.Nodes;

namespace AptHandler.UnitTests.Authoring.ImportManifests;

/// <summary>The files beside an import manifest are compared with what it says of them.</summary>
public sealed class ImportedFileTests : IDisposable
{
    private readonly SampleImport _import = new();

    [Fact]
    public void A_file_that_is_not_there_is_told()
    {
        File.Delete(Path.Combine(_import.Folder, "tools.json"));

        _import.Findings().Should().Equal("error missing-file $.files[0].filename");
    }

    [Theory]
    [InlineData("link")]
    [InlineData("fifo")]
    [InlineData("folder")]
    [InlineData("device")]
    [InlineData("long name")]
    public void Only_a_regular_file_of_the_folder_itself_is_opened(string kind)
    {
        string file = Path.Combine(_import.Folder, "tools.json");
        string moved = Path.Combine(_import.Folder, "moved");
        File.Move(file, moved);
        switch (kind)
        {
            case "link":
                File.CreateSymbolicLink(file, moved);
                break;
            case "fifo":
                Posix.MakeFifo(file);
                break;
            case "folder":
                Directory.CreateDirectory(file);
                break;
            case "device":
                File.CreateSymbolicLink(file, "/dev/zero");
                break;
            default:
                // More bytes than a name may have, in no more characters than the service takes.
                _import.File["filename"] = new string('é', 200);
                _import.Step["files"] = new JsonArray(new string('é', 200));
                break;
        }

        _import.Findings().Should().Equal("error unreadable-file $.files[0].filename");
    }

    [Theory]
    [InlineData("../outside.json")]
    [InlineData("/etc/hostname")]
    [InlineData("..")]
    [InlineData("sub/tools.json")]
    [InlineData("..\\outside.json")]
    [InlineData("a\0b")]
    public void A_name_that_leads_out_of_the_folder_is_refused_and_not_followed(string name)
    {
        _import.File["filename"] = name;
        _import.Step["files"] = new JsonArray(name);

        _import
            .Findings()
            .Should()
            .Equal("error invalid-value $.instructions.steps[0].files[0]", "error invalid-value $.files[0].filename");
    }

    [Fact]
    public void A_file_of_another_size_and_one_with_another_byte_are_told_apart()
    {
        _import.Write("tools.json", $"{SampleImport.AptManifest}\n");
        _import.Findings().Should().Equal("error changed-file $.files[0].sizeInBytes");

        _import.Write("tools.json", SampleImport.AptManifest.Replace("tree", "trek", StringComparison.Ordinal));
        _import.Findings().Should().Equal("error changed-file $.files[0].hashes.sha256");
        _import.Verify()[0].Problems.Single().Message.Should().MatchRegex("has the hash \"[A-Za-z0-9+/]{43}=\"");
    }

    [Fact]
    public void A_large_file_of_a_script_is_compared_without_being_read_into_memory()
    {
        byte[] content = new byte[5 << 20];
        File.WriteAllBytes(Path.Combine(_import.Folder, "image.bin"), content);
        _import.Files.Add(SampleImport.Parse(SampleImport.FileEntry("image.bin", content)));
        _import.Steps.Add(SampleImport.Parse("""{ "handler": "microsoft/swupdate:1", "files": ["image.bin"] }"""));

        _import.Findings().Should().BeEmpty();
        content[^1] = 1;
        File.WriteAllBytes(Path.Combine(_import.Folder, "image.bin"), content);
        _import.Findings().Should().Equal("error changed-file $.files[1].hashes.sha256");
    }

    [Fact]
    public void A_related_file_is_verified_and_need_not_be_in_a_step()
    {
        _import.Write("delta", "x");
        _import.File["relatedFiles"] = new JsonArray(SampleImport.Parse(SampleImport.FileEntry("delta", "x")));
        _import.Findings().Should().BeEmpty();

        _import.Write("delta", "y");
        _import.Findings().Should().Equal("error changed-file $.files[0].relatedFiles[0].hashes.sha256");
    }

    [Fact]
    public void Steps_and_files_must_name_each_other()
    {
        _import.AddFile("unused", "x");
        _import.Steps.Add(SampleImport.Parse("""{ "handler": "microsoft/script:1", "files": ["tools.json", "unlisted"] }"""));
        _import.Files.Add(SampleImport.Parse(SampleImport.FileEntry("tools.json", SampleImport.AptManifest)));

        _import
            .Findings()
            .Should()
            .Equal(
                "error unlisted-file $.instructions.steps[1].files[1]",
                "error unused-file $.files[1].filename",
                "error repeated-file $.files[2].filename"
            );
    }

    public void Dispose() => _import.Dispose();
}
