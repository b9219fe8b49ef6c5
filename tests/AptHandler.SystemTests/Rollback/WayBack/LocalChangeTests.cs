using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;
using static AptHandler.SystemTests.Rollback.WayBack.Parts;

namespace AptHandler.SystemTests.Rollback.WayBack;

/// <summary>What no archive holds as it was: local changes to packages, marks, and what packages tell each other.</summary>
public sealed class LocalChangeTests(PreparedRows rows) : WayBackTests(rows)
{
    [Theory, Endings]
    public void The_mode_and_the_owner_that_an_administrator_has_given_to_a_file_of_a_package(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [App],
                New = [Next],
                Prepared = "chown 0:1000 $R/usr/bin/app; chmod 4750 $R/usr/bin/app; chmod 0600 $R/usr/share/app/list",
                Update = ["app=2"],
            }
        );

    [Theory, Endings]
    public void A_file_of_a_package_that_was_patched(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [App],
                New = [Next],
                Prepared = "put /usr/share/app/list patched; put /usr/share/app/gone patched",
                Update = ["app=2"],
            }
        );

    [Theory, Endings]
    public void A_file_of_a_package_that_was_deleted(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [App],
                New = [Next],
                Prepared = "rm $R/usr/share/app/list $R/usr/share/app/gone",
                Update = ["app=2"],
            }
        );

    [Theory, Endings]
    public void A_file_of_a_package_that_was_made_a_link(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [App],
                New = [Next],
                Prepared = "put /srv/list mine; ln -sf ../../../srv/list $R/usr/share/app/list",
                Update = ["app=2"],
            }
        );

    [Theory, Endings]
    public void A_patched_file_of_a_package_that_goes(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [App],
                New = [new("next") { Field("Conflicts: app") }],
                Prepared = "put /usr/share/app/list patched; chmod 4755 $R/usr/bin/app",
                Update = ["next", "app-"],
            }
        );

    [Theory, Endings]
    public void Modes_and_owners_that_packages_ship(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old =
                [
                    new("app", "1")
                    {
                        File("/usr/bin/app", "1", "4755", "0:1000"),
                        Folder("/var/spool/app", "3777", "7:8"),
                        File("/usr/bin/dropped", "1", "2755", "0:9"),
                    },
                ],
                New =
                [
                    new("app", "2")
                    {
                        File("/usr/bin/app", "2", "0700", "1:1"),
                        Folder("/var/spool/app", "0700", "9:9"),
                        File("/usr/bin/added", "2", "6755", "7:7"),
                    },
                ],
                Update = ["app=2"],
            }
        );

    [Theory, Endings]
    public void Names_of_one_file_in_a_package(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old =
                [
                    new("app", "1")
                    {
                        File("/usr/bin/app", "1"),
                        HardLink("/usr/bin/also", "/usr/bin/app"),
                        HardLink("/usr/share/app/third", "/usr/bin/app"),
                    },
                ],
                New =
                [
                    new("app", "2")
                    {
                        File("/usr/bin/app", "2"),
                        File("/usr/bin/also", "another"),
                        HardLink("/usr/share/app/fourth", "/usr/bin/also"),
                    },
                ],
                Update = ["app=2"],
            }
        );

    [Theory, Endings]
    public void Names_of_one_file_in_a_new_package(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                New = [new("app") { File("/usr/bin/app", "1"), HardLink("/usr/bin/also", "/usr/bin/app") }],
                Prepared = "put /usr/bin/also mine; ln $R/usr/bin/also $R/usr/bin/mine",
                Update = ["app"],
            }
        );

    [Theory, Endings]
    public void The_same_version_that_was_published_again_with_other_content(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [App],
                New =
                [
                    new("app", "1")
                    {
                        File("/usr/bin/app", "1, built again"),
                        File("/usr/share/app/list", "1, built again"),
                        Postinst("exit 0"),
                    },
                    Next,
                ],
                Update = ["app=2"],
            }
        );

    [Theory, Endings]
    public void An_interest_in_a_trigger_that_a_raised_package_has(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [App, Index("1")],
                New = [new("index", "2") { Triggers("interest-noawait /usr/share/other"), Triggers("interest by-name") }, Next],
                Update = ["index=2"],
            }
        );

    [Theory, Endings]
    public void An_interest_in_a_trigger_that_a_new_package_has(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [App],
                New = [new("index", "2") { Triggers("interest /usr/share/app"), Triggers("interest by-name"), Postinst("exit 0") }, Next],
                Update = ["app=2", "index"],
            }
        );

    [Theory, EveryEnding]
    public void What_a_triggered_script_makes_of_the_files_of_others(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [App, Index("1")],
                New =
                [
                    new("app", "2") { File("/usr/share/app/added", "2"), File("/usr/share/app/list", "2") },
                    new("more") { File("/usr/share/app/more", "1") },
                ],
                Update = ["app=2", "more"],
            }
        );

    [Theory, Endings]
    public void The_mark_of_a_package_that_the_update_names(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [new("lib", "1"), new("app", "1") { Field("Depends: lib") }],
                New = [new("lib", "2"), new("more", "1") { Field("Depends: new-lib") }, new("new-lib")],
                Prepared = "auto lib; hold bystander",
                Update = ["lib=2", "more"],
            }
        );

    [Theory, Endings]
    public void The_marks_of_packages_that_go(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [new("lib", "1"), new("app", "1") { Field("Depends: lib") }],
                New = [new("next")],
                Prepared = "auto lib; hold bystander",
                Update = ["next", "app-", "lib-"],
            }
        );

    [Theory, Endings]
    public void A_reboot_that_a_new_package_wants(Ending ending) =>
        GoesBack(ending, new Row { New = [new("kernel") { File("/boot/vmlinuz", "1"), Postinst(WantsReboot) }], Update = ["kernel"] });

    [Theory, Endings]
    public void A_reboot_that_was_wanted_before(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                New = [new("kernel") { File("/boot/vmlinuz", "1"), Postinst(WantsReboot) }],
                Prepared = "put /run/reboot-required '*** System restart required ***'; put /run/reboot-required.pkgs libc6",
                Update = ["kernel"],
            }
        );

    [Theory, Endings]
    public void What_a_package_needs_before_it_is_unpacked(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [App],
                New =
                [
                    new("app", "2") { Field("Pre-Depends: base (>= 2)"), File("/usr/bin/app", "2") },
                    new("base", "2") { File("/usr/lib/base", "2"), Postinst("exit 0") },
                ],
                Update = ["app=2"],
            }
        );

    [Theory, Endings]
    public void A_downgrade(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [Next],
                New = [App],
                Prepared = "put /usr/share/app/list patched",
                Update = ["app=1"],
            }
        );

    [Theory, Endings]
    public void A_new_package_whose_script_does_not_let_it_go(Ending ending) =>
        GoesBack(
            ending,
            new Row
            {
                Old = [App],
                New =
                [
                    new("stubborn")
                    {
                        File("/usr/bin/stubborn", "1"),
                        Conffile("/etc/stubborn.conf", "1"),
                        Prerm("exit 1"),
                        Postrm("[ \"$1\" = abort-install ]"),
                    },
                    Next,
                ],
                Update = ["app=2", "stubborn"],
            }
        );

    [Fact]
    public void A_version_that_nobody_has_any_more_as_it_was_is_not_put_in_its_place()
    {
        using var repository = new Repository();
        repository.Package("app", "1", file: "/usr/bin/app=1").Package("app", "2", file: "/usr/bin/app=2").Index();
        using var server = new HttpServer(repository);
        using var device = new Device(repository, server);
        device.Root.Install("app=1");
        device.Root.AptGet("clean");
        repository.Package("app", "1", file: "/usr/bin/app=1, built again").Index();
        var before = MachineImage.Of(device.Root.Location, OfTheTests);
        device.Deployed("app=2").Details.Should().Contain("cannot go back");
        var answer = device.Run("restore");
        answer.Cause.Should().Be((1, 0, "0x30200312"), answer.Details);
        answer.Details.Should().Contain("app 1");
        device.Root.Packages().Should().Equal("app 2 installed");
        var program = MachineImage.Of(device.Root.Location, OfTheTests).At("/usr/bin/app");
        program.Should().NotBe(before.At("/usr/bin/app")).And.EndWith("'2 | '");
    }

    // As update-notifier's script.
    private const string WantsReboot =
        "cd $DPKG_ROOT; mkdir -p run; echo '*** System restart required ***' >run/reboot-required; echo kernel >>run/reboot-required.pkgs";

    private static Package App =>
        new("app", "1") { File("/usr/bin/app", "1"), File("/usr/share/app/list", "1"), File("/usr/share/app/gone", "1") };

    private static Package Next => new("app", "2") { File("/usr/bin/app", "2"), File("/usr/share/app/list", "2") };

    private static Package Index(string version) =>
        new("index", version)
        {
            Triggers("interest /usr/share/app"),
            Folder("/var/lib/index"),
            Postinst("ls $DPKG_ROOT/usr/share/app | grep -v dpkg- >$DPKG_ROOT/var/lib/index/list"),
            Postrm("[ \"$1\" != purge ] || rm -f $DPKG_ROOT/var/lib/index/list"),
        };
}
