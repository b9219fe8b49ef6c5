using System.Runtime.Versioning;
using AptHandler.Files;

namespace AptHandler.UnitTests.Files;

[SupportedOSPlatform("linux")]
public sealed class WholeFileTests : IDisposable
{
    private const int Private = 0x180; // 0600

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_old_content_is_replaced_and_nothing_else_is_left(bool durable)
    {
        _folder.Write("file", "the old content, which is longer");

        WholeFile.Replace(_folder["file"], "new"u8, Private, durable);

        File.ReadAllText(_folder["file"]).Should().Be("new");
        _folder.Names.Should().Equal("file");
    }

    [Fact]
    public void A_file_that_was_not_there_is_made()
    {
        WholeFile.Replace(_folder["file"], ""u8, Private);

        File.ReadAllBytes(_folder["file"]).Should().BeEmpty();
    }

    [Theory]
    [InlineData(0x180, UnixFileMode.UserRead | UnixFileMode.UserWrite)]
    [InlineData(
        0x1B6,
        UnixFileMode.UserRead
            | UnixFileMode.UserWrite
            | UnixFileMode.GroupRead
            | UnixFileMode.GroupWrite
            | UnixFileMode.OtherRead
            | UnixFileMode.OtherWrite
    )]
    public void The_mode_is_the_one_that_was_asked_for_whatever_the_umask_and_the_old_file(int mode, UnixFileMode expected)
    {
        File.SetUnixFileMode(_folder.Write("file", ""), UnixFileMode.UserRead);

        WholeFile.Replace(_folder["file"], "x"u8, mode);

        File.GetUnixFileMode(_folder["file"]).Should().Be(expected);
    }

    [Fact]
    public void A_reader_that_has_the_old_file_open_still_reads_the_old_content()
    {
        using StreamReader reader = File.OpenText(_folder.Write("file", "old"));

        WholeFile.Replace(_folder["file"], "new"u8, Private);

        reader.ReadToEnd().Should().Be("old");
    }

    [Fact]
    public void A_link_in_the_place_of_the_file_is_replaced_and_its_target_left_alone()
    {
        File.CreateSymbolicLink(_folder["file"], _folder.Write("target", "precious"));

        WholeFile.Replace(_folder["file"], "new"u8, Private);

        File.ReadAllText(_folder["target"]).Should().Be("precious");
        new FileInfo(_folder["file"]).LinkTarget.Should().BeNull();
        File.ReadAllText(_folder["file"]).Should().Be("new");
    }

    [Fact]
    public void A_link_in_the_place_of_the_temporary_file_is_not_followed()
    {
        File.CreateSymbolicLink(_folder[".file.new"], _folder.Write("target", "precious"));

        WholeFile.Replace(_folder["file"], "new"u8, Private);

        File.ReadAllText(_folder["target"]).Should().Be("precious");
        _folder.Names.Should().Equal("file", "target");
    }

    [Fact]
    public void A_folder_that_is_a_link_is_refused()
    {
        Directory.CreateDirectory(_folder["real"]);
        File.CreateSymbolicLink(_folder["link"], _folder["real"]);

        Action writing = () => WholeFile.Replace(Path.Combine(_folder["link"], "file"), "new"u8, Private);

        writing.Should().Throw<IOException>();
        Directory.GetFileSystemEntries(_folder["real"]).Should().BeEmpty();
    }

    [Fact]
    public void A_missing_folder_is_an_error_and_is_not_made()
    {
        Action writing = () => WholeFile.Replace(_folder["none/file"], "new"u8, Private);

        writing.Should().Throw<FileNotFoundException>().WithMessage("*No such file or directory");
        _folder.Names.Should().BeEmpty();
    }

    [Fact]
    public void What_cannot_be_replaced_stays_and_the_temporary_file_goes()
    {
        Directory.CreateDirectory(_folder["file"]);

        Action writing = () => WholeFile.Replace(_folder["file"], "new"u8, Private);

        writing.Should().Throw<IOException>().WithMessage($"cannot replace {_folder["file"]}: *");
        _folder.Names.Should().Equal("file");
    }

    [Fact]
    public void A_full_file_system_leaves_the_old_content_and_no_temporary_file()
    {
        Directory.CreateDirectory(_folder["small"]);
        if (!Posix.IsRoot || !RealProgram.Run("/bin/mount", ["-t", "tmpfs", "-o", "size=64k", "none", _folder["small"]]).Exit.IsSuccess)
            return; // where nothing may be mounted there is no file system to fill

        try
        {
            string file = _folder.Write("small/file", "old");

            Action writing = () => WholeFile.Replace(file, new byte[200_000], Private);

            writing.Should().Throw<IOException>().WithMessage($"cannot write {file}: No space left on device");
            File.ReadAllText(file).Should().Be("old");
            Directory.GetFileSystemEntries(_folder["small"]).Should().Equal(file);
        }
        finally
        {
            RealProgram.Run("/bin/umount", [_folder["small"]]).Exit.IsSuccess.Should().BeTrue();
        }
    }

    [Fact]
    public void Written_by_root_a_file_belongs_to_the_owner_of_its_folder()
    {
        if (!Posix.IsRoot)
            return; // nobody else can give files away

        Posix.ChangeOwner(_folder.Path, 12345, 23456);

        WholeFile.Replace(_folder["file"], "x"u8, Private);

        RealProgram.Run("/usr/bin/stat", ["-c", "%u:%g", _folder["file"]]).Output.Should().Be("12345:23456\n");
    }

    public void Dispose() => _folder.Dispose();
}
