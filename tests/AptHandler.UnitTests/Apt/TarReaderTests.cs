using AptHandler.Apt;

namespace AptHandler.UnitTests.Apt;

/// <summary>The streams are those of tar itself.</summary>
public sealed class TarReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("gnu")]
    [InlineData("v7")]
    public void Permission_bits_are_those_that_were_packed(string format)
    {
        Directory.CreateDirectory(_folder["tree"]);
        File.WriteAllText(_folder["tree/secret"], "");
        RealProgram.Run("/usr/bin/chmod", ["4640", _folder["tree/secret"]]);
        using var stream = new MemoryStream(Tar(format));
        var tar = new TarReader(stream);
        while (tar.Next() && !tar.Name.EndsWith("secret", StringComparison.Ordinal))
        {
            // The folder comes first.
        }

        Convert.ToString(tar.Mode, 8).Should().Be("4640");
    }

    [Theory]
    [InlineData("gnu")]
    [InlineData("ustar")]
    [InlineData("pax")]
    [InlineData("v7")]
    public void Names_kinds_and_contents_are_those_that_were_packed(string format)
    {
        string[] names =
        [
            "short",
            "with space",
            format == "v7" ? "v7" : string.Join('/', Enumerable.Repeat("a-folder-with-a-name", 8)) + "/deep",
        ];
        foreach (string name in names)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder["tree/" + name])!);
            File.WriteAllText(_folder["tree/" + name], name + new string('x', 1000));
        }

        string target = format is "v7" or "ustar" ? "short" : string.Join('/', Enumerable.Repeat("somewhere-far-away", 8));
        File.CreateSymbolicLink(_folder["tree/link"], target);
        File.WriteAllText(_folder["tree/one-name"], "");
        RealProgram.Run("/usr/bin/ln", [_folder["tree/one-name"], _folder["tree/other-name"]]);
        using var stream = new MemoryStream(Tar(format));
        var tar = new TarReader(stream);
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        while (tar.Next())
            found[tar.Name.Trim('/')] = tar.Kind switch
            {
                ShippedKind.File => System.Text.Encoding.UTF8.GetString(tar.Content(1 << 20)),
                ShippedKind.Folder => "folder",
                _ => $"{tar.Kind} to {tar.Target}",
            };

        foreach (string name in names)
            found["./" + name].Should().Be(name + new string('x', 1000));
        found["./link"].Should().Be($"Link to {target}");
        new[] { found["./one-name"], found["./other-name"] }
            .Should()
            .ContainSingle(text => text.StartsWith("HardLink to ./", StringComparison.Ordinal));
        found["."].Should().Be("folder");
    }

    [Fact]
    public void Content_that_nobody_reads_is_passed_over()
    {
        foreach (string name in new[] { "a", "b", "c" })
        {
            Directory.CreateDirectory(_folder["tree"]);
            File.WriteAllBytes(_folder["tree/" + name], new byte[100_000]);
        }

        using var stream = new MemoryStream(Tar("gnu"));
        var tar = new TarReader(stream);
        int count = 0;
        while (tar.Next())
            count++;
        count.Should().Be(4);
    }

    [Fact]
    public void A_damaged_or_cut_stream_is_an_error_and_no_end()
    {
        Directory.CreateDirectory(_folder["tree"]);
        File.WriteAllBytes(_folder["tree/a"], new byte[10_000]);
        byte[] whole = Tar("gnu");
        Action reading = () => ReadAll(whole[..3000]);
        reading.Should().Throw<EndOfStreamException>();
        whole[600] ^= 1;
        Action damaged = () => ReadAll(whole);
        damaged.Should().Throw<InvalidDataException>();
    }

    public void Dispose() => _folder.Dispose();

    private static void ReadAll(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        var tar = new TarReader(stream);
        while (tar.Next())
        {
            // To the end.
        }
    }

    private byte[] Tar(string format)
    {
        RealProgram.Run("/usr/bin/tar", ["-c", $"--format={format}", "-f", _folder["x.tar"], "-C", _folder["tree"], "."]);
        return File.ReadAllBytes(_folder["x.tar"]);
    }
}
