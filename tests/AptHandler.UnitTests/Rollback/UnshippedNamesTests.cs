using AptHandler.Files;
using AptHandler.Rollback;

namespace AptHandler.UnitTests.Rollback;

public sealed class UnshippedNamesTests
{
    [Fact]
    public void Names_are_those_of_folders_in_which_only_root_can_make_files_and_of_users_and_groups()
    {
        using var folder = new TemporaryFolder();
        RealProgram
            .Shell(
                $"""
                cd {folder.Path}; chmod 0755 .
                mkdir -p etc var/lib/app var/lib/open usr/share/app; chmod 1777 var/lib/open
                touch etc/app.conf etc/passwd- etc/.pwd.lock var/lib/app/rows var/lib/open/others usr/share/app/file
                echo root:x:0:0 >etc/passwd; echo staff:x:50: >etc/group
                """
            )
            .Exit.IsSuccess.Should()
            .BeTrue();
        SnapshotEntry[] folders = [Folder("/etc"), Folder("/var/lib/app"), Folder("/var/lib/open"), Folder("/usr/share/app")];
        UnshippedNames
            .Look(new RootTree(folder.Path), folders)
            .Should()
            .BeEquivalentTo(
                "/etc/app.conf",
                "/etc/passwd",
                "/etc/group",
                "/var/lib/app",
                "/var/lib/open",
                "/var/lib/app/rows",
                "user root",
                "group staff"
            );
    }

    private static SnapshotEntry Folder(string path) => new(path, EntryKind.Folder, 0x1ED, 0, 0);
}
