using AptHandler.Debian;
using static AptHandler.UnitTests.Debian.StatusFolder;

namespace AptHandler.UnitTests.Debian;

public sealed class DpkgStatusTests
{
    [Fact]
    public void An_empty_file_is_a_machine_without_packages()
    {
        DpkgStatus status = Read("");

        status.Entries.Should().BeEmpty();
        status.HasJournal.Should().BeFalse();
        status.Find(new PackageName("libc6", null)).Should().BeNull();
        status.Find(default).Should().BeNull();
    }

    [Fact]
    public void The_fields_of_a_stanza_are_read()
    {
        StatusEntry entry = Read(Stanza("libc6", "2.36-9+deb12u7")).Entries.Single();

        entry.Name.Should().Be("libc6");
        entry.Architecture.Should().Be("amd64");
        entry.Version.Should().Be("2.36-9+deb12u7");
        entry.Wanted.Should().Be(PackageSelection.Install);
        entry.State.Should().Be(PackageState.Installed);
        entry.ReinstallRequired.Should().BeFalse();
        entry.Essential.Should().BeFalse();
        entry.Protected.Should().BeFalse();
        entry.IsInstalled.Should().BeTrue();
        entry.ToString().Should().Be("libc6:amd64 2.36-9+deb12u7 (Install, Installed)");
    }

    [Fact]
    public void The_order_of_the_file_is_kept() =>
        Read(Stanza("c", "1") + "\n" + Stanza("a", "2") + "\n" + Stanza("b", "3"))
            .Entries.Select(e => e.Name + e.Version)
            .Should()
            .Equal("c1", "a2", "b3");

    [Theory]
    [InlineData("unknown ok not-installed", PackageSelection.Unknown, false, PackageState.NotInstalled)]
    [InlineData("deinstall ok config-files", PackageSelection.Deinstall, false, PackageState.ConfigFiles)]
    [InlineData("install reinstreq half-installed", PackageSelection.Install, true, PackageState.HalfInstalled)]
    [InlineData("install ok unpacked", PackageSelection.Install, false, PackageState.Unpacked)]
    [InlineData("purge ok half-configured", PackageSelection.Purge, false, PackageState.HalfConfigured)]
    [InlineData("install ok triggers-awaited", PackageSelection.Install, false, PackageState.TriggersAwaited)]
    [InlineData("install ok triggers-pending", PackageSelection.Install, false, PackageState.TriggersPending)]
    [InlineData("install reinstreq installed", PackageSelection.Install, true, PackageState.Installed)]
    public void Only_installed_and_whole_is_installed(string words, PackageSelection wanted, bool reinstallRequired, PackageState state)
    {
        StatusEntry entry = Read(Stanza("aa", "1", words)).Entries.Single();

        (entry.Wanted, entry.ReinstallRequired, entry.State).Should().Be((wanted, reinstallRequired, state));
        entry.IsInstalled.Should().BeFalse();
    }

    [Fact]
    public void A_held_package_is_installed()
    {
        StatusEntry entry = Read(Stanza("aa", "1", "hold ok installed")).Entries.Single();

        entry.Wanted.Should().Be(PackageSelection.Hold);
        entry.IsInstalled.Should().BeTrue();
    }

    [Theory]
    [InlineData("Package: aa\nEssential: yes\nStatus: install ok installed\n", true, false)]
    [InlineData("Package: aa\nProtected: yes\nStatus: install ok installed\n", false, true)]
    [InlineData("Package: aa\nEssential: yes\nProtected: yes\nStatus: install ok installed\n", true, true)]
    [InlineData("Package: aa\nEssential: no\nProtected: no\nStatus: install ok installed\n", false, false)]
    [InlineData("Status: install ok installed\nPackage: aa\nVersion: 1\nEssential: yes\n", true, false)]
    public void Essential_and_protected_packages_are_told(string text, bool isEssential, bool isProtected)
    {
        StatusEntry entry = Read(text).Entries.Single();

        (entry.Essential, entry.Protected).Should().Be((isEssential, isProtected));
    }

    [Fact]
    public void Fields_in_another_order_than_dpkgs_are_found()
    {
        StatusEntry entry = Read(
            "Version: 1.0\nDescription: x\nArchitecture: all\nStatus: hold ok installed\nPackage: aa\n\n" + Stanza("bb", "2")
        ).Entries[0];

        (entry.Name, entry.Version, entry.Architecture, entry.Wanted).Should().Be(("aa", "1.0", "all", PackageSelection.Hold));
    }

    [Fact]
    public void A_version_or_architecture_that_is_not_there_is_empty_and_not_the_next_packages()
    {
        DpkgStatus status = Read("Package: aa\nStatus: install ok not-installed\n\n" + Stanza("bb", "2"));

        status.Entries[0].Version.Should().BeEmpty();
        status.Entries[0].Architecture.Should().BeEmpty();
        status.Entries[1].Version.Should().Be("2");
    }

    [Fact]
    public void Several_empty_lines_between_stanzas_do_not_matter() =>
        Read("\n\n" + Stanza("aa", "1") + "\n\n\n" + Stanza("bb", "2") + "\n\n\n").Entries.Select(e => e.Name).Should().Equal("aa", "bb");

