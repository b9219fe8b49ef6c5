using System.Globalization;
using System.Text.Json;
using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Agent;

/// <summary>The worker process: missing, killed, orphaned, or talked to by somebody who is not the plugin.</summary>
public sealed class WorkerTests(AgentPackages packages) : AgentTest(packages, overHttp: true)
{
    // An installed worker would be found and used.
    private const string HideInstalled = "[ ! -d /usr/lib/du-apt-handler ] || mount -t tmpfs none /usr/lib/du-apt-handler";

    public static TheoryData<string> Nonsense =>
        [
            "",
            "\n",
            "cancel\n",
            "null\n",
            "[]\n",
            "{}\n",
            "7\n",
            "\"text\"\n",
            "{ \"id\": \"x\" }\n",
            "{ \"id\": null, \"request\": null }\n",
            "{ \"request\":\n",
            "{ \"id\": \"x\", \"request\": null }\n",
            "{ \"id\": \"\", \"request\": {} }\n",
            "\u0001\u0002\ufffd\n",
            "{\0}\n",
            Request("../../escaped"),
            Request("a/b"),
            Request(".."),
            Request("a\\u0000b"),
            Request(new string('a', 101)),
            Request("x").Replace("\"Download\"", "99", StringComparison.Ordinal),
            Request("x", "short", 6),
            Request("x", "", -1),
            Request("x", "", 1 << 30),
            new('x', 1 << 20),
            new('[', 60_000),
        ];

    [Fact]
    public void A_library_without_its_worker_says_so()
    {
        using var alone = new TemporaryFolder("library");
        var library = Path.Combine(alone, "libdu_apt_handler.so");
        File.Copy(SourceTree.HandlerLibrary, library);
        var report = Run(Agent(Hello1) with { Handler = library, Mounts = HideInstalled });
        report.Outcome.Should().Be(new AgentResult(0, 0x30200001));
        report.Details.Should().Contain("cannot find du-apt").And.Contain("reinstall");
        State().Should().BeEmpty();
    }

    [Fact]
    public void A_worker_that_cannot_be_started_is_a_failure_with_its_cause()
    {
        using var broken = new TemporaryFolder("library");
        var library = Path.Combine(broken, "libdu_apt_handler.so");
        File.Copy(SourceTree.HandlerLibrary, library);
        File.WriteAllText(Path.Combine(broken, "du-apt"), "no program");
        var report = Run(Agent(Hello1) with { Handler = library });
        report.Outcome.Should().Be(new AgentResult(0, 0x30200001));
        report.Details.Should().Contain("cannot start").And.Contain("Permission denied");
    }

    [Fact]
    public void A_worker_that_ends_without_reading_its_request_hurts_nobody()
    {
        using var broken = new TemporaryFolder("library");
        var library = Path.Combine(broken, "libdu_apt_handler.so");
        File.Copy(SourceTree.HandlerLibrary, library);
        var program = Path.Combine(broken, "du-apt");
        File.WriteAllText(program, "#!/bin/sh\nexit 7\n");
        Command.Run("chmod", ["0755", program]).Succeeded("make the program executable");
        var report = Run(Agent(Hello1) with { Handler = library });
        report.Outcome.Should().Be(new AgentResult(0, 0x3020030e));
        report.Details.Should().Contain("exit status 7");
    }

    [Fact]
    public void A_worker_that_is_killed_while_downloading_is_a_failure_and_the_next_one_succeeds()
    {
        Server!.Fail("/pool/hello_*", Fault.Stall);
        using var running = Agent(Hello1).Start(Root);
        WaitFor(() => Directory.GetFiles(Root.At("var/cache/apt/archives/partial")).Length > 0, "a partial archive");
        Kill(Worker());
        var report = Checked(AgentReport.Read(running.Wait()));
        report.Outcome.Should().Be(new AgentResult(0, 0x3020030e));
        report.Recorded.Should().Be(report.Outcome);
        report.Details.Should().Contain("ended by signal 9");
        State().Should().BeEmpty();

        Server.Heal();
        Server.Down();
        Server.Up();
        Run(Agent(Hello1)).Outcome!.Code.Should().Be(700);
    }

    [Fact]
    public void An_agent_that_is_killed_while_dpkg_runs_does_not_take_the_update_with_it()
    {
        using (var running = Agent(Slow).Start(Root))
        {
            WaitFor(() => File.Exists(Root.At("tmp/started")), "the postinst of slow");
            running.Signal(RunningCommand.Kill);
            running.Wait().ExitStatus.Should().Be(128 + RunningCommand.Kill);
        }

        Root.Status("slow").Should().Be("install ok half-configured", "dpkg still waits for it");
        File.WriteAllText(Root.At("tmp/go"), "");
        WaitUntilNothingRuns();
        Root.Status("slow").Should().Be("install ok installed");

        // The worker has written down how it ended, although nobody was there to read it.
        Results()
            .Should()
            .Contain(result => result.GetProperty("step").GetString() == "Install" && result.GetProperty("resultCode").GetInt32() == 600);
        var record = Directory
            .GetFiles(Root.At("var/lib/du-apt-handler/updates"), "update.json", SearchOption.AllDirectories)
            .Should()
            .ContainSingle()
            .Subject;
        Json(record).GetProperty("state").GetString().Should().Be("Installed");

        // The agent begins again after its restart, and only has to record it.
        var again = Run(Agent(Slow));
        again.Codes.Should().Be("901 901 500 901 1000 600 700");
        Run(Agent(Slow), AgentHost.IsInstalled).Call("IsInstalled").Result.Code.Should().Be(900);
    }

