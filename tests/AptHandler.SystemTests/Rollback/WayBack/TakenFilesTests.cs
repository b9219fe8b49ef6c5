using static AptHandler.SystemTests.Rollback.WayBack.Parts;

namespace AptHandler.SystemTests.Rollback.WayBack;

/// <summary>Files that a package takes over from another one, up to the last: then dpkg makes that one disappear.</summary>
public sealed class TakenFilesTests(PreparedRows rows) : WayBackTests(rows)
{
    [Theory, EveryEnding]
    public void A_package_that_disappears_when_a_new_one_takes_all_of_its_files(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [Tools],
                New =
                [
                    new("all-tools")
                    {
                        Field("Replaces: tools"),
                        File("/usr/bin/one", "of all-tools"),
                        File("/usr/bin/two", "of all-tools"),
                        File("/usr/bin/three", "of all-tools"),
                    },
                ],
                Update = ["all-tools"],
            }
        );

    [Theory, UnpackedToo]
    public void A_package_that_disappears_when_another_one_is_raised(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [Tools, new("base", "1") { File("/usr/bin/base", "1") }],
                New =
                [
                    new("base", "2")
                    {
                        Field("Replaces: tools"),
                        File("/usr/bin/base", "2"),
                        File("/usr/bin/one", "of base"),
                        File("/usr/bin/two", "of base"),
                    },
                ],
                Prepared = "auto tools",
                Update = ["base=2"],
            }
        );

    [Theory, UnpackedToo]
    public void A_package_whose_script_knows_that_it_disappears(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old =
                [
                    new("tools")
                    {
                        File("/usr/bin/one", "of tools"),
                        Postrm("[ \"$1\" != disappear ] || rm -f $DPKG_ROOT/usr/share/tools.index"),
                        Postinst("echo index >$DPKG_ROOT/usr/share/tools.index"),
                    },
                ],
                New = [new("all-tools") { Field("Replaces: tools"), File("/usr/bin/one", "of all-tools") }],
                Update = ["all-tools"],
            }
        );

    [Theory, UnpackedToo]
    public void Some_files_that_a_new_package_takes(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [Tools],
                New =
                [
                    new("all-tools")
                    {
                        Field("Replaces: tools"),
                        File("/usr/bin/one", "of all-tools", "0700"),
                        Link("/usr/bin/two-and-more", "one"),
                    },
                ],
                Update = ["all-tools"],
            }
        );

    [Theory, UnpackedToo]
    public void Some_files_that_a_raised_package_takes(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [Tools, new("base", "1") { File("/usr/bin/base", "1") }],
                New = [new("base", "2") { Field("Replaces: tools"), File("/usr/bin/base", "2"), File("/usr/bin/two", "of base") }],
                Update = ["base=2"],
            }
        );

    [Theory, UnpackedToo]
    public void A_file_that_moves_between_two_raised_packages(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old =
                [
                    new("app", "1") { File("/usr/bin/app", "1") },
                    new("app-data", "1") { File("/usr/share/app/a", "1"), File("/usr/share/app/b", "1") },
                ],
                New =
                [
                    new("app", "2")
                    {
                        Field("Depends: app-data (>= 2)"),
                        Field("Replaces: app-data (<< 2)"),
                        Field("Breaks: app-data (<< 2)"),
                        File("/usr/bin/app", "2"),
                        File("/usr/share/app/a", "2"),
                    },
                    new("app-data", "2") { File("/usr/share/app/b", "2") },
                ],
                Update = ["app=2", "app-data=2"],
            }
        );

    [Theory, UnpackedToo]
    public void An_edited_configuration_file_that_moves_to_a_new_package(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [new("app", "1") { File("/usr/bin/app", "1"), Conffile("/etc/app.conf", "one") }],
                New =
                [
                    new("app", "2") { Field("Depends: app-common"), File("/usr/bin/app", "2") },
                    new("app-common", "2") { Field("Replaces: app (<< 2)"), Field("Breaks: app (<< 2)"), Conffile("/etc/app.conf", "two") },
                ],
                Prepared = "put /etc/app.conf edited",
                Update = ["app=2"],
            }
        );

    [Theory, Endings]
    public void A_package_that_is_replaced_whole(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [new("mail", "1") { Field("Provides: agent"), File("/usr/sbin/send", "of mail"), Conffile("/etc/mail.conf", "one") }],
                New =
                [
                    new("post", "1")
                    {
                        Field("Provides: agent"),
                        Field("Conflicts: agent"),
                        Field("Replaces: agent"),
                        File("/usr/sbin/send", "of post"),
                        Conffile("/etc/post.conf", "one"),
                    },
                ],
                Prepared = "put /etc/mail.conf edited; auto mail",
                Update = ["post", "mail-"],
            }
        );

    private static Package Tools => new("tools") { File("/usr/bin/one", "of tools"), File("/usr/bin/two", "of tools", "0750", "0:1000") };
}
