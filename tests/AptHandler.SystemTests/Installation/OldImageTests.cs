using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Installation;

/// <summary>An image whose C library is older than the one that du-apt was built with.</summary>
public sealed class OldImageTests : IDisposable
{
    // Nothing newer than the first version of the C library for this architecture, and nothing at all of what programs call.
    private const string Image = """
        mkdir -p dev etc proc run sys tmp usr/bin usr/sbin var/lib/dpkg lib
        : >usr/bin/apt-get
        : >var/lib/dpkg/status
        loader=$(readelf --program-headers "$1" | sed -n 's/.*interpreter: \(.*\)\]/\1/p')
        mkdir -p ".${loader%/*}"
        cp -L "$loader" ".$loader"
        echo 'GLIBC_2.2.5 { global: *; };' >version
        for library in $(readelf --dynamic "$1" | sed -n 's/.*(NEEDED).*\[\(lib.*\)\]/\1/p'); do
          gcc -shared -nostdlib -x c /dev/null -Wl,-soname,"$library" -Wl,--version-script=version -o "lib/$library"
        done
        rm version
        """;

    private readonly TemporaryFolder _folder = new("old-image");

    [Fact]
    public void It_is_told_in_a_sentence_before_anything_is_done()
    {
        var root = Path.Combine(_folder, "root");
        Directory.CreateDirectory(root);
        Command.Run("sh", ["-ec", $"cd \"$2\"\n{Image}", "sh", SourceTree.DuApt, root]).Succeeded("make an image");
        var manifest = Path.Combine(_folder, "manifest.json");
        File.WriteAllText(manifest, """{ "name": "base", "version": "1.0", "packages": [ { "name": "hello" } ] }""");
        var before = Files(root);

        var outcome = Command.Run(SourceTree.DuApt, ["deploy", "--root", root, manifest]);

        outcome.ExitStatus.Should().Be(2, outcome.Text);
        outcome.Output.Should().BeEmpty();
        outcome
            .Errors.TrimEnd('\n')
            .Should()
            .StartWith($"du-apt: cannot run du-apt in {root}: ")
            .And.Contain("GLIBC_")
            .And.Contain("the Debian package")
            .And.NotContain("\n");
        Files(root).Should().Equal(before);
    }

    public void Dispose() => _folder.Dispose();

    private static string[] Files(string root) =>
        [.. Directory.EnumerateFileSystemEntries(root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
