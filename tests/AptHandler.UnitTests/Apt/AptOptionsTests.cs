using AptHandler.Apt;
using AptHandler.Debian;

namespace AptHandler.UnitTests.Apt;

/// <summary>The judge is apt itself: apt-config reads the same file.</summary>
public sealed class AptOptionsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Files { get; } =
    [
        """
            Dir "/srv/root/";
            Dir::State "var/lib/apt";
            Dir::State::status "/srv/root/var/lib/dpkg/status";
            Dir::Cache "var/cache/apt";
            """,
        """Dir "/srv/root";""",
        """Dir "/srv/root"; Dir::State::status "status";""",
        """Dir { State { status "deep"; }; Cache { archives "arch"; }; };""",
        """Dir "/a"; Dir { State "b"; State { status "c"; }; Cache "d"; Cache::archives "e"; };""",
        """DIR "/a"; dir::STATE "b"; Dir::state::Status "c";""",
        """Dir "/a"; Dir::State "/b"; Dir::Cache "/c"; Dir::Cache::archives "/d/";""",
        """
            // Dir "/no";
            # Dir "/no";
            /* Dir "/no";
               Dir::State "no"; */ Dir "/yes"; // Dir "/no";
            Dir::State "st"; # Dir "/no";
            Dir::State::status "x"; /* Dir "/no"; */ Dir::Cache "ca";
            """,
        """Dir "/with//slashes/#hash/*star"; Dir::State::status "a//b#c";""",
        """Dir "/a"; Dir "/b"; Dir::State::status "1"; Dir::State::status "2";""",
        """
            Dir "/a"
            ;
            Dir::State
              "b";
            Dir
            {
              Cache
              {
                archives "c";
              };
            };
            """,
        """Dir "/a"; DPkg::Options { "--root=/a"; "--force-x"; }; Dir::State::status "after-a-list";""",
        """Dir "/a"; Dir::Bin::methods "/m"; Dir::Bin { dpkg "/d"; solvers { "/s"; }; }; Dir::State "after";""",
        """
            Dir "/a";
            Dir::State::status "b";
            #clear DPkg::Post-Invoke;
            Dir::Cache "c";
            """,
        """Dir "/a b/c"; Dir::State::status "d e";""",
        """Dir /a/b; Dir::State::status c;""",
        """Dir "/a/"; Dir::State ""; Dir::State::status "c";""",
        "Dir \"/a\";\r\nDir::State::status \"b\";\r\n",
    ];

    [Fact]
    public void Scopes_in_scopes_cost_no_more_than_their_text()
    {
        const long Most = 64 << 20;
        string text = string.Concat(Enumerable.Repeat("a { b \"1\"; ", 20_000));
        long before = GC.GetAllocatedBytesForCurrentThread();

        var options = AptOptions.Parse(text);

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(Most);
        options.Find("a::a::b").Should().Be("1");
        options.Find("b").Should().BeNull();
    }

    [Fact]
    public void A_status_file_that_is_the_root_folder_leaves_no_place_unnamed() =>
        AptSystem.Read(_folder.Write("apt.conf", "Dir::State::status \"/\";")).AdminFolder.Should().Be("/");

    [Theory]
    [MemberData(nameof(Files))]
    public void Paths_are_those_that_apt_finds_in_the_same_file(string text)
    {
        // Of the machine's own configuration nothing may be mixed in.
        string file = _folder.Write("apt.conf", text);
        File.WriteAllText(_folder["parts.conf"], text + "\nDir::Etc::parts \"/nonexistent\";\nDir::Etc::main \"/nonexistent\";\n");

        string shell = RealProgram
            .Run(
                "/usr/bin/apt-config",
                ["-qq", "shell", "ROOT", "Dir/d", "STATUS", "Dir::State::status/f", "ARCHIVES", "Dir::Cache::archives/f"],
                "PATH=/usr/bin:/bin",
                "LC_ALL=C.UTF-8",
                $"APT_CONFIG={_folder["parts.conf"]}"
            )
            .Output;
        AptSystem system = AptSystem.Read(file);

        Normal(system.RootFolder).Should().Be(Normal(Value(shell, "ROOT")));
        Normal(system.StatusFile).Should().Be(Normal(Value(shell, "STATUS")));
        Normal(system.ArchivesFolder).Should().Be(Normal(Value(shell, "ARCHIVES")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("}}};;;{{{")]
    [InlineData("Dir \"/a")]
    [InlineData("/* no end")]
    [InlineData("\"\"\"\"")]
    [InlineData("Dir \"/a\" \"/b\" \"/c\";")]
    public void What_is_no_configuration_does_no_harm(string text)
    {
        Action parsing = () => AptOptions.Parse(text).Find("Dir");

        parsing.Should().NotThrow();
    }

    [Fact]
    public void Of_a_missing_option_there_is_no_value() => AptOptions.Parse("A::B \"c\";").Find("A::C").Should().BeNull();

    [Fact]
    public void Names_of_options_have_no_case() => AptOptions.Parse("A::b \"c\";").Find("a::B").Should().Be("c");

    [Fact]
    public void A_missing_description_is_an_error_and_never_the_host()
    {
        Action reading = () => AptSystem.Read(_folder["none"]);

        reading.Should().Throw<FileNotFoundException>().WithMessage($"*{_folder["none"]}*");
    }

    [Fact]
    public void The_description_is_handed_on_by_its_full_path()
    {
        AptSystem.Read(_folder.Write("apt.conf", "Dir \"/a\";")).ConfigurationFile.Should().Be(_folder["apt.conf"]);
        AptSystem.ReadHost().ConfigurationFile.Should().BeNull();
        AptSystem.ReadHost().StatusFile.Should().Be("/var/lib/dpkg/status");
        AptSystem.ReadHost().ArchivesFolder.Should().Be("/var/cache/apt/archives");
    }

    [Fact]
    public void The_files_that_apt_reads_besides_count_in_its_order()
    {
        Directory.CreateDirectory(_folder["etc/apt/apt.conf.d/30folder.conf"]);
        Part("10first", """Dir::Cache::archives "/first"; Dir::State::lists "/lists"; DPkg::Options { "--force-confnew"; };""");
        Part("20second.conf", """Dir::Cache::archives "/second";""");
        Part("90ignored.bak", """Dir::Cache::archives "/ignored";""");
        Part("90ignored~", """Dir::Cache::archives "/ignored";""");
        _folder.Write("last", """Dir::Cache::archives "/data/debs"; APT::Architecture "arm64";""");
        File.CreateSymbolicLink(_folder["etc/apt/apt.conf.d/40link"], _folder["last"]);
        File.CreateSymbolicLink(_folder["etc/apt/apt.conf.d/50broken"], _folder["none"]);
        string file = _folder.Write(
            "apt.conf",
            $$"""Dir "{{_folder["."]}}"; Dir::Cache::archives "/named"; APT::Architecture "amd64"; DPkg::Options { "--root=/x"; };"""
        );

        AptSystem system = AptSystem.Read(file);

        string shell = RealProgram
            .Run(
                "/usr/bin/apt-config",
                ["-qq", "shell", "ARCHIVES", "Dir::Cache::archives/f", "LISTS", "Dir::State::lists/f", "ARCHITECTURE", "APT::Architecture"],
                "PATH=/usr/bin:/bin",
                "LC_ALL=C.UTF-8",
                $"APT_CONFIG={file}"
            )
            .Output;
        (string, string, string) found = (system.ArchivesFolder, system.ListsFolder, system.NativeArchitecture);
        found.Should().Be((Value(shell, "ARCHIVES"), Value(shell, "LISTS"), Value(shell, "ARCHITECTURE")));
        found.Should().Be(("/data/debs", "/lists", "arm64"));
        system.DpkgOptions.Should().Equal("--root=/x");

        _folder.Write("etc/apt/apt.conf", """Dir::Cache::archives "/main";""");
        AptSystem.Read(file).ArchivesFolder.Should().Be("/main");

        void Part(string name, string text) => _folder.Write($"etc/apt/apt.conf.d/{name}", text);
    }

    [Fact]
    public void The_native_architecture_is_that_of_the_process_if_apt_is_told_none()
    {
        string file = _folder.Write("apt.conf", "Dir \"/nonexistent\";");
        AptSystem.Read(file).NativeArchitecture.Should().Be(DebianArchitecture.OfThisProcess);
    }

    public void Dispose() => _folder.Dispose();

    private static string Value(string shell, string name) =>
        shell
            .Split('\n')
            .Where(line => line.StartsWith($"{name}='", StringComparison.Ordinal))
            .Select(line => line[(name.Length + 2)..^1])
            .FirstOrDefault("(not told)");

    private static string Normal(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
}
