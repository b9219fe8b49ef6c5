using System.Runtime.Versioning;
using AptHandler.Files;

namespace AptHandler.UnitTests.Files;

[SupportedOSPlatform("linux")]
public sealed class GuardedFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public GuardedFolderTests() => Directory.CreateDirectory(_folder["a/b"]);

    [Fact]
    public void A_folder_is_reached_step_by_step()
    {
        File.WriteAllText(_folder["a/b/file"], "content");

        using GuardedFolder? folder = Walk(_folder.Path, "a", "b");

        folder!.Path.Should().Be(_folder["a/b"]);
        folder.Read("file", 100).Should().Equal("content"u8.ToArray());
        folder.Names().Should().Equal("file");
    }

    [Theory]
    [InlineData("none")]
    [InlineData("a", "none")]
    [InlineData("none", "b")]
    public void Where_there_is_no_folder_there_is_null(params string[] names) => Walk(_folder.Path, names).Should().BeNull();

    [Fact]
    public void Where_there_is_no_beginning_there_is_null() => GuardedFolder.Open(_folder["none"]).Should().BeNull();

    [Theory]
    [InlineData("link")]
    [InlineData("link", "b")]
    [InlineData("a", "link")]
    public void A_link_in_the_way_is_an_error(params string[] names)
    {
        Directory.CreateSymbolicLink(_folder["link"], _folder["a"]);
        Directory.CreateSymbolicLink(_folder["a/link"], _folder["a/b"]);

        Action opening = () => Walk(_folder.Path, names);

        opening
            .Should()
            .Throw<IOException>()
            .WithMessage("cannot enter */link: it is no folder, or a symbolic link, which is not followed here");
    }

    [Fact]
    public void A_link_to_the_beginning_is_followed()
    {
        Directory.CreateSymbolicLink(_folder["link"], _folder["a"]);

        using GuardedFolder? folder = GuardedFolder.Open(_folder["link"]);

        folder.Should().NotBeNull();
    }

    [Fact]
    public void A_file_in_the_way_is_an_error()
    {
        _folder.Write("file", "");

        Action opening = () => Walk(_folder.Path, "file");

        opening.Should().Throw<IOException>().WithMessage("*it is no folder*");
    }

    [Fact]
    public void What_is_done_is_done_in_the_folder_that_was_opened_whatever_bears_its_name_by_then()
    {
        using GuardedFolder folder = Walk(_folder.Path, "a", "b")!;
        Directory.Move(_folder["a"], _folder["moved"]);
        Directory.CreateDirectory(_folder["victim/b"]);
        Directory.CreateSymbolicLink(_folder["a"], _folder["victim"]);

        folder.Replace("file", "content"u8, 0x180);
        using (folder.EnterOrMake("made")) { }

        folder.Names().Should().BeEquivalentTo("file", "made");
        Directory.GetFileSystemEntries(_folder["victim/b"]).Should().BeEmpty();
        File.ReadAllText(_folder["moved/b/file"]).Should().Be("content");
        folder.Delete("file");
        File.Exists(_folder["moved/b/file"]).Should().BeFalse();
    }

    [Fact]
    public void A_folder_is_made_like_the_one_that_it_is_in()
    {
        File.SetUnixFileMode(
            _folder["a"],
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite
        );
        if (Posix.IsRoot)
            Posix.ChangeOwner(_folder["a"], 12345, 23456);
        using GuardedFolder folder = GuardedFolder.Open(_folder["a"])!;

        using GuardedFolder made = folder.EnterOrMake("made");

        (made.Status.User, made.Status.Group, made.Status.Permissions)
            .Should()
            .Be((folder.Status.User, folder.Status.Group, folder.Status.Permissions));
        made.Path.Should().Be(_folder["a/made"]);
    }

    [Fact]
    public void A_folder_that_is_there_keeps_its_mode()
    {
        File.SetUnixFileMode(_folder["a/b"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        using GuardedFolder folder = GuardedFolder.Open(_folder["a"])!;

        using GuardedFolder there = folder.EnterOrMake("b");

        there.Status.Permissions.Should().Be(0x140); // 0500
    }

    [Fact]
    public void A_link_in_the_place_of_a_folder_to_make_is_an_error()
    {
        Directory.CreateSymbolicLink(_folder["a/link"], _folder["none"]);
        using GuardedFolder folder = GuardedFolder.Open(_folder["a"])!;

        Action making = () => folder.EnterOrMake("link");

        making.Should().Throw<IOException>();
        Directory.Exists(_folder["none"]).Should().BeFalse();
    }

    [Fact]
    public void Only_a_regular_file_up_to_the_bound_is_read()
    {
        File.WriteAllText(_folder["a/large"], "12345");
        File.CreateSymbolicLink(_folder["a/link"], _folder["a/large"]);
        Posix.MakeFifo(_folder["a/pipe"]);
        using GuardedFolder folder = GuardedFolder.Open(_folder["a"])!;

        folder.Read("none", 4).Should().BeNull();
        folder.Read("large", 5).Should().NotBeNull();
        foreach (string name in new[] { "large", "link", "pipe", "b" })
            folder.Invoking(it => it.Read(name, 4)).Should().Throw<IOException>().WithMessage($"*{_folder["a"]}/{name}*");
    }

    [Fact]
    public void Removing_takes_files_and_empty_folders_only()
    {
        _folder.Write("a/b/file", "");
        Directory.CreateDirectory(_folder["a/empty"]);
        using GuardedFolder folder = GuardedFolder.Open(_folder["a"])!;

        folder.DeleteIfEmpty("b");
        folder.DeleteIfEmpty("empty");
        folder.DeleteIfEmpty("none");
        folder.Delete("none");
        folder.Invoking(it => it.Delete("b")).Should().Throw<IOException>();

        Directory
            .GetFileSystemEntries(_folder["a"], "*", SearchOption.AllDirectories)
            .Should()
            .BeEquivalentTo(_folder["a/b"], _folder["a/b/file"]);
    }

    public void Dispose() => _folder.Dispose();

    private static GuardedFolder? Walk(string trusted, params ReadOnlySpan<string> names)
    {
        GuardedFolder? folder = GuardedFolder.Open(trusted);
        foreach (string name in names)
        {
            using GuardedFolder? parent = folder;
            folder = parent?.Enter(name);
        }

        return folder;
    }
}
