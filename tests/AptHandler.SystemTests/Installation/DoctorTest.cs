using System.Text.Json;
using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Installation;

/// <summary>A healthy device with the handler registered, for one test that breaks something there and asks doctor.</summary>
public abstract class DoctorTest : IDisposable
{
    protected const string Reference = SmallDevice.ReferenceLibrary;
    protected const string Handlers = "/var/lib/adu/extensions/update_content_handlers";
    protected const string Ours = "/usr/lib/du-apt-handler";
    protected const string State = "/var/lib/du-apt-handler";
    protected const string Criteria = "/var/lib/adu/installedcriteria";
    protected const string Register = "run sudo du-apt register";

    protected static readonly string[] Names =
    [
        "rights",
        "configuration",
        "agent",
        "agent account",
        "agent configuration",
        "registration",
        "other registrations",
        "adu-shell",
        "du-apt-root",
        "programs",
        "state folder",
        "run folder",
        "log folder",
        "installed criteria",
        "records",
        "worker",
        "dpkg",
        "apt",
        "sources",
        "locks",
        "free space",
        "systemd",
    ];

    protected DoctorTest() => Device.DuApt("register").Succeeded("register");

    protected SmallDevice Device { get; } = new();

    public void Dispose()
    {
        Device.Dispose();
        GC.SuppressFinalize(this);
    }

    protected void Package(string name, string status, string fields = "") =>
        File.AppendAllText(
            Device.At("/var/lib/dpkg/status"),
            $"Package: {name}\nStatus: {status}\nMaintainer: nobody\nArchitecture: all\nVersion: 1\n{fields}Description: made for "
                + "a test\n\n"
        );

    protected (string State, string Found, string Remedy) Find(string name) => Findings().Single(finding => finding.Name == name).Finding;

    // One thing is wrong: doctor tells that, and nothing else.
    protected void Expect(string name, string state, string found, string remedy, params string[] alsoBroken)
    {
        var findings = Findings();
        findings.Select(finding => finding.Name).Should().Equal(Names);
        var (actualState, actualFound, actualRemedy) = findings.Single(finding => finding.Name == name).Finding;
        actualState.Should().Be(state, actualFound);
        actualFound.Should().Contain(found);
        actualRemedy.Should().Contain(remedy);
        findings
            .Where(finding => finding.Finding.State != "ok")
            .Select(finding => finding.Name)
            .Should()
            .BeEquivalentTo([name, .. alsoBroken]);
    }

    private IReadOnlyList<(string Name, (string State, string Found, string Remedy) Finding)> Findings()
    {
        var outcome = Device.DuApt("doctor", "--json");
        using JsonDocument answer = Answer.Json(outcome);
        var findings = Read(answer);
        var isHealthy = findings.All(finding => finding.Finding.State != "problem");
        answer.RootElement.GetProperty("isHealthy").GetBoolean().Should().Be(isHealthy);
        outcome.ExitStatus.Should().Be(isHealthy ? 0 : 1);
        foreach (var (_, (state, _, remedy)) in findings)
            (remedy.Length == 0).Should().Be(state == "ok");
        return findings;
    }

    protected static IReadOnlyList<(string Name, (string State, string Found, string Remedy) Finding)> Read(JsonDocument answer)
    {
        return
        [
            .. answer
                .RootElement.GetProperty("checks")
                .EnumerateArray()
                .Select(check => (Text(check, "name"), (Text(check, "state"), Text(check, "found"), Text(check, "remedy")))),
        ];

        static string Text(JsonElement check, string member) => check.GetProperty(member).GetString()!;
    }
}
