using static AptHandler.SystemTests.Rollback.WayBack.Parts;

namespace AptHandler.SystemTests.Rollback.WayBack;

/// <summary>
/// Diversions, alternatives and the modes that an administrator has set: what scripts write into dpkg's other databases, and what these
/// point to.
/// </summary>
public sealed class DatabaseTests(PreparedRows rows) : WayBackTests(rows)
{
    [Theory, EveryEnding]
    public void A_diversion_that_a_raised_package_adds(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [Tool, new("wrapper", "1") { File("/usr/share/wrapper", "1") }],
                New =
                [
                    new("wrapper", "2")
                    {
                        File("/usr/bin/tool", "of wrapper"),
                        Preinst(Divert),
                        Postrm("[ \"$1\" != remove ] || " + Undivert),
                    },
                ],
                Update = ["wrapper=2"],
            }
        );

    [Theory, UnpackedToo]
    public void A_diversion_that_a_new_package_adds_and_takes_back_when_it_is_purged(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [Tool],
                New =
                [
                    new("wrapper", "2")
                    {
                        File("/usr/bin/tool", "of wrapper"),
                        Preinst(Divert),
                        Postrm("[ \"$1\" != purge ] || " + Undivert),
                    },
                ],
                Update = ["wrapper=2"],
            }
        );

    [Theory, UnpackedToo]
    public void A_diversion_of_a_package_that_is_raised_itself(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old =
                [
                    Tool,
                    new("wrapper", "1")
                    {
                        File("/usr/bin/tool", "of wrapper"),
                        Preinst(Divert),
                        Postrm("[ \"$1\" != remove ] || " + Undivert),
                    },
                ],
                New = [new("tool", "2") { File("/usr/bin/tool", "newer"), File("/usr/bin/tool2", "newer") }],
                Update = ["tool=2"],
            }
        );

    [Theory, UnpackedToo]
    public void A_diversion_that_a_raised_package_gives_up(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old =
                [
                    Tool,
                    new("wrapper", "1")
                    {
                        File("/usr/bin/tool", "of wrapper"),
                        Preinst(Divert),
                        Postrm("[ \"$1\" != remove ] || " + Undivert),
                    },
                ],
                New = [new("wrapper", "2") { File("/usr/share/wrapper", "2"), Postinst(Undivert) }],
                Update = ["wrapper=2"],
            }
        );

    [Theory, UnpackedToo]
    public void A_diversion_of_an_administrator(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [Tool],
                New = [new("tool", "2") { File("/usr/bin/tool", "newer") }],
                Prepared =
                    "dpkg-divert --quiet --local --add --rename --divert /usr/bin/tool.distrib /usr/bin/tool; put /usr/bin/tool mine",
                Update = ["tool=2"],
            }
        );

    [Theory, UnpackedToo]
    public void A_diversion_that_goes_with_the_package_that_the_update_removes(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old =
                [
                    Tool,
                    new("wrapper", "1")
                    {
                        File("/usr/bin/tool", "of wrapper"),
                        Preinst(Divert),
                        Postrm("[ \"$1\" != remove ] || " + Undivert),
                    },
                ],
                New = [new("app")],
                Update = ["app", "wrapper-"],
            }
        );

    [Theory, Endings]
    public void An_alternative_that_a_raised_package_adds(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [Nano, new("vim", "1") { File("/usr/bin/vim", "1") }],
                New = [Vim("2")],
                Update = ["vim=2"],
            }
        );

    [Theory, Endings]
    public void A_group_of_alternatives_that_a_raised_package_makes(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [new("vim", "1") { File("/usr/bin/vim", "1") }],
                New = [Vim("2")],
                Update = ["vim=2"],
            }
        );

    [Theory, Endings]
    public void An_alternative_that_a_new_package_adds(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [Nano],
                New = [Vim("2")],
                Update = ["vim"],
            }
        );

    [Theory, Endings]
    public void The_choice_of_an_administrator_whose_program_goes_and_comes_back(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [Nano, Vim("1")],
                New = [new("app")],
                Prepared = "update-alternatives --quiet --set editor /usr/bin/nano",
                Update = ["app", "nano-"],
            }
        );

    [Theory, Endings]
    public void The_choice_of_an_administrator_that_the_script_of_a_raised_program_forgets(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old =
                [
                    Vim("1"),
                    new("nano", "1")
                    {
                        File("/usr/bin/nano", "1"),
                        Postinst(AddNano),
                        Prerm("update-alternatives --quiet --remove editor /usr/bin/nano"),
                    },
                ],
                New =
                [
                    new("nano", "2")
                    {
                        File("/usr/bin/nano", "2"),
                        Postinst(AddNano),
                        Prerm("update-alternatives --quiet --remove editor /usr/bin/nano"),
                    },
                ],
                Prepared = "update-alternatives --quiet --set editor /usr/bin/nano",
                Update = ["nano=2"],
            }
        );

    [Theory, Endings]
    public void A_local_alternative_of_an_administrator(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [Nano],
                New = [new("nano", "2") { File("/usr/bin/nano", "2"), Postinst("update-alternatives --quiet --remove-all editor") }],
                Prepared = """
                put /usr/local/bin/ed mine
                update-alternatives --quiet --install /usr/bin/editor editor /usr/local/bin/ed 99
                update-alternatives --quiet --set editor /usr/local/bin/ed
                """,
                Update = ["nano=2"],
            }
        );

    [Theory, Endings]
    public void A_mode_that_the_script_of_a_raised_package_sets_for_good(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [Tool],
                New =
                [
                    new("tool", "2")
                    {
                        File("/usr/bin/tool", "newer"),
                        Postinst("dpkg-statoverride --quiet --update --add '#0' '#1000' 2755 /usr/bin/tool"),
                    },
                ],
                Update = ["tool=2"],
            }
        );

    [Theory, Endings]
    public void A_mode_that_the_script_of_a_new_package_sets_for_good(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                New =
                [
                    new("tool", "2")
                    {
                        File("/usr/bin/tool", "newer"),
                        Postinst("dpkg-statoverride --quiet --update --add '#0' '#1000' 2755 /usr/bin/tool"),
                        Postrm("[ \"$1\" != purge ] || dpkg-statoverride --quiet --remove /usr/bin/tool"),
                    },
                ],
                Update = ["tool"],
            }
        );

    [Theory, Endings]
    public void A_mode_that_an_administrator_has_set_for_good(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [Tool],
                New =
                [
                    new("tool", "2")
                    {
                        File("/usr/bin/tool", "newer"),
                        Postinst("! dpkg-statoverride --list /usr/bin/tool || dpkg-statoverride --quiet --remove /usr/bin/tool"),
                    },
                ],
                Prepared = "dpkg-statoverride --quiet --update --add '#0' '#1000' 4710 /usr/bin/tool",
                Update = ["tool=2"],
            }
        );

    private const string Divert = "dpkg-divert --quiet --package wrapper --add --rename --divert /usr/bin/tool.real /usr/bin/tool";
    private const string Undivert = "dpkg-divert --quiet --package wrapper --remove --rename --divert /usr/bin/tool.real /usr/bin/tool";
    private const string AddVim = "update-alternatives --quiet --install /usr/bin/editor editor /usr/bin/vim 50";
    private const string AddNano = "update-alternatives --quiet --install /usr/bin/editor editor /usr/bin/nano 40";

    private static Package Tool => new("tool", "1") { File("/usr/bin/tool", "of tool") };

    private static Package Nano =>
        new("nano", "1")
        {
            File("/usr/bin/nano", "1"),
            Postinst(AddNano),
            Prerm("[ \"$1\" != remove ] || update-alternatives --quiet --remove editor /usr/bin/nano"),
        };

    private static Package Vim(string version) =>
        new("vim", version)
        {
            File("/usr/bin/vim", version),
            File("/usr/share/man/vim.1", version),
            Postinst($"{AddVim} --slave /usr/share/man/editor.1 editor.1 /usr/share/man/vim.1"),
            Prerm("[ \"$1\" != remove ] || update-alternatives --quiet --remove editor /usr/bin/vim"),
        };
}
