using System.Text.Json;
using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Agent;

/// <summary>Which result and which details are left for the operator, and where they are kept.</summary>
public sealed class ResultTests(AgentPackages packages) : AgentTest(packages)
{
    private const string FullDisk = "No space left on device";

    [Theory]
    [InlineData("", 1100)]
    [InlineData("\"Restore\"", 0)]
    public void However_the_way_back_goes_the_cause_that_led_to_it_stays(string fails, int restored)
    {
        // A worker that does all that is asked but the one.
        using var folder = new TemporaryFolder("library");
        var library = Path.Combine(folder, "libdu_apt_handler.so");
        File.Copy(SourceTree.HandlerLibrary, library);
        var program = Path.Combine(folder, "du-apt");
        File.WriteAllText(
            program,
            $$"""
            #!/bin/sh
            IFS= read -r line
            case $line in {{(fails.Length > 0 ? $"*'{fails}'*" : "''")}}) exit 3 ;; esac
            length=$(expr "$line" : '.*"manifestLength":\([0-9]*\)')
            { printf '%s\n' "$line"; head -c "$length"; } | {{SourceTree.DuApt}} "$@"

            """
        );
        Command.Run("chmod", ["0755", program]).Succeeded("make the program executable");

        var report = Run(Agent(Bad) with { Handler = library });
        report.Order.Should().EndWith("Install Restore");
        report.Call("Restore").Result.Code.Should().Be(restored);
        report.Call("Restore").Details.Should().BeNull();
        report.Details.Should().Be(report.Call("Install").Details).And.Contain("exit status 7");
        report.Outcome.Should().Be(new AgentResult(0, 0x30200200));
        report.Recorded.Should().Be(report.Outcome);
    }

    [Fact]
    public void A_download_with_a_full_disk_for_its_records_says_so()
    {
        using (Full())
        {
            var report = Run(Agent(Hello1));
            report.Outcome.Should().Be(new AgentResult(0, 0x30200307));
            report.Recorded.Should().Be(report.Outcome);
            report.Details.Should().Contain(FullDisk).And.Contain(StateFolder);
        }

        State().Should().BeEmpty();
        Run(Agent(Hello1)).Outcome!.Code.Should().Be(700);
    }

    [Fact]
    public void An_installation_with_a_full_disk_for_its_records_changes_nothing_and_says_so()
    {
        using (var small = SmallFileSystem.Around(StateFolder))
        {
            Work("Download", Hello1).GetProperty("resultCode").GetInt32().Should().Be(500);
            small.LeaveKib(0);
            var result = Work("Install", Hello1);
            result.GetProperty("resultCode").GetInt32().Should().Be(0);
            result.GetProperty("extendedResultCode").GetInt32().Should().Be(0x30200307);
            result.GetProperty("details").GetString().Should().Contain(FullDisk);
            State().Should().BeEmpty();

            small.Empty();
            Work("Install", Hello1).GetProperty("resultCode").GetInt32().Should().Be(600);
        }

        Root.Installed("hello").Should().Be("1.0");
    }

    [Fact]
    public void Logs_belong_to_the_user_who_owns_their_folder()
    {
        const string Owner = "12345:23456";
        Command.Run("chown", [Owner, Root.At("var/log/adu")]).Succeeded("give the folder away");
        Run(Agent(Hello1)).Outcome!.Code.Should().Be(700);
        var logs = Directory.GetFiles(Root.At("var/log/adu"));
        logs.Select(log => Path.GetFileName(log).Split('.')[0]).Should().BeEquivalentTo("du-apt", "du-apt-handler");
        foreach (var log in logs)
            Command.Run("stat", ["--format=%u:%g %a", log]).Output.Should().Be($"{Owner} 640\n", log);
    }

    [Fact]
    public void Every_line_of_library_and_worker_names_the_workflow_and_the_history_knows_it()
    {
        Run(Agent(Hello1) with { Id = "1f2e-77" }).Outcome!.Code.Should().Be(700);
        Run(Agent(Bad, "trouble") with { Id = "bad 100%]\u001b[1m" }, AgentHost.Deploy).Outcome!.Code.Should().Be(0);
        foreach (var source in new[] { "du-apt", "du-apt-handler" })
        {
            var lines = File.ReadAllLines(Directory.GetFiles(Root.At("var/log/adu"), $"{source}.*.log").Should().ContainSingle().Subject);
            lines
                .Should()
                .Contain(line => line.EndsWith($" (workflow 1f2e-77) [{source}:0]", StringComparison.Ordinal))
                .And.Contain(line => line.EndsWith($" (workflow bad_100____1m) [{source}:0]", StringComparison.Ordinal))
                .And.OnlyContain(line => line.Contains(" (workflow ", StringComparison.Ordinal));
        }

        var shown = Root.DuApt("history", "--show", "1f2e-77").Succeeded("show the update").Output;
        shown.Should().StartWith("Update 1: applied\n  criteria  1.0\n  workflow  1f2e-77\n").And.Contain("\nSetting up hello (1.0) ...");
        Root.DuApt("history", "--show", "bad 100%]\u001b[1m")
            .Output.Should()
            .StartWith("Update 2: failed")
            .And.Contain("  workflow  bad 100%]^[[1m\n");

        // By hand there is none.
        Root.DuApt("deploy", Root.WriteManifest(Hello2, "second.json")).Succeeded("deploy by hand");
        File.ReadAllLines(Directory.GetFiles(Root.At("var/log/adu"), "du-apt.*.log").Single())[^1].Should().NotContain("workflow");
    }

    private string StateFolder => Root.At("var/lib/du-apt-handler");

    private SmallFileSystem Full()
    {
        var small = SmallFileSystem.Around(StateFolder);
        small.LeaveKib(0);
        return small;
    }

    // A step as the plugin has it done.
    private JsonElement Work(string step, string manifest)
    {
        using var worker = Root.StartDuApt("worker");
        worker.Write(WorkerInput(step, step, manifest));
        worker.CloseInput();
        worker.Wait();
        return JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(Root.At($"run/du-apt-handler/results/{step}.json")));
    }
}
