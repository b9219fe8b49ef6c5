using System.Runtime.CompilerServices;
using AptHandler.SystemTests.Updates;
using static AptHandler.SystemTests.Rollback.WayBack.Parts;

namespace AptHandler.SystemTests.Rollback.WayBack;

/// <summary>A device that has moved on since the update: <c>du-apt restore</c> undoes the update, and nothing else.</summary>
public sealed class LaterTests(PreparedRows rows) : WayBackTests(rows)
{
    private readonly PreparedRows _rows = rows;

    [Fact]
    public void Packages_that_were_installed_since_stay_with_all_that_they_have_told_dpkg() =>
        IsUndone(
            new Row
            {
                Old = [App],
                New = [Next, Guest("/usr/share/bystander/file")],
                Update = ["app=2"],
                Since = "apt-get -q -y install guest >/dev/null",
            }
        );

    [Fact]
    public void A_package_that_was_installed_since_and_diverts_a_file_of_the_update_keeps_its_place() =>
        IsUndone(
            new Row
            {
                Old = [App],
                New = [Next, Guest("/usr/bin/app")],
                Update = ["app=2"],
                Since = "apt-get -q -y install guest >/dev/null",
            },
            (expected, before) => expected.With("/usr/bin/app.real", before.At("/usr/bin/app"))
        );

    [Fact]
    public void Packages_that_were_removed_since_stay_away() =>
        IsUndone(
            new Row
            {
                Old = [App, new("other") { File("/usr/share/other", "1"), Conffile("/etc/other.conf", "1") }],
                New = [Next],
                Update = ["app=2"],
                Since = "dpkg --purge other",
            }
        );

    [Fact]
    public void A_folder_that_an_administrator_has_replaced_by_a_link_since_stays_a_link() =>
        IsUndone(
            new Row
            {
                Old = [App],
                New = [Next],
                Update = ["app=2"],
                Since = "mkdir $R/srv; mv $R/usr/share/app $R/srv/app; ln -s ../../srv/app $R/usr/share/app",
                Edited = ["/usr/share/app"],
            },
            (expected, before) => expected.With("/srv/app/list", before.At("/usr/share/app/list"))
        );

    [Fact]
    public void What_was_saved_is_not_overwritten_when_the_old_package_has_to_be_unpacked_twice() =>
        IsUndone(
            new Row
            {
                Old = [new("app", "1") { File("/usr/bin/app", "1"), File("/usr/share/app/list", "1"), Postinst(FailsOnce) }],
                New = [Next],
                Update = ["app=2"],
                Since = "put /usr/share/app/list 'of an operator'; : >$R/tmp/fail-once",
                Saved = ["/usr/share/app/list"],
            },
            (expected, _) => expected.With("/tmp/fail-once", null)
        );

    [Fact]
    public void What_an_earlier_restore_has_saved_is_not_overwritten() =>
        IsUndone(
            new Row
            {
                Old = [App],
                New = [Next],
                Prepared = "put /usr/share/app/list.du-apt-saved 'saved long ago'; mkdir $R/usr/share/app/list.du-apt-saved.2",
                Update = ["app=2"],
                Since = "put /usr/share/app/list 'of an operator'",
            },
            (expected, before) =>
                expected
                    .With("/usr/share/app/list.du-apt-saved.3", expected.At("/usr/share/app/list"))
                    .With("/usr/share/app/list", before.At("/usr/share/app/list"))
        );

    [Fact]
    public void A_link_of_the_package_that_leads_elsewhere_since_is_saved() =>
        IsUndone(
            new Row
            {
                Old = [new("tool", "1") { Link("/usr/bin/tool", "tool-1"), File("/usr/bin/tool-1", "1") }],
                New = [new("tool", "2") { Link("/usr/bin/tool", "tool-2"), File("/usr/bin/tool-2", "2") }],
                Update = ["tool=2"],
                Since = "ln -sf ../../opt/tool $R/usr/bin/tool",
                Saved = ["/usr/bin/tool"],
            }
        );

    [Fact]
    public void A_configuration_file_that_was_deleted_before_and_written_anew_since_stays() =>
        IsUndone(
            new Row
            {
                Old = [new("web", "1") { Conffile("/etc/web.conf", "1") }],
                New = [new("web", "2") { Conffile("/etc/web.conf", "2") }],
                Prepared = "rm $R/etc/web.conf",
                Update = ["web=2"],
                Since = "put /etc/web.conf 'of an operator'",
                Edited = ["/etc/web.conf"],
            }
        );

    [Fact]
    public void What_was_named_like_the_leftovers_of_tools_before_is_none() =>
        IsUndone(
            new Row
            {
                Old = [new("app", "1") { File("/usr/bin/app", "1"), Folder("/var/lib/app"), File("/usr/share/app/list", "1") }],
                New = [new("app", "2") { File("/usr/bin/app", "2"), Folder("/var/lib/app"), File("/usr/share/app/list", "2") }],
                Prepared = """
                put /var/lib/app/rows live
                put /var/lib/app.dpkg-backup/rows stale
                put /usr/share/app/mine.dpkg-new mine
                put /usr/share/app/list.dpkg-tmp mine
                """,
                Update = ["app=2"],
                Since = "put /var/lib/app/rows 'more rows'",
            }
        );

