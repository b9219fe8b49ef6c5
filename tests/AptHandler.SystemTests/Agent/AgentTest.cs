using System.Diagnostics;
using System.Text;
using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Agent;

/// <summary>A device for one test: a private root with nothing installed, and the agent with the handler that was built.</summary>
public abstract class AgentTest : IClassFixture<AgentPackages>, IDisposable
{
    protected const string Hello1 = """{ "name": "greeting", "version": "1.0", "packages": [ { "name": "hello", "version": "1.0" } ] }""";
    protected const string Hello2 = """{ "name": "greeting", "version": "2.0", "packages": [ { "name": "hello", "version": "2.0" } ] }""";
    protected const string Slow = """{ "name": "patience", "version": "1.0", "packages": [ { "name": "slow", "version": "1.0" } ] }""";
    protected const string Bad = """{ "name": "trouble", "version": "1.0", "packages": [ { "name": "bad", "version": "1.0" } ] }""";

    protected const string WholeOrder = "IsInstalled IsInstalled Download IsInstalled Backup Install Apply";

    private const int LongestDetails = 1000;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    protected AgentTest(AgentPackages packages, bool overHttp = false)
    {
        Packages = packages;
        Server = overHttp ? new HttpServer(packages.Repository) : null;
        Root = PrivateRoot.Create(packages.Repository, Server);
    }

    protected AgentPackages Packages { get; }

    protected HttpServer? Server { get; }

    protected PrivateRoot Root { get; }

    public void Dispose()
    {
        Server?.Dispose();
        // A worker that a test left behind would write into the folder while it is being removed.
        Try("touch the gate", () => File.WriteAllText(Root.At("tmp/go"), ""));
        WaitUntilNothingRuns();
        Root.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The agent with an update of one manifest.</summary>
    protected AgentHost Agent(string manifest, string criteria = "1.0") =>
        new() { Payloads = [Root.WriteManifest(manifest)], Criteria = criteria };

    /// <summary>Runs the agent, which must find nothing amiss whatever the update's fate is.</summary>
    protected AgentReport Run(AgentHost agent, string scenario = AgentHost.Deploy) => Checked(agent.Run(Root, scenario));

    protected static AgentReport Checked(AgentReport report)
    {
        report.Process.ExitStatus.Should().Be(0, report.Process.Text);
        foreach (var details in report.Calls.Select(call => call.Details).OfType<string>())
        {
            Encoding.UTF8.GetByteCount(details).Should().BeLessThanOrEqualTo(LongestDetails);
            details.Should().NotContain("%").And.NotMatchRegex(@"\p{Cc}", "it is one line for an operator");
        }

        return report;
    }

    /// <summary>What the plugin writes to a worker.</summary>
    protected static string WorkerInput(string id, string step, string manifest = "", int? length = null) =>
        $$"""{ "id": "{{id}}", "manifestLength": {{length ?? manifest.Length}}, "request": { "step": "{{step}}", "installedCriteria": "1.0" } }"""
        + "\n"
        + manifest;

    /// <summary>What counts as the machine's state: nothing of it may change when nothing should.</summary>
    protected string State() => string.Join('\n', Root.Packages());

    protected static void WaitFor(Func<bool> condition, string what)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            if (watch.Elapsed > Patience)
                throw new TimeoutException($"waited in vain for {what}");
            Thread.Sleep(5);
        }
    }

    /// <summary>Waits until no worker, apt or dpkg of this root is left.</summary>
    protected void WaitUntilNothingRuns() => WaitFor(() => Processes().Count == 0, $"the end of the processes of {Root.Location}");

    /// <summary>The processes that know of this root.</summary>
    private List<string> Processes()
    {
        var found = new List<string>();
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0])))
        {
            Try(
                folder,
                () =>
                {
                    var text = File.ReadAllText(Path.Combine(folder, "environ")) + File.ReadAllText(Path.Combine(folder, "cmdline"));
                    if (text.Contains(Root.Location + "/", StringComparison.Ordinal))
                        found.Add(text);
                }
            );
        }

        return found;
    }

    // Processes come and go while one looks at them.
    private static void Try(string what, Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Debug.WriteLine($"{what}: {e.Message}");
        }
    }
}
