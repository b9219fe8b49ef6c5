using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Updates;

/// <summary>Devices whose configuration of apt is made for people at a terminal.</summary>
public sealed class AptOptionsTests(AptOptionsTests.Published packages) : DeviceTests<AptOptionsTests.Published>(packages)
{
    private static readonly string[] Kernels =
    [
        "linux-image-5.1-amd64",
        "linux-image-5.2-amd64",
        "linux-image-5.3-amd64",
        "linux-image-5.4-amd64",
    ];

    [Theory]
    [InlineData("APT::Get::AutomaticRemove \"true\";")]
    [InlineData("Binary::apt-get::APT::Get::AutomaticRemove \"true\";")]
    [InlineData("APT::Get::AutomaticRemove::Kernels \"true\"; APT::VersionedKernelPackages { \"linux-.*\"; };")]
    [InlineData("APT::Get::Purge \"true\";")]
    [InlineData("APT::Get::Remove \"false\";")]
    [InlineData("APT::Get::Upgrade \"false\";")]
    [InlineData("APT::Get::Only-Upgrade \"true\";")]
    [InlineData("APT::Get::ReInstall \"true\";")]
    [InlineData("APT::Get::Simulate \"true\";")]
    [InlineData("APT::Get::Download-Only \"true\";")]
    [InlineData("APT::Get::Print-URIs \"true\";")]
    [InlineData("APT::Get::Trivial-Only \"true\";")]
    [InlineData("APT::Get::Download \"false\";")]
    [InlineData("DPkg { ConfigurePending \"false\"; NoTriggers \"true\"; TriggersPending \"false\"; }; PackageManager::Configure \"no\";")]
    [InlineData("quiet \"2\"; APT::Get::Assume-No \"true\"; APT::Get::Show-Versions \"true\"; APT::Get::Mark-Auto \"true\";")]
    public void An_update_does_what_its_manifest_asks_and_nothing_else(string option)
    {
        Root.Install(["foo=1", "gone", "orphan", .. Kernels]);
        Command.Run("apt-mark", ["auto", "orphan", .. Kernels], Root.Environment).Succeeded("mark them");
        Device.AptOption(option);

        Device.Deployed("foo=2", "new", "gone-").Packages.Should().BeEquivalentTo("foo 1 -> 2", "new - -> 1", "gone 1 -> -");
        Root.Packages()
            .Should()
            .BeEquivalentTo([
                .. Kernels.Select(kernel => $"{kernel} {kernel[12..15]} installed"),
                "foo 2 installed",
                "gone 1 config-files",
                "new 1 installed",
                "orphan 1 installed",
            ]);
        Root.AutoMarks().Should().BeEquivalentTo(["orphan", .. Kernels]);
        var log = Device.DpkgLog;
        Device.Deployed("foo=2", "new", "gone-").Packages.Should().BeEmpty();
        Device.DpkgLog.Should().Equal(log);
    }

    [Theory]
    [InlineData("quiet \"1\";")]
    [InlineData("quiet \"2\";")]
    public void The_cause_is_told_however_quiet_apt_is_for_others(string option)
    {
        Root.Install("foo=1");
        Root.Hold("foo");
        Device.AptOption(option);
        Device.Refused(1, "0x30200302", "foo=2").Details.Should().Contain("held: foo would have to change");
        Device.Refused(1, "0x30200301", "broken").Details.Should().Contain("broken : Depends: nonesuch");
    }

    [Fact]
    public void What_the_device_chooses_to_recommend_is_its_own_choice()
    {
        Root.AptGet("update");
        Device.AptOption("APT::Install-Recommends \"false\";");
        Device.Deployed("recommending").Packages.Should().Equal("recommending - -> 1");
        Device.AptOption("APT::Install-Recommends \"true\"; APT::Install-Suggests \"true\";");
        Device.Deployed("recommending-");
        Device.Deployed("recommending").Packages.Should().BeEquivalentTo("recommending - -> 1", "new - -> 1", "orphan - -> 1");
    }

    [Fact]
    public void Archives_may_lie_elsewhere()
    {
        Root.AptGet("update");
        var elsewhere = Root.At("data/debs");
        Directory.CreateDirectory(Path.Combine(elsewhere, "partial"));
        Directory.Delete(Root.At("var/cache/apt/archives"), recursive: true);
        File.WriteAllText(Root.At("etc/apt/apt.conf.d/50data"), $"Dir::Cache::archives \"{elsewhere}\";\n");

        Device.Deployed("foo=1");
        Device.Deployed("foo=2", "new").Details.Should().NotContain("cannot go back");
        Directory.Exists(Root.At("var/cache/apt/archives")).Should().BeFalse();
        Directory.EnumerateFiles(elsewhere, "*.deb").Should().HaveCount(3);
        Device.Run("restore").Cause.Should().Be((0, 1100, "0x00000000"));
        Root.Packages().Should().Equal("foo 1 installed");
    }

    public sealed class Published()
        : PublishedPackages(repository =>
        {
            foreach (var kernel in Kernels)
                repository.Package(kernel, kernel[12..15], fields: "Section: kernel");
            repository
                .Package("foo", "1")
                .Package("foo", "2")
                .Package("new", "1")
                .Package("orphan", "1")
                .Package("gone", "1", conffile: "/etc/gone.conf=as shipped")
                .Package("recommending", "1", fields: ["Recommends: new", "Suggests: orphan"])
                .Package("broken", "1", depends: "nonesuch");
        });
}