    [Fact]
    public void A_continuation_of_a_megabyte_is_passed_over()
    {
        string text = string.Concat(Enumerable.Repeat(" " + new string('x', 1023) + "\n", 1024));
        DpkgStatus status = Read(
            Stanza("aa", "1", more: "Conffiles:\n" + text)
                + "\nPackage: bb\nStatus: install ok installed\nConffiles:\n"
                + text
                + "Version: 2\n\n"
                + Stanza("cc", "3")
        );

        status.Entries.Select(e => e.Name + e.Version).Should().Equal("aa1", "bb2", "cc3");
    }

    // Stanzas lie across the ends of the pieces that are read, in every possible way.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(37)]
    public void A_file_of_many_pieces_is_read_whole(int shift)
    {
        string text =
            new string('\n', shift)
            + string.Join(
                '\n',
                Enumerable.Range(0, 3000).Select(i => Stanza($"package{i}", $"{i}.0", more: $"Filler: {new string('x', i % 211)}\n"))
            );
        DpkgStatus status = Read(text);

        status.Entries.Select(e => e.Name).Should().Equal(Enumerable.Range(0, 3000).Select(i => $"package{i}"));
        Enumerable
            .Range(0, 3000)
            .Select(i => status.Find(new PackageName($"package{i}", null))!.Value.Version)
            .Should()
            .Equal(Enumerable.Range(0, 3000).Select(i => $"{i}.0"));
    }

    [Fact]
    public void A_native_package_comes_before_a_foreign_one()
    {
        DpkgStatus status = Read(
            Stanza("libc6", "1", architecture: "armhf")
                + "\n"
                + Stanza("libc6", "2", architecture: "amd64")
                + "\n"
                + Stanza("libc6", "3", architecture: "i386")
        );

        Found(status, "libc6").Should().Be("2");
        Found(status, "libc6", "armhf").Should().Be("1");
        Found(status, "libc6", "i386").Should().Be("3");
        Found(status, "libc6", "arm64").Should().BeNull();
    }

    [Fact]
    public void A_foreign_package_is_not_meant_by_a_name_without_architecture()
    {
        DpkgStatus status = Read(Stanza("wine32", "1", architecture: "i386"));

        Found(status, "wine32").Should().BeNull();
        Found(status, "wine32", "i386").Should().Be("1");
    }

    [Theory]
    [InlineData("lib", null, "lib")]
    [InlineData("lib", "amd64", "lib")]
    [InlineData("lib", "all", "lib")]
    [InlineData("lib", "i386", "lib:i386")]
    public void A_package_has_one_name_however_it_was_written(string name, string? architecture, string expected)
    {
        DpkgStatus status = Read(Stanza("lib", "1", architecture: architecture ?? "amd64"));

        status.NameOf(new PackageName(name, architecture)).Should().Be(expected);
        status.NameOf(status.Entries[0]).Should().Be(expected);
    }

    [Theory]
    [InlineData("all")]
    [InlineData("amd64")]
    public void A_package_for_all_is_a_native_one(string? architecture)
    {
        DpkgStatus status = Read(Stanza("tzdata", "1", architecture: "all"));

        Found(status, "tzdata").Should().Be("1");
        Found(status, "tzdata", architecture).Should().Be("1");
        Found(status, "tzdata", "i386").Should().BeNull();
    }

    [Fact]
    public void The_native_architecture_is_that_of_the_process_if_nothing_else_is_said()
    {
        using var folder = new StatusFolder(
            Stanza("aa", "1", architecture: DebianArchitecture.OfThisProcess)
                + "\n"
                + Stanza("aa", "2", architecture: "m68k")
                + "\n"
                + Stanza("aa", "3", architecture: "sh4")
        );

        DpkgStatus.Read(folder.StatusPath).Find(new PackageName("aa", null))!.Value.Version.Should().Be("1");
    }

    [Theory]
    [InlineData(System.Runtime.InteropServices.Architecture.X64, "amd64")]
    [InlineData(System.Runtime.InteropServices.Architecture.X86, "i386")]
    [InlineData(System.Runtime.InteropServices.Architecture.Arm64, "arm64")]
    [InlineData(System.Runtime.InteropServices.Architecture.Arm, "armhf")]
    [InlineData(System.Runtime.InteropServices.Architecture.Ppc64le, "ppc64el")]
    [InlineData(System.Runtime.InteropServices.Architecture.S390x, "s390x")]
    [InlineData(System.Runtime.InteropServices.Architecture.RiscV64, "riscv64")]
    public void Architectures_have_Debians_names(System.Runtime.InteropServices.Architecture architecture, string expected) =>
        DebianArchitecture.NameOf(architecture).Should().Be(expected);

    [Fact]
    public void An_architecture_without_a_name_in_Debian_is_refused() =>
        ((Action)(() => DebianArchitecture.NameOf(System.Runtime.InteropServices.Architecture.Wasm)))
            .Should()
            .Throw<PlatformNotSupportedException>();

    private static DpkgStatus Read(string text)
    {
        using var folder = new StatusFolder(text);
        return DpkgStatus.Read(folder.StatusPath, "amd64");
    }

    private static string? Found(DpkgStatus status, string name, string? architecture = null) =>
        status.Find(new PackageName(name, architecture))?.Version;
}
