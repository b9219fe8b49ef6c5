using static AptHandler.SystemTests.Rollback.WayBack.Parts;

namespace AptHandler.SystemTests.Rollback.WayBack;

/// <summary>Folders, and links to folders, that were there before a package shipped them.</summary>
public sealed class FolderTests(PreparedRows rows) : WayBackTests(rows)
{
    [Theory, EveryEnding]
    public void A_link_to_a_folder_in_the_way_of_a_new_package(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                New = [InOpt],
                Prepared = "mkdir -p $R/data/opt; ln -s data/opt $R/opt",
                Update = ["app"],
            }
        );

    [Theory, Endings]
    public void A_link_to_a_folder_that_holds_something(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                New = [InOpt],
                Prepared = "put /data/opt/app/mine mine; ln -s data/opt $R/opt",
                Update = ["app"],
            }
        );

    [Theory, Endings]
    public void A_link_in_the_place_of_the_folder_itself(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                New = [InOpt],
                Prepared = "mkdir -p $R/opt $R/data/app; ln -s ../data/app $R/opt/app; chown -h 1000:1000 $R/data/app $R/opt/app",
                Update = ["app"],
            }
        );

    [Theory, Endings]
    public void An_empty_folder_that_a_new_package_ships(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                New = [new("app") { Folder("/srv/data"), File("/usr/bin/app", "1") }],
                Prepared = "mkdir -p $R/srv/data; chown 1000:1000 $R/srv/data; chmod 0700 $R/srv/data",
                Update = ["app"],
            }
        );

    [Theory, Endings]
    public void Empty_folders_in_each_other(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                New = [new("app") { File("/srv/a/b/c/file", "1") }],
                Prepared = "mkdir -p $R/srv/a/b/c; chmod 0711 $R/srv/a/b; chown 1:2 $R/srv/a/b/c",
                Update = ["app"],
            }
        );

    [Theory, Endings]
    public void A_folder_that_holds_something(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                New = [new("app") { Folder("/var/lib/app", "0700", "1000:1000"), File("/var/lib/app/format", "1") }],
                Prepared = "put /var/lib/app/rows mine; ln -s nowhere $R/var/lib/app/link; mkfifo $R/var/lib/app/pipe",
                Update = ["app"],
            }
        );

    [Theory, Endings]
    public void The_rights_of_a_folder_that_the_script_of_a_new_package_changes(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                New = [new("app") { Folder("/srv/data"), Postinst("chown -R 7:8 $DPKG_ROOT/srv/data; chmod 2770 $DPKG_ROOT/srv/data") }],
                Prepared = "mkdir -p $R/srv/data; chown 1000:1000 $R/srv/data; chmod 0700 $R/srv/data",
                Update = ["app"],
            }
        );

    [Theory, Endings]
    public void The_rights_of_a_folder_that_the_script_of_a_raised_package_changes(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [new("app", "1") { Folder("/var/lib/app", "0750", "0:1000"), File("/var/lib/app/format", "1") }],
                New =
                [
                    new("app", "2")
                    {
                        Folder("/var/lib/app", "0755"),
                        File("/var/lib/app/format", "2"),
                        Postinst("chown 7:8 $DPKG_ROOT/var/lib/app; chmod 0755 $DPKG_ROOT/var/lib/app"),
                    },
                ],
                Update = ["app=2"],
            }
        );

    [Theory, Endings]
    public void The_rights_that_an_administrator_has_given_to_folders_of_packages(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old =
                [
                    new("app", "1") { Folder("/var/lib/app"), File("/opt/app/bin", "1") },
                    new("next", "1") { File("/opt/app/next", "1") },
                ],
                New = [new("app", "2") { File("/opt/app/bin", "2") }],
                Prepared = "chown 7:8 $R/var/lib/app $R/opt/app; chmod 2770 $R/var/lib/app $R/opt/app",
                Update = ["app=2", "next-"],
            }
        );

    [Theory, Endings]
    public void Folders_of_a_package_that_goes(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [new("app") { Folder("/var/lib/app/spool", "1777"), File("/var/lib/app/format", "1") }],
                New = [new("next") { Field("Conflicts: app") }],
                Prepared = "put /var/lib/app/rows mine; chmod 0700 $R/var/lib/app",
                Update = ["next", "app-"],
            }
        );

    [Theory, Endings]
    public void Folders_that_both_versions_of_a_package_have_and_that_are_new_in_one(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [new("app", "1") { Folder("/var/lib/app/one"), Folder("/var/lib/app/both", "0700") }],
                New = [new("app", "2") { Folder("/var/lib/app/two/deep", "0700", "1:1"), Folder("/var/lib/app/both", "0700") }],
                Update = ["app=2"],
            }
        );

    private static Package InOpt => new("app") { File("/opt/app/bin/app", "1"), Folder("/opt/app/empty") };
}
