using AptHandler.Debian;

namespace AptHandler.UnitTests.Debian;

/// <summary>
/// What apt marks as automatically installed. That apt-mark reads what is written here is seen in the tests of going back.
/// </summary>
public sealed class AutoMarksTests : IDisposable
{
    private static readonly PackageName Foo = new("foo", null);
    private static readonly PackageName Foreign = new("foo", "armhf");

    private readonly TemporaryFolder _folder = new();

    private string Path => _folder["extended_states"];

    [Fact]
    public void Without_a_file_nothing_is_automatic() => AutoMarks.Read(Path).IsAutomatic(Foo).Should().BeFalse();

    [Fact]
    public void A_mark_that_is_set_is_read_again_and_belongs_to_one_architecture()
    {
        var marks = AutoMarks.Read(Path);
        marks.Set(Foo, true).Should().BeTrue();
        marks.Set(Foo, true).Should().BeFalse("it is so already");
        marks.Save();

        AutoMarks.Read(Path).IsAutomatic(Foo).Should().BeTrue();
        AutoMarks.Read(Path).IsAutomatic(new PackageName("foo", DebianArchitecture.OfThisProcess)).Should().BeTrue();
        AutoMarks.Read(Path).IsAutomatic(Foreign).Should().BeFalse();
    }

    [Fact]
    public void A_paragraph_that_would_say_nothing_is_left_out()
    {
        File.WriteAllText(Path, "Package: foo\nArchitecture: amd64\nAuto-Installed: 1\n\n");
        var marks = AutoMarks.Read(Path, "amd64");
        marks.Set(Foo, false).Should().BeTrue();
        marks.Save();
        File.ReadAllText(Path).Should().BeEmpty();
    }

    [Fact]
    public void What_nobody_changes_stays_as_it_is()
    {
        const string Others = "Package: bar\nArchitecture: amd64\nAuto-Installed: 1\nUnknown-Field: 7\n\n";
        File.WriteAllText(Path, Others + "Package: foo\nArchitecture: amd64\nAuto-Installed: 1\nKept: yes\n\n");
        var marks = AutoMarks.Read(Path, "amd64");
        marks.Set(Foo, false).Should().BeTrue();
        marks.Save();
        File.ReadAllText(Path).Should().Be(Others + "Package: foo\nArchitecture: amd64\nKept: yes\nAuto-Installed: 0\n\n");

        marks.Set(Foo, null).Should().BeTrue();
        marks.Save();
        File.ReadAllText(Path).Should().Be(Others);
    }

    [Fact]
    public void Of_several_paragraphs_for_a_package_any_sets_its_mark_and_one_is_left()
    {
        File.WriteAllText(
            Path,
            "Package: foo\nArchitecture: amd64\nAuto-Installed: 0\n\nPackage: foo\nArchitecture: amd64\nAuto-Installed: 1\n\n"
        );
        var marks = AutoMarks.Read(Path, "amd64");
        marks.IsAutomatic(Foo).Should().BeTrue();
        marks.Set(Foo, false).Should().BeTrue();
        marks.IsAutomatic(Foo).Should().BeFalse();
        marks.Set(Foo, true).Should().BeTrue();
        marks.Save();
        File.ReadAllText(Path).Should().Be("Package: foo\nArchitecture: amd64\nAuto-Installed: 1\n\n");
    }

    [Fact]
    public void Blocks_that_were_lost_with_the_power_do_no_harm()
    {
        File.WriteAllText(Path, "Package: foo\nArchitecture: amd64\nAuto-Installed: 1\n\n\0\0\0\0\0\0");
        AutoMarks.Read(Path, "amd64").IsAutomatic(Foo).Should().BeTrue();
    }

    public void Dispose() => _folder.Dispose();
}
