using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Installation;

/// <summary>What the scripts do on a machine that is fresh.</summary>
public sealed class SetUpTests : IDisposable
{
    private const string Found = "the .NET SDK";

    private readonly TemporaryFolder _folder = new("set-up");

    private static string Needs => SourceTree.Script("needs.sh");

    [Fact]
    public void An_apt_that_holds_its_lock_is_waited_for()
    {
        var lists = Directory.CreateDirectory(Path.Combine(_folder, "lists")).FullName;
        var configuration = Path.Combine(_folder, "apt.conf");
        File.WriteAllText(
            configuration,
            $"Dir::State::lists \"{lists}\";\nDir::Cache \"{_folder}\";\nDir::Etc::SourceList "
                + "\"/dev/null\";\nDir::Etc::SourceParts \"/dev/null\";\n"
        );
        using var held = File.Open(Path.Combine(lists, "lock"), FileMode.Create);
        held.Lock(0, 1);
        using var running = new RunningCommand(
            "bash",
            ["-euo", "pipefail", "-c", $". {Needs}; patient_apt update"],
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["APT_CONFIG"] = configuration }
        );

        running.WaitForText("waiting for apt: Could not get lock");
        running.HasEnded.Should().BeFalse();
        held.Unlock(0, 1);

        running.Wait().Succeeded("update the lists");
    }

    [Fact]
    public void What_is_wrong_for_another_reason_is_told_at_once()
    {
        var outcome = Command.Run("bash", ["-euo", "pipefail", "-c", $". {Needs}; patient_apt no-such-operation"]);

        (outcome.ExitStatus, outcome.Errors).Should().Be((100, "E: Invalid operation no-such-operation\n"));
    }

    [Fact]
    public void Without_an_sdk_one_sentence_says_which_and_from_where()
    {
        var programs = Directory.CreateDirectory(Path.Combine(_folder, "programs")).FullName;
        foreach (var program in new[] { "sed", "cut", "paste" })
            File.CreateSymbolicLink(Path.Combine(programs, program), $"/usr/bin/{program}");

        Ask(SourceTree.Root, programs)
            .Should()
            .MatchRegex(
                $@"\A[^\n]+: {Found} 10\.0\.4\d\d, or a later 10\.0\.4xx, is missing \(there is none\); get it at https://dotnet\.microsoft\.com/download\n\z"
            );
    }

    [Fact]
    public void An_sdk_that_is_too_old_is_named()
    {
        File.WriteAllText(Path.Combine(_folder, "global.json"), """{ "sdk": { "version": "99.0.100" } }""");

        Ask(_folder, Environment.GetEnvironmentVariable("PATH")!)
            .Should()
            .MatchRegex($@"{Found} 99\.0\.100, or a later 99\.0\.1xx, is missing \(there is 10\.0\.");
    }

    [Fact]
    public void The_sdk_of_this_machine_is_enough() =>
        Command
            .Run("bash", ["-euo", "pipefail", "-c", $"cd {SourceTree.Root}; . {Needs}; need_dotnet"])
            .Succeeded("find the SDK")
            .Text.Should()
            .BeEmpty();

    public void Dispose() => _folder.Dispose();

    private static string Ask(string folder, string path)
    {
        var outcome = Command.Run(
            "/bin/bash",
            ["-euo", "pipefail", "-c", $"cd {folder}; . {Needs}; need_dotnet; echo not reached"],
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["PATH"] = path }
        );
        (outcome.ExitStatus, outcome.Output).Should().Be((1, ""));
        return outcome.Errors;
    }
}
