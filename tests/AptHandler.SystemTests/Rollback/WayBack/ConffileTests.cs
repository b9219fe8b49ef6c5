using static AptHandler.SystemTests.Rollback.WayBack.Parts;

namespace AptHandler.SystemTests.Rollback.WayBack;

/// <summary>Configuration files: what is in them, whose they are, and what dpkg believes that they held when they were shipped.</summary>
public sealed class ConffileTests(PreparedRows rows) : WayBackTests(rows)
{
    [Theory, EveryEnding]
    public void A_private_file_that_the_new_version_ships(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [new("app", "1") { File("/usr/bin/app", "1"), Folder("/etc/app") }],
                New = [new("app", "2") { File("/usr/bin/app", "2"), Conffile("/etc/app/site.conf", "two") }],
                Prepared = "put /etc/app/site.conf mine; chmod 0600 $R/etc/app/site.conf",
                Update = ["app=2"],
            }
        );

    [Theory, Endings]
    public void A_new_configuration_file_of_a_raised_package(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [new("app", "1") { File("/usr/bin/app", "1") }],
                New = [new("app", "2") { File("/usr/bin/app", "2"), Conffile("/etc/app/site.conf", "two") }],
                Update = ["app=2"],
            }
        );

    [Theory]
    [InlineData(Ending.PreinstFails, true)]
    [InlineData(Ending.PostinstFails, true)]
    [InlineData(Ending.Restored, true)]
    [InlineData(Ending.PostinstFails, false)]
    [InlineData(Ending.Restored, false)]
    public void One_that_gets_another_name(Ending ending, bool isEdited) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [App],
                New = [new("app", "2") { Conffile("/etc/app/app.conf", "two"), Preinst(Move), Postinst(Move), Postrm(Move) }],
                Prepared = isEdited ? Edit : "",
                Update = ["app=2"],
            },
            $"{nameof(One_that_gets_another_name)} {isEdited}"
        );

    [Theory]
    [InlineData(Ending.PreinstFails, true)]
    [InlineData(Ending.PostinstFails, true)]
    [InlineData(Ending.Restored, true)]
    [InlineData(Ending.PostinstFails, false)]
    [InlineData(Ending.Restored, false)]
    public void One_that_the_maintainer_script_helper_removes(Ending ending, bool isEdited) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [App],
                New = [new("app", "2") { File("/usr/bin/app", "2"), Preinst(Remove), Postinst(Remove), Postrm(Remove) }],
                Prepared = isEdited ? Edit : "",
                Update = ["app=2"],
            },
            $"{nameof(One_that_the_maintainer_script_helper_removes)} {isEdited}"
        );

    [Theory]
    [InlineData(Ending.PostinstFails, "1")]
    [InlineData(Ending.Restored, "1")]
    [InlineData(Ending.PreinstFails, "2")]
    [InlineData(Ending.PostinstFails, "2")]
    [InlineData(Ending.Restored, "2")]
    public void One_of_a_removed_package_that_the_update_installs_again(Ending ending, string version) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [App],
                New = [new("app", "2") { Conffile("/etc/app.conf", "two"), Conffile("/etc/app2.conf", "two") }],
                Prepared = $"{Edit}; dpkg --remove app",
                Update = [$"app={version}"],
            },
            $"{nameof(One_of_a_removed_package_that_the_update_installs_again)} {version}"
        );

    [Theory, Endings]
    public void One_of_a_removed_package_that_a_new_package_takes(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [App],
                New = [new("next") { Field("Replaces: app"), Conffile("/etc/app.conf", "of next") }],
                Prepared = $"{Edit}; dpkg --remove app",
                Update = ["next"],
            }
        );

    [Theory, UnpackedToo]
    public void An_edited_one(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [App],
                New = [Next],
                Prepared = $"{Edit}; chown 1000:1001 $R/etc/app.conf; chmod 0604 $R/etc/app.conf",
                Update = ["app=2"],
            }
        );

    [Theory, Endings]
    public void One_as_it_was_shipped_with_rights_of_its_own(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [App],
                New = [Next],
                Prepared = "chown 1000:1001 $R/etc/app.conf; chmod 0604 $R/etc/app.conf",
                Update = ["app=2"],
            }
        );

    [Theory, Endings]
    public void A_deleted_one(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [App],
                New = [Next],
                Prepared = "rm $R/etc/app.conf",
                Update = ["app=2"],
            }
        );

    [Theory, UnpackedToo]
    public void One_that_an_administrator_has_made_a_link(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [App],
                New = [Next],
                Prepared = "put /srv/app.conf mine; rm $R/etc/app.conf; ln -s ../srv/app.conf $R/etc/app.conf",
                Update = ["app=2"],
            }
        );

    [Theory, UnpackedToo]
    public void One_that_is_a_usual_file_from_now_on(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [App],
                New = [new("app", "2") { File("/etc/app.conf", "two") }],
                Prepared = Edit,
                Update = ["app=2"],
            }
        );

    [Theory, Endings]
    public void One_that_the_new_version_does_not_have(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [App],
                New = [new("app", "2") { File("/usr/bin/app", "2") }],
                Prepared = Edit,
                Update = ["app=2"],
            }
        );

    [Theory, Endings]
    public void Edited_ones_of_a_package_that_goes(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [new("app", "1") { Conffile("/etc/app.conf", "one"), Conffile("/etc/app.d/more.conf", "one") }],
                New = [new("next") { Field("Conflicts: app") }],
                Prepared = $"{Edit}; rm $R/etc/app.d/more.conf",
                Update = ["next", "app-"],
            }
        );

    [Theory, InlineData(Ending.Restored)]
    public void One_that_was_edited_since_stays_and_is_named(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [App],
                New = [Next],
                Update = ["app=2"],
                Since = "put /etc/app.conf 'edited since'",
                Edited = ["/etc/app.conf"],
            }
        );

    [Theory, InlineData(Ending.Restored)]
    public void An_edited_one_of_a_package_that_was_purged_since(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [App],
                New = [Next],
                Prepared = Edit,
                Update = ["app=2"],
                Since = "dpkg --purge app",
            }
        );

    private const string Edit = "put /etc/app.conf edited";
    private const string Move = "dpkg-maintscript-helper mv_conffile /etc/app.conf /etc/app/app.conf 2~ app -- \"$@\"";
    private const string Remove = "dpkg-maintscript-helper rm_conffile /etc/app.conf 2~ app -- \"$@\"";

    private static Package App => new("app", "1") { Conffile("/etc/app.conf", "one"), File("/usr/bin/app", "1") };

    private static Package Next => new("app", "2") { Conffile("/etc/app.conf", "two"), File("/usr/bin/app", "2") };
}
