using System.Globalization;
using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Memory;

/// <summary>Status files of dpkg that are larger than that of any device.</summary>
public sealed class StatusTests(StatusTests.Published packages) : DeviceTests<StatusTests.Published>(packages)
{
    // As many packages as Debian has.
    private const int AllPackages = 65_000;

    [Fact]
    public void A_machine_that_knows_every_package_of_Debian_is_captured()
    {
        WriteStatus(Root.At("status"), AllPackages, new string('x', 800));
        Capture("package64999").Succeeded("capture").Output.Should().Contain("\"package64999\"");
        Capture().Errors.Should().Contain("choose fewer packages, or make several manifests");
    }

    [Theory]
    [InlineData(500_000, 1, "it has more than 150000 stanzas")]
    [InlineData(1, 60_000_000, "the stanza is longer than 4194304 bytes")]
    [InlineData(70_000, 1000, "67108864 are the most that a database of dpkg has")]
    public void A_larger_one_is_refused_and_it_is_said_why(int packages, int description, string why)
    {
        WriteStatus(Root.At("status"), packages, new string('x', description));
        var outcome = Capture();
        outcome.ExitStatus.Should().Be(2, outcome.Text);
        outcome.Errors.Should().Contain(why);
    }

    [Fact]
    public void A_device_that_knows_every_package_of_Debian_is_updated_and_brought_back()
    {
        Root.AptGet("update");
        WriteStatus(Root.At("var/lib/dpkg/status"), AllPackages / 2, new string('x', 800), "deinstall ok config-files");
        Step("deploy", Device.Manifest("app=1"));
        Root.Installed("app").Should().Be("1");
        Step("restore");
        Root.Installed("app").Should().BeNull();
    }

    private void Step(params string[] words) => PeakMemory.Of(Root, words).Bounded().Succeeded(words[0]);

    private Outcome Capture(params string[] patterns) =>
        PeakMemory.Of(Root, ["manifest", "capture", .. patterns, "--status", Root.At("status"), "--name", "a", "--version", "1"]).Bounded();

    private static void WriteStatus(string path, int packages, string description, string status = "install ok installed")
    {
        using var file = new StreamWriter(path);
        for (var i = 0; i < packages; i++)
        {
            var number = i.ToString(CultureInfo.InvariantCulture);
            file.Write($"Package: package{number}\nStatus: {status}\nMaintainer: nobody\nArchitecture: all\nVersion: 1.{number}\n");
            file.Write($"Description: x\n {description}\n\n");
        }
    }

    public sealed class Published() : PublishedPackages(repository => repository.Package("app", "1"));
}