    [Theory]
    [MemberData(nameof(Nonsense))]
    public void A_request_that_is_none_is_refused_and_leaves_nothing_behind(string input)
    {
        using var worker = Root.StartDuApt("worker");
        worker.Write(input);
        worker.CloseInput();
        var outcome = worker.Wait();
        outcome.ExitStatus.Should().BeInRange(1, 2, outcome.Text);
        outcome.Text.Should().NotContain("Unhandled").And.NotContain("   at ");
        Directory
            .EnumerateFileSystemEntries(Root.At("var/lib"), "*", SearchOption.AllDirectories)
            .Should()
            .NotContain(path => path.Contains("escaped", StringComparison.Ordinal));
        Directory.EnumerateFileSystemEntries(Root.At("var/lib/du-apt-handler")).Should().BeEmpty();
        State().Should().BeEmpty();
    }

    [Fact]
    public void A_worker_with_a_configuration_that_is_not_valid_changes_nothing_and_says_what_is_wrong()
    {
        var good = File.ReadAllText(Root.Configuration);
        foreach (var step in new[] { "Download", "Install", "Apply" })
        {
            File.WriteAllText(Root.Configuration, good.Replace("\n}", ",\n  \"lockTimeoutSecond\": 5\n}", StringComparison.Ordinal));
            using var worker = Root.StartDuApt("worker");
            worker.Write(WorkerInput("broken", step, Hello1));
            worker.CloseInput();
            var outcome = worker.Wait();
            outcome.ExitStatus.Should().Be(2);
            outcome
                .Errors.Should()
                .Be(
                    $"du-apt: cannot use {Root.Configuration}: 1 error, line 7, column 3: The member \"lockTimeoutSecond\" is "
                        + "unknown; did you mean \"lockTimeoutSeconds\"? See man du-apt-handler.\n"
                );
        }

        Directory.EnumerateFileSystemEntries(Root.At("var/lib/du-apt-handler")).Should().BeEmpty();
        Directory.Exists(Root.At("run/du-apt-handler/results")).Should().BeFalse();
        State().Should().BeEmpty();
    }

    [Fact]
    public void Bytes_that_are_no_text_are_refused()
    {
        var outcome = Command.Run(
            "sh",
            ["-c", "head -c 300000 \"$0\" | \"$0\" --config \"$1\" worker", SourceTree.DuApt, Root.Configuration]
        );
        outcome.ExitStatus.Should().BeInRange(1, 2, outcome.Text);
        outcome.Text.Should().NotContain("Unhandled");
        Directory.EnumerateFileSystemEntries(Root.At("var/lib/du-apt-handler")).Should().BeEmpty();
    }

    [Theory]
    [InlineData(">/dev/full 2>&1")]
    [InlineData("2>&1 | true")]
    public void A_worker_whose_words_nobody_can_hear_ends_as_always(string output)
    {
        var script = $"{{ sleep 0.2; echo nonsense; }} | {{ \"$0\" --config \"$1\" worker; echo $? >\"$2\"; }} {output}";
        Command.Run("sh", ["-c", script, SourceTree.DuApt, Root.Configuration, Root.At("tmp/status")]);
        File.ReadAllText(Root.At("tmp/status")).Should().Be("1\n");
    }

    [Fact]
    public void A_cancel_right_behind_the_request_is_obeyed()
    {
        Server!.Fail("*", Fault.Stall);
        using var worker = Root.StartDuApt("worker");
        worker.Write(Request("early", Hello1) + "nonsense\ncancel\ncancel\n");
        var outcome = worker.Wait();
        outcome.ExitStatus.Should().Be(4, outcome.Text);
        var result = Json(Root.At("run/du-apt-handler/results/early.json"));
        result.GetProperty("resultCode").GetInt32().Should().Be(-1);
        State().Should().BeEmpty();
    }

    [Fact]
    public void A_worker_whose_agent_is_gone_from_the_start_finishes_its_step()
    {
        using var worker = Root.StartDuApt("worker");
        worker.Write(Request("orphan", Hello1));
        worker.CloseInput();
        worker.Wait().ExitStatus.Should().Be(0);
        Json(Root.At("run/du-apt-handler/results/orphan.json")).GetProperty("resultCode").GetInt32().Should().Be(500);
    }

    private static string Request(string id, string manifest = "", int? length = null) => WorkerInput(id, "Download", manifest, length);

    private static JsonElement Json(string file) => JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(file));

    private IEnumerable<JsonElement> Results() => Directory.GetFiles(Root.At("run/du-apt-handler/results")).Select(Json);

    // Not with the runtime's own File: that respects the lock.
    private int Worker() => int.Parse(Command.Run("cat", [Root.At("run/du-apt-handler/worker.lock")]).Output, CultureInfo.InvariantCulture);

    private static void Kill(int process) => Command.Run("kill", ["-KILL", $"{process}"]).Succeeded("kill the worker");
}
