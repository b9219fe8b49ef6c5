using System.Globalization;
using System.Text;
using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Authoring;

/// <summary>du-apt package, and the files that it writes.</summary>
public sealed class PackageTests : IDisposable
{
    private const string Dependencies = "edge-dependencies_1%3a2.0_all.deb";
    private const string Pinning = "edge-pinning_1%3a2.0_all.deb";

    private readonly TemporaryFolder _folder = new("packages");
    private readonly string _manifest;

    public PackageTests()
    {
        _manifest = Path.Combine(_folder, "manifest.json");
        File.WriteAllText(
            _manifest,
            """{ "name": "Edge", "version": "1:2.0", "packages": [ { "name": "foo", "version": "1.0" }, { "name": "old-" } ] }"""
        );
    }

    [Theory]
    [InlineData("dependency", Dependencies)]
    [InlineData("pinning", Pinning)]
    public void The_same_manifest_is_the_same_package_wherever_and_by_whomever_it_is_made(string package, string name)
    {
        var (here, there, temporary) = (Folder("here"), Folder("there"), Folder("temporary"));
        Run(["package", package, _manifest, "--output-dir", here]).Output.Should().Be($"{Path.Combine(here, name)}\n");

        // Folders in one like this belong to its group, and hand that on.
        File.SetUnixFileMode(temporary, File.GetUnixFileMode(temporary) | UnixFileMode.SetGroup);
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["TMPDIR"] = temporary, ["TZ"] = "Asia/Tokyo" };
        Command
            .Run(
                "sh",
                ["-c", """cd "$2"; umask 077; exec "$0" package "$1" ../manifest.json""", SourceTree.DuApt, package, there],
                environment
            )
            .Output.Should()
            .Be($"./{name}\n");

        File.ReadAllBytes(Path.Combine(there, name)).Should().Equal(File.ReadAllBytes(Path.Combine(here, name)));
        Directory.EnumerateFileSystemEntries(temporary).Should().BeEmpty();
        File.GetUnixFileMode(Path.Combine(there, name))
            .Should()
            .Be(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }

    [Theory]
    [InlineData(
        "pinning",
        """{ "name": "foo" }, { "name": "bar" }""",
        "the package pins nothing of the manifest, which gives no version for foo, bar; du-apt manifest lock"
    )]
    [InlineData(
        "pinning",
        """{ "name": "foo", "version": "1" }, { "name": "bar" }""",
        "the package pins only a part of the manifest, which gives no version for bar; du-apt manifest lock"
    )]
    [InlineData("pinning", """{ "name": "foo", "version": "1" }, { "name": "old-" }""", "")]
    [InlineData("dependency", """{ "name": "foo" }, { "name": "bar" }""", "")]
    public void What_the_pinning_package_does_not_pin_is_told(string package, string packages, string warning)
    {
        File.WriteAllText(_manifest, $$"""{ "name": "Edge", "version": "1:2.0", "packages": [ {{packages}} ] }""");
        var errors = Run(["package", package, _manifest, "--output-dir", _folder]).Errors;
        if (warning.Length == 0)
            errors.Should().BeEmpty();
        else
            errors.Should().StartWith($"du-apt: warning: {warning}");
        File.Exists(Path.Combine(_folder, package == "pinning" ? Pinning : Dependencies)).Should().BeTrue();
    }

    [Theory]
    [InlineData(null, 315532800)]
    [InlineData("", 315532800)]
    [InlineData("86400", 86400)]
    [InlineData("4102444800", 4102444800)]
    public void Everything_in_a_package_bears_a_fixed_date_or_the_one_that_the_build_says(string? epoch, long seconds)
    {
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["SOURCE_DATE_EPOCH"] = epoch, ["TZ"] = "UTC" };
        Run(["package", "pinning", _manifest, "--output-dir", _folder], environment);

        var archive = Path.Combine(_folder, Pinning);
        var date = DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
        WithoutSizes(Command.Run("dpkg-deb", ["--contents", archive], environment).Output)
            .Should()
            .Equal(
                $"drwxr-xr-x root/root {date} ./",
                $"drwxr-xr-x root/root {date} ./etc/",
                $"drwxr-xr-x root/root {date} ./etc/apt/",
                $"drwxr-xr-x root/root {date} ./etc/apt/preferences.d/",
                $"-rw-r--r-- root/root {date} ./etc/apt/preferences.d/edge-pinning.pref"
            );

        // deb(5): the time of the first member of the archive.
        Encoding.ASCII.GetString(File.ReadAllBytes(archive), 24, 12).TrimEnd().Should().Be($"{seconds}");
    }

    [Fact]
    public void Dpkg_deb_has_nothing_to_say_about_the_dependency_package_and_there_is_no_file_in_it()
    {
        Run(["package", "dependency", _manifest, "--output-dir", _folder]).Errors.Should().BeEmpty();
        Command
            .Run(
                "dpkg-deb",
                [
                    "--show",
                    "--showformat=${Package} ${Version} ${Architecture}: ${Depends}, not ${Conflicts}",
                    Path.Combine(_folder, Dependencies),
                ]
            )
            .Text.Should()
            .Be("edge-dependencies 1:2.0 all: foo (= 1.0), not old (>= 0~~)");
        Command.Run("dpkg-deb", ["--fsys-tarfile", Path.Combine(_folder, Dependencies)]).Output.TrimEnd('\0').Should().StartWith("./");
    }

    [Fact]
    public void Json_names_the_file()
    {
        using var answer = Answer.Json(Run(["package", "pinning", _manifest, "--output-dir", _folder, "--json"]));
        answer.RootElement.GetProperty("file").GetString().Should().Be(Path.Combine(_folder, Pinning));
    }

    [Fact]
    public void What_cannot_be_written_or_made_is_told_with_the_places_to_look_at()
    {
        var nowhere = Path.Combine(_folder, "nowhere");
        var missing = Command.Run(SourceTree.DuApt, ["package", "pinning", _manifest, "--output-dir", nowhere]);
        (missing.ExitStatus, missing.Output).Should().Be((2, ""));
        missing
            .Errors.Should()
            .StartWith($"du-apt: cannot make the package: cannot open {nowhere}: No such file or directory; ")
            .And.Contain("--output-dir");

        var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["TMPDIR"] = nowhere };
        var temporary = Command.Run(SourceTree.DuApt, ["package", "pinning", _manifest, "--output-dir", _folder], environment);
        (temporary.ExitStatus, temporary.Output).Should().Be((2, ""));
        temporary.Errors.Should().Contain("TMPDIR");
        File.Exists(Path.Combine(_folder, Pinning)).Should().BeFalse();
    }

    public void Dispose() => _folder.Dispose();

    private static Outcome Run(string[] words, IReadOnlyDictionary<string, string?>? environment = null) =>
        Command.Run(SourceTree.DuApt, words, environment).Succeeded($"run du-apt {string.Join(' ', words)}");

    private static IEnumerable<string> WithoutSizes(string contents) =>
        contents
            .Split('\n')[..^1]
            .Select(line =>
            {
                var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                return string.Join(' ', [.. words[..2], .. words[3..]]);
            });

    private string Folder(string name) => Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
}
