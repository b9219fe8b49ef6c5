using System.Runtime.CompilerServices;
using AptHandler.SystemTests.Updates;
using static AptHandler.SystemTests.Rollback.WayBack.Parts;

namespace AptHandler.SystemTests.Rollback.WayBack;

/// <summary>A device that has moved on since the update: <c>du-apt restore</c> undoes the update, and nothing else.</summary>
public sealed class LaterTests(PreparedRows rows) : WayBackTests(rows)
{
    private readonly PreparedRows _rows = rows;

    [Fact]
    public void Packages_that_were_installed_since_stay_with_all_that_they_have_told_dpkg() => IsUndone(new Row
    {
        Old = [App],
        New = [Next, Guest("/usr/share/bystander/file")],
        Update = ["app=2"],
        Since = "apt-get -q -y install guest >/dev/null",
    });

    [Fact]
    public void A_package_that_was_installed_since_and_diverts_a_file_of_the_update_keeps_its_place() => IsUndone(
        new Row
        {
            Old = [App],
            New = [Next, Guest("/usr/bin/app")],
            Update = ["app=2"],
            Since = "apt-get -q -y install guest >/dev/null",
        },
        (expected, before) => expected.With("/usr/bin/app.real", before.At("/usr/bin/app")));

    [Fact]
    public void Packages_that_were_removed_since_stay_away() => IsUndone(new Row
    {
        Old = [App, new("other") { File("/usr/share/other", "1"), Conffile("/etc/other.conf", "1") }],
        New = [Next],
        Update = ["app=2"],
        Since = "dpkg --purge other",
    });

    [Fact]
    public void A_folder_that_an_administrator_has_replaced_by_a_link_since_stays_a_link() => IsUndone(
        new Row
        {
            Old = [App],
            New = [Next],
            Update = ["app=2"],
            Since = "mkdir $R/srv; mv $R/usr/share/app $R/srv/app; ln -s ../../srv/app $R/usr/share/app",
            Edited = ["/usr/share/app"],
        },
        (expected, before) => expected.With("/srv/app/list", before.At("/usr/share/app/list")));

    [Fact]
    public void A_second_time_nothing_happens()
    {
        using var device = DeviceOf(new Row { Old = [App], New = [Next], Update = ["app=2"] });
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
        expected = but is null ? expected : but(expected, before);
        var differences = MachineImage.Of(device.Root.Location, OfTheTests).DifferencesFrom(expected);
        string.Join('\n', differences).Should().BeEmpty($"nothing but the update is undone, and the result was \"{answer.Details}\"");
        foreach (var path in row.Edited)
            answer.Details.Should().Contain($"{path} was changed after the update, and stays");
    }

    private Device DeviceOf(Row row, [CallerMemberName] string name = "") => new(_rows.Of(name, row).Root.Copy());

    private static Package App => new("app", "1") { File("/usr/bin/app", "1"), File("/usr/share/app/list", "1") };

    private static Package Next => new("app", "2") { File("/usr/bin/app", "2"), File("/usr/share/app/list", "2") };

    private static Package Guest(string diverted) => new("guest")
    {
        File(diverted, "of guest"), File("/usr/bin/ed", "of guest"), Triggers("interest-noawait /usr/share/guest"),
        Preinst($"dpkg-divert --quiet --package guest --add --rename --divert {diverted}.real {diverted}"),
        Postinst("update-alternatives --quiet --install /usr/bin/editor editor /usr/bin/ed 10"),
    };
}
