using static AptHandler.SystemTests.Rollback.WayBack.Parts;

namespace AptHandler.SystemTests.Rollback.WayBack;

/// <summary>
/// A folder where the other version has a link, and the other way round: what is unpacked through a link lands in a place of somebody else.
/// </summary>
public sealed class LinkTests(PreparedRows rows) : WayBackTests(rows)
{
    [Theory, EveryEnding]
    public void A_folder_becomes_a_link_into_another_package(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [Common, WithFolder],
                New =
                [
                    new("app", "2")
                    {
                        Link("/usr/share/app/doc", "../common"),
                        Preinst("[ -L $DPKG_ROOT/usr/share/app/doc ] || rm -rf $DPKG_ROOT/usr/share/app/doc"),
                    },
                ],
                Update = ["app=2"],
            }
        );

    [Theory, UnpackedToo]
    public void A_folder_becomes_a_link_by_the_maintainer_script_helper(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [Common, WithFolder],
                New = [new("app", "2") { Link("/usr/share/app/doc", "../common"), Preinst(ToLink), Postinst(ToLink), Postrm(ToLink) }],
                Update = ["app=2"],
            }
        );

    [Theory, UnpackedToo]
    public void A_folder_becomes_an_absolute_link_that_a_script_makes(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [Common, new("app", "1") { File("/srv/app/data/index", "of app"), Folder("/srv/app/data/more") }],
                New =
                [
                    new("app", "2")
                    {
                        File("/usr/bin/app", "2"),
                        Postinst("cd $DPKG_ROOT; rm -rf srv/app/data; mkdir -p srv/app; ln -s ../../usr/share/common srv/app/data"),
                    },
                ],
                Update = ["app=2"],
            }
        );

    [Theory, UnpackedToo]
    public void A_link_into_another_package_becomes_a_folder(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [Common, WithLink],
                New =
                [
                    new("app", "2")
                    {
                        File("/usr/share/app/doc/copyright", "of app"),
                        Preinst("[ ! -L $DPKG_ROOT/usr/share/app/doc ] || rm $DPKG_ROOT/usr/share/app/doc"),
                    },
                ],
                Update = ["app=2"],
            }
        );

    [Theory, UnpackedToo]
    public void A_link_becomes_a_folder_by_the_maintainer_script_helper(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [Common, WithLink],
                New =
                [
                    new("app", "2")
                    {
                        File("/usr/share/app/doc/changes", "of app"),
                        Preinst(ToFolder),
                        Postinst(ToFolder),
                        Postrm(ToFolder),
                    },
                ],
                Update = ["app=2"],
            }
        );

    [Theory, UnpackedToo]
    public void A_link_becomes_an_empty_folder(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [Common, WithLink],
                New =
                [
                    new("app", "2")
                    {
                        Folder("/usr/share/app/doc", "0750"),
                        Preinst("[ ! -L $DPKG_ROOT/usr/share/app/doc ] || rm $DPKG_ROOT/usr/share/app/doc"),
                    },
                ],
                Update = ["app=2"],
            }
        );

    [Theory, UnpackedToo]
    public void A_link_leads_elsewhere(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [new("app", "1") { Link("/usr/share/app/current", "v1"), File("/usr/share/app/v1/a", "1") }],
                New = [new("app", "2") { Link("/usr/share/app/current", "v2"), File("/usr/share/app/v2/a", "2") }],
                Update = ["app=2"],
            }
        );

    [Theory, UnpackedToo]
    public void A_file_becomes_a_folder(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [new("app", "1") { File("/usr/share/app/plugins", "list") }],
                New =
                [
                    new("app", "2")
                    {
                        File("/usr/share/app/plugins/a", "2"),
                        Preinst("[ ! -f $DPKG_ROOT/usr/share/app/plugins ] || rm $DPKG_ROOT/usr/share/app/plugins"),
                    },
                ],
                Update = ["app=2"],
            }
        );

    [Theory, UnpackedToo]
    public void A_folder_becomes_a_file(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [new("app", "1") { File("/usr/share/app/plugins/a", "1"), File("/usr/share/app/plugins/b", "1") }],
                New =
                [
                    new("app", "2")
                    {
                        File("/usr/share/app/plugins", "list"),
                        Preinst("[ ! -d $DPKG_ROOT/usr/share/app/plugins ] || rm -r $DPKG_ROOT/usr/share/app/plugins"),
                    },
                ],
                Update = ["app=2"],
            }
        );

    [Theory, UnpackedToo]
    public void A_link_that_an_administrator_has_put_in_the_place_of_a_folder(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [new("app", "1") { File("/usr/share/app/big", "1"), File("/usr/share/app/old", "1") }],
                New = [new("app", "2") { File("/usr/share/app/big", "2"), File("/usr/share/app/new", "2") }],
                Prepared = "mkdir $R/srv; mv $R/usr/share/app $R/srv/app; ln -s ../../srv/app $R/usr/share/app",
                Update = ["app=2"],
            }
        );

    [Theory, UnpackedToo]
    public void A_link_of_an_old_package_in_the_place_of_a_file_of_a_new_one(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [new("sh-one") { File("/bin/one", "program"), Link("/bin/shell", "one") }],
                New = [new("sh-two") { Field("Replaces: sh-one"), File("/bin/two", "program"), Link("/bin/shell", "two") }],
                Update = ["sh-two"],
            }
        );

    private const string ToLink = "dpkg-maintscript-helper dir_to_symlink /usr/share/app/doc ../common 2~ app -- \"$@\"";
    private const string ToFolder = "dpkg-maintscript-helper symlink_to_dir /usr/share/app/doc ../common 2~ app -- \"$@\"";

    // The file of the same name that must not be overwritten.
    private static Package Common =>
        new("common") { File("/usr/share/common/copyright", "of common"), File("/usr/share/common/index", "of common") };

    private static Package WithFolder =>
        new("app", "1") { File("/usr/share/app/doc/copyright", "of app"), File("/usr/share/app/doc/changes", "of app") };

    private static Package WithLink => new("app", "1") { Link("/usr/share/app/doc", "../common") };
}
