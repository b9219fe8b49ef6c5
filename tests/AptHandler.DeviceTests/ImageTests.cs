using AptHandler.DeviceTests.Fixtures;
using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.DeviceTests;

/// <summary>
/// New base images and devices in the field converge: what brings a device to a state brings the image of the next device there, too.
/// </summary>
[Trait("Needs", "processor")]
public sealed class ImageTests
{
    private const string Records = "/var/lib/du-apt-handler/updates";

    private static readonly string[] NotOfTheUpdate = ["dev", "proc", "run", "sys", "tmp", "etc", "usr", "home", "root", "srv", "mnt"];

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void An_old_image_and_a_device_in_the_field_come_to_the_state_of_the_newest_of_several_manifests(string suite)
    {
        using var builder = Device.Installed(suite);
        builder.Install("hello=1.0", "obsolete");
        var packages = builder.Packages();
        var image = new MountedImage(builder);
        var newest = image.Manifest("1.10", "hello=2.0", "obsolete-");
        var answer = image.Deploy(image.Manifest("1.9", "hello=1.0"), newest, image.Manifest("1.2", "rival"));
        answer.Cause.Should().Be((0, 700, "0x00000000"), answer.Details);
        answer.Packages.Should().BeEquivalentTo("hello 1.0 -> 2.0", "world - -> 1:1.0-1", "obsolete 1.0 -> -");
        builder.Packages().Should().Be(packages);

        using var device = Device.Installed(suite);
        device.Install("hello=1.0", "obsolete");
        new DeviceAgent(device) { Manifest = builder.Read(newest) }
            .Run()
            .Outcome.Should()
            .Be(new AgentResult(700, 0));
        image.Packages.Should().Be(device.Packages());
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void A_device_that_is_flashed_with_the_image_reports_the_update_as_installed_at_once(string suite)
    {
        using var builder = Device.Installed(suite);
        var image = new MountedImage(builder);
        var manifest = image.Manifest("1.0", "hello=1.0");
        image.Deploy(manifest).Cause.Should().Be((0, 700, "0x00000000"));

        using var device = builder.Flashed(MountedImage.Root);
        device.Rights("/var/lib/adu/installedcriteria").Should().StartWith("adu:adu ");
        var agent = new DeviceAgent(device) { Manifest = device.Read($"{Records}/000001/manifest.json"), Criteria = "edge-1.0" };
        agent.IsInstalled().Should().Be(900);
        (agent with { Criteria = "edge-0.9" }).IsInstalled().Should().Be(901, "else nothing is tested here");
        device.Run("du-apt", "status").Output.Should().Contain("edge-1.0");

        // And it goes on from there.
        var next = agent with
        {
            Manifest = Manifests.Of("hello=2.0"),
            Criteria = "edge-2.0",
            Id = "workflow-2",
        };
        next.Run().Outcome.Should().Be(new AgentResult(700, 0));
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void A_bare_image_gets_the_agent_and_the_handler_with_its_first_manifest(string suite)
    {
        using var builder = Device.Bare(suite);
        var image = new MountedImage(builder);
        var answer = image.Deploy(image.Manifest("1.0", Published.Agent, $"{Published.Product}={Published.ProductVersion}", "hello=1.0"));
        answer.ExitStatus.Should().Be(0, answer.Details);

        using var device = builder.Flashed(MountedImage.Root);
        Registration.Of(device).Should().Be(Registration.OfProduct);
        device.Rights("/var/lib/adu/installedcriteria").Should().StartWith("adu:adu ");
        ShouldHaveBeenInstalled(device, "edge-1.0");
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void An_image_without_agent_and_handler_remembers_the_update_until_they_come(string suite)
    {
        using var builder = Device.Bare(suite);
        var image = new MountedImage(builder);
        var answer = image.Deploy(image.Manifest("1.0", "hello=1.0"));
        answer.Cause.Should().Be((0, 700, "0x00000000"), answer.Details);
        image.Exists("/var/lib/adu").Should().BeFalse("that is the agent's to make");
        answer.Details.Should().EndWith("; not in the agent's list, because there is no folder /var/lib/adu");
        image.Run("sh", "-c", "cat /var/log/adu/du-apt.*.log").Should().MatchRegex("\\[W\\] edge-1.0 is recorded; not in the agent's list");

        using var device = builder.Flashed(MountedImage.Root);
        device.Install(Published.Agent, $"{Published.Product}={Published.ProductVersion}");
        ShouldHaveBeenInstalled(device, "edge-1.0");
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void No_service_is_started_while_the_image_is_built_and_its_own_policy_stays(string suite)
    {
        using var builder = Device.Bare(suite);
        var image = new MountedImage(builder);
        var manifest = image.Manifest("1.0", "service");
        image.Deploy(manifest).Cause.Should().Be((0, 700, "0x00000000"));
        image.Exists("/var/lib/service-was-told").Should().BeFalse();
        image.Exists(MountedImage.Policy).Should().BeFalse();

        image.Run("apt-get", "-q", "-y", "remove", "service");
        image.Write(MountedImage.Policy, "#!/bin/sh\nexit 0\n");
        builder.Run("chmod", "0755", MountedImage.Root + MountedImage.Policy);
        var own = image.Files("usr/sbin");
        image.Deploy(manifest).Cause.Should().Be((0, 700, "0x00000000"));
        image.Exists("/var/lib/service-was-told").Should().BeFalse();
        image.Changes(own, "usr/sbin").Should().BeEmpty();

        image.Run("apt-get", "-q", "-y", "remove", "service");
        image.Run("apt-get", "-q", "-y", "install", "service");
        image.Read("/var/lib/service-was-told").Should().Be("start\n", "else nothing is tested here");
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void Maintainer_scripts_find_the_image_for_a_root_the_builders_name_service_and_nothing_that_runs_there(string suite)
    {
        using var builder = Device.Bare(suite);
        var image = new MountedImage(builder);
        var answer = image.Deploy(image.Manifest("1.0", "curious"));
        answer.Cause.Should().Be((0, 700, "0x00000000"), answer.Details);
        builder.Exists("/var/lib/curious").Should().BeFalse();
        image.Read("/var/lib/curious/nameservice").Should().Be(MountedImage.BuildersNameService);
        image.Exists("/var/lib/curious/systemd").Should().BeFalse();
        image.Read("/var/lib/curious/kernel").Should().Contain("/dev/null");
        image
            .Read("/var/lib/curious/devices")
            .Trim()
            .Split('\n')
            .Should()
            .BeEquivalentTo("fd", "full", "null", "ptmx", "pts", "random", "shm", "stderr", "stdin", "stdout", "tty", "urandom", "zero");
        (builder.Exists("/dev/shm/curious"), image.Exists("/dev/shm/curious")).Should().Be((false, false));
        image.Read("/var/lib/curious/processes").Should().Contain("dpkg").And.NotContain("perl", "that is the builder's first process");
        image.Read("/var/lib/curious/mounts").Should().Contain(" /proc ").And.Contain(" /sys ").And.NotContain(MountedImage.Root);
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void Nothing_stays_mounted_and_nothing_stays_in_the_image_but_the_update_and_its_record(string suite)
    {
        using var builder = Device.Bare(suite);
        var image = new MountedImage(builder);
        var (mounts, files) = (image.BuildersMounts, image.Files(NotOfTheUpdate));
        image.Deploy(image.Manifest("1.0", "curious", "hello=1.0")).Cause.Should().Be((0, 700, "0x00000000"));
        image.BuildersMounts.Should().Be(mounts);
        image.Changes(files, NotOfTheUpdate).Should().BeEmpty();
        image.Programs.Should().BeEmpty();
        image.Archives.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void The_name_service_of_the_image_stays_what_it_is_a_file_or_a_link(string suite)
    {
        using var builder = Device.Bare(suite);
        var image = new MountedImage(builder);
        foreach (
            var (name, make) in new[]
            {
                ("an own file", "echo 'nameserver 192.0.2.1' >etc/resolv.conf"),
                ("an empty file", ": >etc/resolv.conf"),
                ("a link to what a service will make", "ln -s ../run/systemd/resolve/stub-resolv.conf etc/resolv.conf"),
                ("a link to what is nowhere", "mkdir -p etc/resolvconf; ln -s /etc/resolvconf/none etc/resolv.conf"),
            }
        )
        {
            builder.Shell($"cd {MountedImage.Root}; rm -f .{MountedImage.NameService}; {make}");
            image.Run("dpkg", "--purge", "curious");
            var files = image.Files("etc", "run");
            image.Deploy(image.Manifest("1.0", "curious")).Cause.Should().Be((0, 700, "0x00000000"), name);
            image.Changes(files, "etc", "run").Should().BeEmpty(name);
            image.Read("/var/lib/curious/nameservice").Should().Be(MountedImage.BuildersNameService, name);
        }
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void A_maintainer_script_that_fails_leaves_the_image_as_it_was_and_is_named(string suite)
    {
        using var builder = Device.Bare(suite);
        builder.Install("hello=1.0");
        var image = new MountedImage(builder);
        var (packages, mounts, files) = (image.Packages, image.BuildersMounts, image.Files(NotOfTheUpdate));
        var answer = image.Deploy(image.Manifest("1.0", "hello=2.0", "bad=1.0"));
        answer.Cause.Should().Be((1, 0, "0x30200200"), answer.Details);
        answer.Details.Should().Contain("a maintainer script of bad failed").And.Contain("exit status 7");
        image.Packages.Should().Be(packages);
        image.Changes(files, NotOfTheUpdate).Should().BeEmpty();
        image.BuildersMounts.Should().Be(mounts);
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void To_deploy_again_changes_nothing(string suite)
    {
        using var builder = Device.Installed(suite);
        var image = new MountedImage(builder);
        var manifest = image.Manifest("1.0", "hello=1.0");
        image.Deploy(manifest).Cause.Should().Be((0, 700, "0x00000000"));
        string[] folders = [.. NotOfTheUpdate, "var/lib", "var/cache"];
        var files = image.Files(folders);
        var answer = image.Deploy(manifest);
        answer.Cause.Should().Be((0, 900, "0x00000000"));
        answer.Packages.Should().BeEmpty();
        image.Changes(files, folders).Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void Killed_in_the_middle_it_leaves_nothing_mounted_and_the_next_one_completes(string suite)
    {
        using var builder = Device.Installed(suite);
        var image = new MountedImage(builder);
        var (mounts, files) = (image.BuildersMounts, image.Files(NotOfTheUpdate));
        var manifest = image.Manifest("1.0", "hello=1.0", Published.Slow);
        using (var running = image.Start(manifest))
        {
            Wait.Until(() => image.Exists("/tmp/started"));
            image.BuildersMounts.Should().Be(mounts);
            MountedImage.Signal(running, RunningCommand.Kill);
            running.Wait().ExitStatus.Should().Be(128 + RunningCommand.Kill);
            Wait.Until(() => image.Programs.Length == 0);
        }

        image.BuildersMounts.Should().Be(mounts);
        image.Write("/tmp/go", "");
        var answer = image.Deploy(manifest);
        answer.ExitStatus.Should().Be(0, answer.Details);
        builder.Shell($"cd {MountedImage.Root}/tmp; rm go started");
        image.Changes(files, NotOfTheUpdate).Should().BeEmpty();
        image.Archives.Should().BeEmpty();
        image.BuildersMounts.Should().Be(mounts);
        image.Packages.Should().Contain("slow 1.0 install ok installed").And.Contain("hello 1.0 install ok installed");
        using var device = builder.Flashed(MountedImage.Root);
        ShouldHaveBeenInstalled(device, "edge-1.0");
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void Who_waits_for_it_can_give_it_up(string suite)
    {
        using var builder = Device.Bare(suite);
        var image = new MountedImage(builder);
        using var other = builder.Start(["chroot", MountedImage.Root, "apt-get", "-q", "-y", "install", Published.Slow]);
        Wait.Until(() => image.Exists("/tmp/started"));
        using var running = image.Start(image.Manifest("1.0", "hello=1.0"));
        Wait.Until(() => image.Exists(MountedImage.Policy));
        Wait.Until(() =>
        {
            MountedImage.Signal(running, RunningCommand.Interrupt);
            return running.HasEnded;
        });
        Answer.Of(running.Wait()).ExitStatus.Should().Be(4);
        image.Write("/tmp/go", "");
        other.Wait();
        image.Packages.Should().Contain("slow 1.0 install ok installed").And.NotContain("hello");
        image.Exists(MountedImage.Policy).Should().BeFalse();
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void What_a_maintainer_script_starts_past_the_policy_ends_with_the_deployment(string suite)
    {
        using var builder = Device.Bare(suite);
        var image = new MountedImage(builder);
        image.Deploy(image.Manifest("1.0", "daemon")).Cause.Should().Be((0, 700, "0x00000000"));
        image.Exists("/tmp/daemon").Should().BeTrue("else nothing is tested here");
        image.Programs.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Suites.All), MemberType = typeof(Suites))]
    public void Health_checks_wait_for_the_device(string suite)
    {
        using var builder = Device.Installed(suite);
        var image = new MountedImage(builder);
        builder.Shell(
            $"cd {MountedImage.Root}/etc/du-apt-handler; mkdir -p health.d; printf '#!/bin/sh\nexit 1\n' >health.d/service; chmod "
                + "0755 health.d/service"
        );
        image.Deploy(image.Manifest("1.0", "hello=1.0")).Cause.Should().Be((0, 700, "0x00000000"));
        using var device = builder.Flashed(MountedImage.Root);
        new DeviceAgent(device) { Manifest = Manifests.Of("hello=2.0"), Criteria = "edge-2.0" }
            .Run()
            .Outcome.Should()
            .Be(new AgentResult(0, 0x30200314));
    }

    private static void ShouldHaveBeenInstalled(Device device, string criteria)
    {
        var agent = new DeviceAgent(device) { Manifest = device.Read($"{Records}/000001/manifest.json"), Criteria = criteria };
        agent.IsInstalled().Should().Be(900);
        (agent with { Criteria = $"{criteria}+other" }).IsInstalled().Should().Be(901, "else nothing is tested here");
    }
}
