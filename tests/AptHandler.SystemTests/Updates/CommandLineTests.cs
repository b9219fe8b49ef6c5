using System.Text.Json.Nodes;
using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Updates;

/// <summary>du-apt as people and programs call it.</summary>
public sealed class CommandLineTests(CommandLineTests.Published packages) : DeviceTests<CommandLineTests.Published>(packages)
{
    private const string Configuration = "0x30200300";
    private const string ManifestUnreadable = "0x30200311";

    [Theory]
    [InlineData("1.0", "1.0-0", "le eq ge")]
    [InlineData("1.0~rc1", "1.0", "lt le ne")]
    [InlineData("1:0.1", "2.0", "ne ge gt")]
    [InlineData("1.10", "1.9", "ne ge gt")]
    public void Versions_are_compared(string a, string b, string relations)
    {
        foreach (var relation in new[] { "lt", "le", "eq", "ne", "ge", "gt" })
        {
            var holds = relations.Split(' ').Contains(relation);
            var outcome = Command.Run(SourceTree.DuApt, ["version", "compare", a, relation, b, "--json"]);
            outcome.ExitStatus.Should().Be(holds ? 0 : 1, $"{a} {relation} {b}");
            using var json = Answer.Json(outcome);
            json.RootElement.GetProperty("holds").GetBoolean().Should().Be(holds);
        }
    }

    [Theory]
    [InlineData("version", "compare", "1.0", "eq", "not a version")]
    [InlineData("version", "compare", "", "eq", "1")]
    [InlineData("version", "compare", "1.0", "=", "1.0")]
    [InlineData("version")]
    [InlineData]
    [InlineData("explode")]
    [InlineData("deploy")]
    [InlineData("deploy", "a", "b")]
    [InlineData("deploy", "--no-such-option", "a")]
    [InlineData("plan", "a", "--unlisted-removals", "perhaps")]
    public void Words_that_are_wrong_are_no_failed_update(params string[] words)
    {
        var outcome = Root.DuApt(words);
        outcome.ExitStatus.Should().Be(2, outcome.Text);
        outcome.Errors.Should().NotBeEmpty();
        outcome.Text.Should().NotContain("Unhandled").And.NotContain("   at ").And.NotContain("\u001b");
    }

    [Theory]
    [InlineData("plan")]
    [InlineData("deploy")]
    [InlineData("is-installed")]
    public void A_manifest_that_is_no_file_is_told(string command)
    {
        var pipe = Root.At("pipe");
        Command.Run("mkfifo", [pipe]).Succeeded("make a pipe");
        foreach (var path in new[] { Root.At("missing.json"), Root.Location, pipe, "/dev/zero" })
        {
            var answer = Device.Run(command, path);
            answer.Cause.Should().Be((2, 0, ManifestUnreadable), answer.Details);
            answer.Details.Should().Contain(path);
            var text = Root.DuApt(command, path);
            text.ExitStatus.Should().Be(2);
            text.Errors.Should().Contain(path);
        }
    }

    [Fact]
    public void All_problems_of_a_manifest_are_told_as_compilers_do()
    {
        var manifest = Root.WriteManifest("{\n  \"name\": \"a\",\n  \"version\": 1,\n  \"packages\": [ { \"name\": \"Foo\" } ]\n}\n");
        var outcome = Root.DuApt("deploy", manifest);
        outcome.ExitStatus.Should().Be(2);
        outcome.Errors.Should().Contain($"{manifest}:3:").And.Contain($"{manifest}:4:");
        Device.Run("deploy", manifest).Cause.Should().Be((2, 0, "0x30000068"));
    }

    [Fact]
    public void A_configuration_with_an_unknown_member_is_refused_with_its_place()
    {
        var manifest = Device.Manifest("foo");
        var before = Device.State;
        var text = File.ReadAllText(Root.Configuration);
        File.WriteAllText(Root.Configuration, text.Replace("\n}", ",\n  \"lockTimeout\": 5\n}", StringComparison.Ordinal));
        var answer = Device.Run("deploy", manifest);
        answer.Cause.Should().Be((2, 0, Configuration), answer.Details);
        answer.Details.Should().Contain($"{Root.Configuration}: 1 error, line 7, column 3").And.Contain("lockTimeout");
        Device.State.Should().Be(before);
    }

