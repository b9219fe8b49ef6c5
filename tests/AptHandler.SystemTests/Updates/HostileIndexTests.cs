using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Updates;

/// <summary>Indexes that no tool writes: what is in them is data, and never an option of a command.</summary>
public sealed class HostileIndexTests(HostileIndexTests.Published packages) : DeviceTests<HostileIndexTests.Published>(packages)
{
    [Theory]
    [InlineData("Depends", "-c={0} (= 1)")]
    [InlineData("Pre-Depends", "-c={0} (= 1)")]
    [InlineData("Depends", "--config-file={0} (= 1)")]
    [InlineData("Depends", "ghost (= 1), -c={0} (= 1)")]
    public void A_dependency_that_looks_like_an_option_is_none(string field, string relation)
    {
        // With these options apt asks the program for the architectures of the machine.
        var configuration = Root.At("tmp/evil.conf");
        var program = Root.At("tmp/evil");
        File.WriteAllText(configuration, $"#clear APT::Architectures;\nDir::Bin::dpkg \"{program}\";\n");
        File.WriteAllText(program, $"#!/bin/sh\ntouch {Root.At("tmp/ran")}\n");
        Command.Run("chmod", ["0755", program]).Succeeded("make the program executable");
        Root.TryAptGet("-c", configuration, "-s", "install", "other");
        File.Exists(Root.At("tmp/ran")).Should().BeTrue("else the test would prove nothing");
        File.Delete(Root.At("tmp/ran"));

        AddPackage($"{field}: {string.Format(System.Globalization.CultureInfo.InvariantCulture, relation, configuration)}");
        var answer = Device.Run("plan", Device.Manifest("evil=1"));
        answer.Cause.Should().Be((1, 0, "0x30200301"), answer.Details);
        File.Exists(Root.At("tmp/ran")).Should().BeFalse();
        Device.Refused(1, "0x30200301", "evil=1");
        File.Exists(Root.At("tmp/ran")).Should().BeFalse();
    }

    // By hand, in a source without signatures: dpkg-deb would not make such a package.
    private void AddPackage(string dependency)
    {
        var folder = Directory.CreateDirectory(Root.At("by-hand")).FullName;
        File.WriteAllText(
            Path.Combine(folder, "Packages"),
            $"""
            Package: evil
            Version: 1
            Architecture: all
            Maintainer: Nobody <nobody@example.invalid>
            {dependency}
            Filename: ./evil.deb
            Size: 1
            SHA256: {new string('0', 64)}
            Description: made for a test

            """
        );
        File.WriteAllText(Root.At("etc/apt/sources.list.d/by-hand.list"), $"deb [trusted=yes] copy:{folder} ./\n");
        Root.AptGet("update");
    }

    public sealed class Published() : PublishedPackages(repository => repository.Package("other", "1"));
}