    [Fact]
    public void A_package_that_lost_a_file_to_the_update_and_was_purged_since_stays_away() =>
        IsUndone(
            new Row
            {
                Old = [App, new("bar") { File("/usr/bin/shared", "of bar"), File("/usr/share/bar/file", "1") }],
                New =
                [
                    new("app", "2")
                    {
                        Field("Replaces: bar"),
                        File("/usr/bin/app", "2"),
                        File("/usr/share/app/list", "2"),
                        File("/usr/bin/shared", "of app"),
                    },
                ],
                Update = ["app=2"],
                Since = "dpkg --purge bar",
            },
            // Whose it was is gone, and the update had replaced it: it comes back, and belongs to nobody.
            (expected, before) => expected.With("/usr/bin/shared", before.At("/usr/bin/shared"))
        );

    [Theory]
    [InlineData("Failed")]
    [InlineData("Later")]
    public void What_a_script_has_deleted_is_named(string ending)
    {
        var row = new Row
        {
            Old = [App],
            New =
            [
                new("app", "2")
                {
                    File("/usr/bin/app", "2"),
                    Preinst("rm -rf $DPKG_ROOT/var/lib/shop; sed -i /^shop:/d $DPKG_ROOT/etc/passwd"),
                },
            ],
            Prepared = "put /var/lib/shop/rows precious; put /var/lib/other/rows 1; put /etc/passwd shop:x:900:900::/:/bin/false",
            Update = ["app=2"],
        };
        using var device = DeviceOf(row, $"{nameof(What_a_script_has_deleted_is_named)}{ending}");
        string[] words = ending == "Failed" ? ["app=2", PreparedRow.Last] : ["app=2"];
        System.IO.File.WriteAllText(device.Root.At(PreparedRow.EndingFile), $"{Ending.PostinstFails}\n");
        var answer = device.Run("deploy", device.NamedManifest("way-back", "1.0", words));
        if (ending == "Later")
        {
            DeviceShell.Run(device.Root, "rm -r $R/var/lib/other");
            answer = device.Run("restore");
        }

        answer.Details.Should().EndWith("; the packages are as before; not as before: /var/lib/shop, user shop");
    }

    [Fact]
    public void A_second_time_nothing_happens()
    {
        using var device = DeviceOf(
            new Row
            {
                Old = [App],
                New = [Next],
                Update = ["app=2"],
            }
        );
        var before = MachineImage.Of(device.Root.Location, OfTheTests);
        device.Run("deploy", device.NamedManifest("way-back", "1.0", "app=2")).ResultCode.Should().Be(700);
        device.Run("restore").Cause.Should().Be((0, 1100, "0x00000000"));
        var again = device.Run("restore");
        again.ResultCode.Should().Be(1100, again.Details);
        again.Packages.Should().BeEmpty();
        MachineImage.Of(device.Root.Location, OfTheTests).DifferencesFrom(before).Should().BeEmpty();
    }

    // What was changed since the update is so in the end as well; all else is as before it.
    private void IsUndone(Row row, Func<MachineImage, MachineImage, MachineImage>? but = null, [CallerMemberName] string name = "")
    {
        using var device = DeviceOf(row, name);
        var before = MachineImage.Of(device.Root.Location, OfTheTests);
        device.Run("deploy", device.NamedManifest("way-back", "1.0", [.. row.Update])).ResultCode.Should().Be(700);
        var updated = MachineImage.Of(device.Root.Location, OfTheTests);
        DeviceShell.Run(device.Root, row.Since);
        var since = MachineImage.Of(device.Root.Location, OfTheTests).DifferencesFrom(updated);
        since.Should().NotBeEmpty();
        var answer = device.Run("restore");
        answer.Cause.Should().Be((0, 1100, "0x00000000"), answer.Details);
        var expected = since.Aggregate(before, (image, difference) => image.With(difference.Name, difference.Now));
        foreach (var path in row.Saved)
            expected = expected.With(path + SavedBeside, expected.At(path)).With(path, before.At(path));
        expected = but is null ? expected : but(expected, before);
        var differences = MachineImage.Of(device.Root.Location, OfTheTests).DifferencesFrom(expected);
        string.Join('\n', differences).Should().BeEmpty($"nothing but the update is undone, and the result was \"{answer.Details}\"");
        foreach (var path in row.Edited)
            answer.Details.Should().Contain($"{path} was changed after the update, and stays");
        foreach (var path in row.Saved)
            answer.Details.Should().Contain($"saved: {path}{SavedBeside}");
    }

    private Device DeviceOf(Row row, [CallerMemberName] string name = "") => new(_rows.Of(name, row).Root.Copy());

    private const string FailsOnce = "if [ -e $DPKG_ROOT/tmp/fail-once ]; then rm $DPKG_ROOT/tmp/fail-once; exit 1; fi";

    private static Package App => new("app", "1") { File("/usr/bin/app", "1"), File("/usr/share/app/list", "1") };

    private static Package Next => new("app", "2") { File("/usr/bin/app", "2"), File("/usr/share/app/list", "2") };

    private static Package Guest(string diverted) =>
        new("guest")
        {
            File(diverted, "of guest"),
            File("/usr/bin/ed", "of guest"),
            Triggers("interest-noawait /usr/share/guest"),
            Preinst($"dpkg-divert --quiet --package guest --add --rename --divert {diverted}.real {diverted}"),
            Postinst("update-alternatives --quiet --install /usr/bin/editor editor /usr/bin/ed 10"),
        };
}