    [Theory]
    [InlineData("lockTimeoutSeconds", "-1")]
    [InlineData("lockTimeoutSeconds", "\"5\"")]
    [InlineData("stateDir", "\"relative\"")]
    [InlineData("unlistedRemovals", "\"perhaps\"")]
    [InlineData("unlistedRemovals", "7")]
    [InlineData("protectedPackages", "[null]")]
    [InlineData("protectedPackages", "null")]
    [InlineData("stateDir", "null")]
    public void A_configuration_with_a_wrong_value_is_refused(string member, string value)
    {
        Device.Configure(member, JsonNode.Parse(value)!);
        var answer = Device.Deploy("foo");
        answer.Cause.Should().Be((2, 0, Configuration), answer.Details);
        answer.Details.Should().Contain(Root.Configuration);
        Root.Packages().Should().BeEmpty();
    }

    [Fact]
    public void Without_its_description_of_the_root_nothing_happens_and_the_host_is_not_touched()
    {
        var host = File.ReadAllBytes("/var/lib/dpkg/status");
        var manifest = Device.Manifest("foo");
        foreach (var missing in new[] { Root.At("missing.conf"), Root.Location })
        {
            Device.Configure("aptConfig", missing);
            foreach (var command in new[] { "plan", "download", "install", "deploy" })
            {
                var answer = Device.Run(command, manifest);
                answer.Cause.Should().Be((2, 0, Configuration), answer.Details);
                answer.Details.Should().Contain(missing);
            }
        }

        File.ReadAllBytes("/var/lib/dpkg/status").Should().Equal(host);
    }

    [Fact]
    public void The_configuration_can_be_named_by_the_environment()
    {
        Device.Deployed("foo");
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["DU_APT_HANDLER_CONFIG"] = Root.Configuration };
        using var history = Answer.Json(Command.Run(SourceTree.DuApt, ["history", "--json"], environment));
        history.RootElement.GetProperty("updates").GetArrayLength().Should().Be(1);

