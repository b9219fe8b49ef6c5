using AptHandler.DeviceTests.Fixtures;
using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.DeviceTests;

/// <summary>
/// What <c>deploy --root</c> does not begin with: it is told, and neither the image nor the machine that builds it is changed.
/// </summary>
[Trait("Needs", "processor")]
public sealed class RefusedImageTests
{
    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void What_is_no_image_what_is_no_manifest_and_who_has_no_rights_is_told_and_changes_nothing(string suite)
    {
        using var builder = Device.Bare(suite);
        var image = new MountedImage(builder);
        var manifest = image.Manifest("1.0", "hello=1.0");
        builder.Shell(
            "mkdir -p /srv/empty /srv/linked /srv/bound; ln -s / /srv/linked/etc; ln -s / /srv/link; mount --bind / /srv/bound; "
                + "chmod 0755 /srv"
        );
        var wrong = builder.Write("/srv/wrong.json", """{ "name": "edge", "version": "1.1", "packages": [ { "name": "hello*" } ] }""");
        var equal = builder.Write("/srv/equal.json", """{ "name": "edge", "version": "1.0-0", "packages": [ { "name": "rival" } ] }""");
        var other = builder.Write("/srv/other.json", """{ "name": "other", "version": "1.1", "packages": [ { "name": "hello" } ] }""");
        var (mounts, files) = (image.BuildersMounts, image.Files());
        foreach (
            var (words, parts) in new (string[], string[])[]
            {
                (["/srv/empty", manifest], ["cannot enter /srv/empty", "dev", "mount the root file system"]),
                (["/srv/linked", manifest], ["cannot enter /srv/linked", "mount the root file system"]),
                (["/", manifest], ["cannot enter /", "of this machine"]),
                (["//", manifest], ["cannot enter /", "of this machine"]),
                (["/srv/../.", manifest], ["cannot enter /", "of this machine"]),
                (["/srv/link", manifest], ["cannot enter /srv/link", "of this machine"]),
                (["/srv/bound", manifest], ["cannot enter /srv/bound", "of this machine"]),
                (["/srv/nowhere", manifest], ["cannot enter /srv/nowhere", "no such folder"]),
                ([manifest, manifest], ["cannot enter", "no such folder"]),
                (["", manifest], ["cannot enter a folder without a name"]),
                ([MountedImage.Root, wrong], ["wrong.json", "hello*"]),
                ([MountedImage.Root, manifest, wrong], ["wrong.json", "hello*"]),
                ([MountedImage.Root, manifest, other], ["other.json", "the newest", "one after the other"]),
                ([MountedImage.Root, manifest, equal], [manifest, "equal.json", "the newest", "raise the version"]),
                ([MountedImage.Root, "/srv/none.json"], ["/srv/none.json"]),
                ([MountedImage.Root, manifest, "--config", "/srv/config.json"], ["etc/du-apt-handler/config.json"]),
            }
        )
        {
            ShouldBeRefused(builder.Try(MountedImage.Program, ["deploy", "--root", .. words]), parts);
        }

        ShouldBeRefused(
            builder.Try(
                "setpriv",
                "--reuid=nobody",
                "--regid=nogroup",
                "--clear-groups",
                MountedImage.Program,
                "deploy",
                "--root",
                MountedImage.Root,
                manifest
            ),
            [MountedImage.Root, "sudo"]
        );
        image.Changes(files).Should().BeEmpty();
        image.BuildersMounts.Should().Be(mounts);
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void What_cannot_be_covered_is_told_as_the_images_and_nothing_is_changed(string suite)
    {
        using var builder = Device.Bare(suite);
        var image = new MountedImage(builder);
        var manifest = image.Manifest("1.0", "hello=1.0");
        foreach (
            var (path, make) in new[]
            {
                (MountedImage.NameService, "ln -s resolv.conf etc/resolv.conf"),
                (MountedImage.NameService, "mkdir etc/resolv.conf"),
                (MountedImage.NameService, "ln -s os-release/resolv.conf etc/resolv.conf"),
                (MountedImage.Policy, "mkdir usr/sbin/policy-rc.d"),
            }
        )
        {
            builder.Shell($"cd {MountedImage.Root}; rm -rf .{MountedImage.NameService} .{MountedImage.Policy}; {make}");
            var (mounts, files) = (image.BuildersMounts, image.Files());
            ShouldBeRefused(
                builder.Try(MountedImage.Program, "deploy", "--root", MountedImage.Root, manifest),
                [$"the image {MountedImage.Root}", path, "make that a file"]
            );
            image.Changes(files).Should().BeEmpty(make);
            image.BuildersMounts.Should().Be(mounts, make);
        }
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void A_mistake_in_the_images_configuration_is_told_as_one_of_deploy(string suite)
    {
        using var builder = Device.Bare(suite);
        var image = new MountedImage(builder);
        builder.Shell($"mkdir {MountedImage.Root}/etc/du-apt-handler");
        image.Write("/etc/du-apt-handler/config.json", """{ "reboot": "sometimes" }""");
        var answer = image.Deploy(image.Manifest("1.0", "hello=1.0"));
        (answer.ExitStatus, answer.Step).Should().Be((2, "deploy"), answer.Details);
        answer.Details.Should().Contain("sometimes");
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void What_goes_on_in_an_image_is_refused_where_no_image_was_entered(string suite)
    {
        using var builder = Device.Bare(suite);
        var image = new MountedImage(builder);
        var (packages, mounts) = (builder.Packages(), image.BuildersMounts);
        ShouldBeRefused(builder.Try("unshare", "--pid", "--fork", MountedImage.Program, "deploy-in-image"), ["deploy --root DIR"]);
        builder.Shell($"mkdir /run/du-apt-image; cp {image.Manifest("1.0", "hello=1.0")} /run/du-apt-image/manifest.json");
        ShouldBeRefused(builder.Try(MountedImage.Program, "deploy-in-image"), ["deploy --root DIR"]);
        image.BuildersMounts.Should().Be(mounts);
        builder.Packages().Should().Be(packages);
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void An_image_in_which_this_program_cannot_run_is_told_and_not_changed(string suite)
    {
        using var builder = Device.Bare(suite);
        var image = new MountedImage(builder);
        image.Run("sh", "-ec", "mv $(readlink -f /lib64/ld-linux-x86-64.so.2) /usr/lib/hidden");
        var (mounts, files) = (image.BuildersMounts, image.Files());
        ShouldBeRefused(
            builder.Try(MountedImage.Program, "deploy", "--root", MountedImage.Root, image.Manifest("1.0", "hello=1.0")),
            ["cannot run du-apt in", "architecture"]
        );
        image.Changes(files).Should().BeEmpty();
        image.BuildersMounts.Should().Be(mounts);
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void Two_at_once_do_not_meet_in_one_image(string suite)
    {
        using var builder = Device.Bare(suite);
        var image = new MountedImage(builder);
        using var first = image.Start(image.Manifest("1.0", Published.Slow));
        Wait.Until(() => image.Exists("/tmp/started"));
        var second = image.Deploy(image.Manifest("2.0", "hello=1.0"));
        second.ExitStatus.Should().Be(3, second.Details);
        second.Details.Should().Contain(MountedImage.Root);
        image.Write("/tmp/go", "");
        Answer.Of(first.Wait()).Cause.Should().Be((0, 700, "0x00000000"));
        image.Packages.Should().Contain("slow 1.0 install ok installed").And.NotContain("hello");
    }

    private static void ShouldBeRefused(Outcome outcome, IEnumerable<string> parts)
    {
        outcome.ExitStatus.Should().Be(2, outcome.Text);
        outcome.Output.Should().BeEmpty();
        outcome.Errors.Should().ContainAll(parts);
    }
}
