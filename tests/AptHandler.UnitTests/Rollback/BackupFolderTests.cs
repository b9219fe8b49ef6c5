using AptHandler.Rollback;

namespace AptHandler.UnitTests.Rollback;

public sealed class BackupFolderTests : IDisposable
{
    private const string Path = "/usr/share/app/file";

    private static readonly string Hash = new('a', 64);

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_trace_comes_back_as_it_was_written_and_takes_the_paths_that_are_in_memory_already()
    {
        var folder = new BackupFolder(_folder.Path);
        folder.Begin();
        var entry = new SnapshotEntry(Path, EntryKind.File, 0x1ED, 1, 2)
        {
            Size = 3,
            Changed = 4,
            Hash = Hash,
            Content = 0,
        };
        var databases = new PackageDatabases
        {
            Alternatives = new Dictionary<string, string>(StringComparer.Ordinal) { ["editor"] = "auto" },
        };
        folder.WriteTrace(new UpdateTrace([entry], databases, new UnshippedChanges(["/etc/made"], []), []));
        var known = new string(Path);

        UpdateTrace read = folder.ReadTrace(text => text == known ? known : text)!;

        SnapshotEntry back = read.Entries.Single();
        back.Path.Should().BeSameAs(known);
        (back.Hash, back.Content, back.Size, back.IsLike(entry)).Should().Be((Hash, 0L, 3L, true));
        read.Unshipped.Made.Should().Equal("/etc/made");
        read.Databases.Alternatives.Should().Equal(databases.Alternatives);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"entries":[{"path":"/a","kind":"File","mode":1,"user":0,"group":0,"hash":"no hash"}]}""")]
    public void A_damaged_trace_is_none(string text)
    {
        var folder = new BackupFolder(_folder.Path);
        folder.Begin();
        File.WriteAllText(_folder["backup/trace.json"], text);
        folder.ReadTrace(each => each).Should().BeNull();
    }

    public void Dispose() => _folder.Dispose();
}