        environment["DU_APT_HANDLER_CONFIG"] = Root.At("missing.json");
        Command.Run(SourceTree.DuApt, ["history"], environment).ExitStatus.Should().Be(2);
        Command
            .Run(SourceTree.DuApt, ["--config", Root.Configuration, "history"], environment)
            .ExitStatus.Should()
            .Be(0, "the option comes first");
    }

    [Fact]
    public void A_variable_for_apt_has_no_effect()
    {
        using var other = new Device(Packages.Repository, Packages.Server);
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["APT_CONFIG"] = other.Root.AptConfiguration,
            ["LC_ALL"] = "de_DE.UTF-8",
        };
        Command
            .Run(SourceTree.DuApt, ["--config", Root.Configuration, "deploy", Device.Manifest("foo")], environment)
            .ExitStatus.Should()
            .Be(0);
        Root.Installed("foo").Should().Be("1");
        other.Root.Packages().Should().BeEmpty();
    }

    [Fact]
    public void Who_is_not_root_can_plan_and_cannot_change_anything()
    {
        Device.Deployed("foo");
        var manifest = Device.Manifest("foo", "bar");
        var before = Device.State;
        var plan = AsNobody("plan", manifest, "--json");
        plan.ExitStatus.Should().Be(0, plan.Text);
        using (var json = Answer.Json(plan))
            Answer.Changes(json.RootElement).Should().Equal("bar - -> 1");

        var status = AsNobody("status");
        status.ExitStatus.Should().Be(1, "whether an update is running is the business of root and of the agent");
        status.Output.Should().BeEmpty();
        status.Errors.Should().Contain("Permission denied");
        var deploy = AsNobody("deploy", manifest, "--json");
        deploy.ExitStatus.Should().NotBe(0);
        Answer.Of(deploy).ResultCode.Should().Be(0);
        Device.State.Should().Be(before);
    }

    [Fact]
    public void Status_and_history_tell_of_no_update_before_the_first_one()
    {
        Root.DuApt("status").Output.Should().Be("No update is running.\nNo update was made by this handler.\n");
        Root.DuApt("history").Output.Should().Be("No update was made by this handler.\n");
        using (var history = Device.Ask("history"))
            history.RootElement.GetProperty("updates").GetArrayLength().Should().Be(0);
        Device.Deployed("foo");
        Root.DuApt("status")
            .Output.Should()
            .Contain("update1-1.0")
            .And.Contain("applied")
            .And.Contain("Its packages are as its manifest asks.");
        Root.DuApt("history").Output.Should().Contain("update1-1.0").And.Contain("foo").And.Contain("apt.log");
    }

    [Fact]
    public void On_a_terminal_there_is_a_bar_and_the_update_is_done_all_the_same()
    {
        // script(1) gives the program a terminal of its own.
        var command = $"{SourceTree.DuApt} deploy {Device.Manifest("foo")} --config {Root.Configuration}";
        var outcome = Command.Run(
            "script",
            ["-qec", command, "/dev/null"],
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["TERM"] = "xterm" }
        );
        outcome.ExitStatus.Should().Be(0, outcome.Text);
        outcome.Text.Should().Contain("100%").And.Contain("apply 700");
        Root.Installed("foo").Should().Be("1");
    }

    [Fact]
    public void A_warning_about_the_manifest_is_told_by_plan_and_by_deploy()
    {
        var manifest = Root.WriteManifest("""{"name":"n","version":"1","packages":[{"name":"foo","Version":"1"}]}""");
        Root.DuApt("plan", manifest).Errors.Should().Contain("warning unknown-member");
        var deployed = Device.Run("deploy", manifest);
        deployed.ResultCode.Should().Be(700);
        deployed.Details.Should().Contain("Version");
    }

    [Fact]
    public void A_configuration_that_does_not_count_for_a_user_is_an_error_and_not_left_out()
    {
        var outcome = Command.Run(
            "setpriv",
            ["--reuid=65534", "--regid=65534", "--clear-groups", SourceTree.DuApt, "plan", Device.Manifest("foo")],
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["DU_APT_HANDLER_CONFIG"] = Root.Configuration }
        );
        outcome.ExitStatus.Should().Be(2);
        outcome.Errors.Should().Contain("--config");
    }

    [Fact]
    public void A_manifest_without_a_name_is_refused_in_a_sentence()
    {
        var outcome = Root.DuApt("plan", "");
        outcome.ExitStatus.Should().Be(2);
        outcome.Errors.Should().Contain("name a file").And.NotContain("fault");
    }

    [Fact]
    public void What_is_not_printed_on_a_terminal_has_no_colours_and_no_stack_traces()
    {
        foreach (
            var words in new[]
            {
                new[] { "deploy", Device.Manifest("foo") },
                ["deploy", Device.Manifest("nothing-like-it")],
                ["status"],
                ["history"],
                ["--help"],
                ["plan", "/"],
            }
        )
            Root.DuApt(words).Text.Should().NotBeEmpty().And.NotContain("\u001b").And.NotContain("   at ");
    }

    [Fact]
    public void Nothing_is_left_behind_in_temporary_folders()
    {
        // Other tests run at the same time: what apt itself and aptly have open there, and their folders, is theirs.
        static IEnumerable<string> Left() =>
            Directory
                .GetFileSystemEntries("/tmp", "*apt*")
                .Where(path =>
                    !path.Contains("du-apt-", StringComparison.Ordinal)
                    && !path.StartsWith("/tmp/aptly", StringComparison.Ordinal)
                    && !path.StartsWith("/tmp/apt.", StringComparison.Ordinal)
                    && !path.StartsWith("/tmp/apt-", StringComparison.Ordinal)
                );
        var others = Left().ToArray();
        Device.Deployed("foo", "bar");
        Left().Should().BeSubsetOf(others);
        Directory.GetFileSystemEntries(Root.At("tmp")).Should().BeEmpty();
    }

    private Outcome AsNobody(params string[] words)
    {
        Command.Run("chmod", ["0755", Root.Location, Packages.Repository.Location]).Succeeded("open the folders");
        // The checkout may lie where others have no way in.
        var program = Root.At("du-apt");
        File.Copy(SourceTree.DuApt, program, overwrite: true);
        return Command.Run(
            "setpriv",
            ["--reuid=65534", "--regid=65534", "--clear-groups", program, "--config", Root.Configuration, .. words]
        );
    }

    public sealed class Published() : PublishedPackages(repository => repository.Package("foo", "1").Package("bar", "1"));
}
