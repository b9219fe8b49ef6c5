using System.Text.Json;
using System.Text.Json.Nodes;
using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.DesiredState;

/// <summary>Every device actively reports back its state, in few bytes, so that version drift of a large fleet can be seen.</summary>
public sealed class StateTests(StateTests.Published packages) : DeviceTests<StateTests.Published>(packages)
{
    private const string Unknown = "0 0 ",
        Succeeded = "2 0 ";

    [Fact]
    public void A_device_without_updates_reports_what_it_has_and_that_nothing_was_asked()
    {
        Root.Install("foo=1");
        using var state = Device.Ask("state");
        Members(state.RootElement).Should().Equal("state", "fingerprints");
        var reported = state.RootElement.GetProperty("state");
        Members(reported)
            .Should()
            .Equal(
                "packagesFingerprint",
                "packages",
                "executionState",
                "executionSubstate",
                "executionSubstateDetails",
                "sourcesFingerprint",
                "sourcesFilenames"
            );
        reported.GetProperty("packages").GetArrayLength().Should().Be(0);
        Execution(reported).Should().Be(Unknown);
        Root.DuApt("state").Output.Should().StartWith("No update was made by this handler.\n");
    }

    [Fact]
    public void The_packages_of_the_last_desired_state_are_reported_with_the_versions_that_they_have()
    {
        Device.Deployed("foo=1", "bar", "gone-");
        Reported(State()).Should().Equal("foo=1", "bar=2", "gone=(none)");
        Execution(State()).Should().Be(Succeeded);

        Root.AptGet("-y", "remove", "bar");
        Root.Unpack(Packages.Repository.Deb("foo", "2"));
        Reported(State()).Should().Equal("foo=(failed)", "bar=(none)", "gone=(none)");
        Root.DuApt("state").Output.Should().Contain("update1-1.0: succeeded\n  foo=(failed)\n  bar=(none)\n");
    }

    [Fact]
    public void A_failure_is_reported_with_its_kind_and_its_cause()
    {
        Device.Deploy("foo=1", "broken").ExitStatus.Should().Be(1);
        var state = State();
        Execution(state).Should().StartWith("3 9 ").And.Contain("broken").And.Contain("exit status 7");
        Reported(state).Should().Equal("foo=(none)", "broken=(none)");

        File.WriteAllText(Root.At("etc/apt/sources.list.d/unreachable.list"), "deb [trusted=yes] http://127.0.0.1:1/ stable main\n");
        Device.Deploy("nobody-has-it").ExitStatus.Should().Be(3);
        Execution(State()).Should().StartWith("4 8 ").And.Contain("127.0.0.1:1");
    }

    [Fact]
    public void An_update_that_was_undone_or_has_changed_nothing_yet_leaves_the_report_of_the_one_before()
    {
        Device.Deployed("foo=1");
        Device.Deployed("bar");
        Device.Run("restore").ResultCode.Should().Be(1100);
        (Execution(State()), Reported(State()).Single()).Should().Be((Succeeded, "foo=1"));
        Device.Run("download", Device.Manifest("bar")).ResultCode.Should().Be(500);
        (Execution(State()), Reported(State()).Single()).Should().Be((Succeeded, "foo=1"));
    }

    [Fact]
    public void Sources_that_are_for_root_alone_have_no_fingerprint_for_others_and_the_packages_have()
    {
        Root.Install("foo=1");
        var fingerprint = Fingerprint("packages");
        File.WriteAllText(Root.At("etc/apt/sources.list.d/secret.list"), "# deb https://user:password@example.org/ stable main\n");
        Command.Run("chmod", ["0600", Root.At("etc/apt/sources.list.d/secret.list")]).Succeeded("keep others out");
        Command.Run("chmod", ["-R", "a+rwX", Root.At("run/du-apt-handler"), Root.At("var/lib/du-apt-handler")]).Succeeded("let others in");
        Command.Run("chmod", ["0755", Root.Location]).Succeeded("let others in");
        var said = Command.Run(
            "setpriv",
            ["--reuid=65534", "--regid=65534", "--clear-groups", SourceTree.DuApt, "state", "--config", Root.Configuration]
        );
        said.ExitStatus.Should().Be(0, said.Errors);
        said.Output.Should().Contain(fingerprint).And.NotContain("\nsources ");
        said.Errors.Should().StartWith("du-apt: the sources have no fingerprint: ").And.Contain("secret.list");
    }

    [Fact]
    public void An_update_that_runs_is_reported_as_running()
    {
        using var deployment = Device.Start("deploy", Device.Manifest("slow"));
        Wait.Until(() => Execution(State()).StartsWith("1 9 ", StringComparison.Ordinal));
        File.WriteAllText(Root.At("tmp/go"), "");
        deployment.Wait().Succeeded("deploy");
        Execution(State()).Should().Be(Succeeded);
    }

    [Fact]
    public void Both_fingerprints_of_OSConfig_are_those_that_its_own_commands_give()
    {
        Root.Install("foo=1", "bar", "gone");
        Root.AptGet("-y", "remove", "foo");
        Root.Status("foo").Should().Be("deinstall ok config-files");
        File.WriteAllText(Root.At("etc/apt/sources.list.d/other.list"), "# nothing yet\n");
        File.WriteAllText(Root.At("etc/apt/sources.list.d/another.list"), "# neither\n");
        File.CreateSymbolicLink(Root.At("etc/apt/sources.list.d/linked.list"), Root.At("etc/apt/sources.list.d/other.list"));
        File.CreateSymbolicLink(Root.At("etc/apt/sources.list.d/lost.list"), "nowhere");
        Directory.CreateDirectory(Root.At("etc/apt/sources.list.d/more"));
        File.CreateSymbolicLink(Root.At("etc/apt/sources.list.d/around"), Root.At("etc/apt/sources.list.d"));
        Command.Run("mkfifo", [Root.At("etc/apt/sources.list.d/waits.list")]).Succeeded("make a FIFO");
        File.WriteAllText(Root.At("etc/apt/sources.list.d/more/deep.list"), "# apt does not read it\n");
        var state = State();
        state
            .GetProperty("packagesFingerprint")
            .GetString()
            .Should()
            .Be(Hash($"dpkg-query --admindir '{Root.At("var/lib/dpkg")}' --showformat='${{Package}} (=${{Version}})\\n' --show"));
        state
            .GetProperty("sourcesFingerprint")
            .GetString()
            .Should()
            .Be(Hash($"find '{Root.At("etc/apt/sources.list.d")}' -type f -name '*.list' -exec cat {{}} \\;"));
        state
            .GetProperty("sourcesFilenames")
            .EnumerateArray()
            .Select(name => name.GetString())
            .Should()
            .Equal("another.list", "linked.list", "other.list", "private.sources");
    }

    [Fact]
    public void Our_fingerprint_of_packages_is_that_of_sorted_lines_with_architectures()
    {
        Root.Install("foo=1", "bar", "gone");
        Root.AptGet("-y", "remove", "foo");
        Fingerprint("packages")
            .Should()
            .Be(Hash("printf '%s\\n' bar:all=2 gone:all=1"), "foo is not there; what dpkg remembers of it says nothing about the device");
    }

    [Theory]
    [InlineData("sources.list", true)]
    [InlineData("sources.list.d/a.list", true)]
    [InlineData("sources.list.d/a.sources", true)]
    [InlineData("preferences", true)]
    [InlineData("preferences.d/a.pref", true)]
    [InlineData("preferences.d/a", true)]
    [InlineData("sources.list.d/a.list.save", false)]
    [InlineData("preferences.d/a.bak", false)]
    [InlineData("sources.list.d/a+b.list", false)]
    public void Our_fingerprint_of_sources_changes_with_every_file_that_apt_reads_and_with_no_other(string file, bool counts)
    {
        Directory.CreateDirectory(Root.At("etc/apt/preferences.d"));
        var before = Fingerprint("sources");
        File.WriteAllText(Root.At($"etc/apt/{file}"), "# a comment, which apt reads, too\n");
        (Fingerprint("sources") != before).Should().Be(counts);
        File.Delete(Root.At($"etc/apt/{file}"));
        Fingerprint("sources").Should().Be(before);
    }

    [Fact]
    public void The_fingerprint_after_an_update_is_in_its_result()
    {
        var answer = Device.Deployed("foo=1", "bar");
        answer.Fingerprint.Should().Be(Fingerprint("packages"));
        using var history = Device.Ask("history");
        history
            .RootElement.GetProperty("updates")[0]
            .GetProperty("result")
            .GetProperty("details")
            .GetString()
            .Should()
            .EndWith(answer.Fingerprint);

        var many = Device.Deployed([.. Enumerable.Range(0, 60).Select(number => $"one-of-many-packages-{number}=1.0.{number}")]);
        many.Details.Should().EndWith(" …", "what is long is cut");
        many.Fingerprint.Should().Be(Fingerprint("packages"), "and the fingerprint is not");
    }

    [Theory]
    [InlineData("foo=1")]
    [InlineData("foo", "bar=1", "gone-")]
    [InlineData("needs-foo")]
    [InlineData("gone-")]
    public void What_a_reference_device_expects_is_what_the_devices_report_after_the_update(params string[] words)
    {
        Root.Install("foo=1", "gone");
        var manifest = Device.Manifest(words);
        using var expected = Device.Ask("state", "expected", "--manifest", manifest);
        Device.Run("deploy", manifest).ResultCode.Should().Be(700);
        using var actual = Device.Ask("state");
        expected
            .RootElement.GetProperty("fingerprints")
            .GetRawText()
            .Should()
            .Be(actual.RootElement.GetProperty("fingerprints").GetRawText());
        foreach (var member in new[] { "packagesFingerprint", "sourcesFingerprint" })
        {
            var expectation = expected.RootElement.GetProperty("state").GetProperty(member).GetString();
            if (expectation is null)
                words.Should().Contain("gone-", "only of a removal it is open what dpkg remembers");
            else
                actual.RootElement.GetProperty("state").GetProperty(member).GetString().Should().Be(expectation);
        }
    }

    [Fact]
    public void What_is_expected_counts_packages_that_the_update_only_configures()
    {
        Root.AptGet("update");
        Root.Unpack(Packages.Repository.Deb("foo", "1"));
        var manifest = Device.Manifest("foo=1");
        using var expected = Device.Ask("state", "expected", "--manifest", manifest);
        Device
            .Run("deploy", manifest)
            .Fingerprint.Should()
            .Be(expected.RootElement.GetProperty("fingerprints").GetProperty("packages").GetString());
    }

    [Fact]
    public void What_is_expected_of_an_empty_device_does_not_depend_on_the_one_that_it_is_asked_on()
    {
        Root.AptGet("update");
        var manifest = Device.Manifest("needs-foo");
        string Expected()
        {
            using var answer = Device.Ask("state", "expected", "--manifest", manifest, "--empty");
            answer
                .RootElement.GetProperty("fingerprints")
                .GetProperty("sources")
                .ValueKind.Should()
                .Be(JsonValueKind.Null, "nobody knows the sources of that device");
            return answer.RootElement.GetProperty("fingerprints").GetProperty("packages").GetString()!;
        }

        var before = Expected();
        Root.Install("bar");
        Expected().Should().Be(before).And.Be(Hash("printf '%s\\n' foo:all=2 needs-foo:all=1"));
    }

    [Fact]
    public void What_is_expected_counts_the_sources_of_the_manifest()
    {
        Device.Configure("allowSources", "any");
        var manifest = Device.SourcedManifest(
            new JsonObject { ["again"] = Packages.Repository.AsSource($"{Packages.Server.Uri}/./") },
            "foo"
        );
        Root.AptGet("update");
        using var expected = Device.Ask("state", "expected", "--manifest", manifest);
        Device.Run("deploy", manifest).Cause.Should().Be((0, 700, "0x00000000"));
        Fingerprint("sources").Should().Be(expected.RootElement.GetProperty("fingerprints").GetProperty("sources").GetString());
    }

    [Fact]
    public void An_update_that_cannot_be_planned_has_no_expected_state()
    {
        Root.AptGet("update");
        var answer = Root.DuApt("state", "expected", "--manifest", Device.Manifest("foo=9"));
        answer.ExitStatus.Should().Be(1);
        answer.Errors.Should().Contain("foo has no version 9");
        Root.DuApt("state", "expected").ExitStatus.Should().Be(2);
    }

    private static string Hash(string command) =>
        Command.Run("sh", ["-c", $"{command} | sha256sum"]).Succeeded("compute a hash").Output[..64];

    private static IEnumerable<string> Members(JsonElement element) => element.EnumerateObject().Select(member => member.Name);

    private static IEnumerable<string?> Reported(JsonElement state) =>
        state.GetProperty("packages").EnumerateArray().Select(line => line.GetString());

    private static string Execution(JsonElement state) =>
        $"{state.GetProperty("executionState")} {state.GetProperty("executionSubstate")} {state.GetProperty("executionSubstateDetails")}";

    private JsonElement State()
    {
        using var answer = Device.Ask("state");
        return answer.RootElement.GetProperty("state").Clone();
    }

    private string Fingerprint(string of)
    {
        using var answer = Device.Ask("state");
        return answer.RootElement.GetProperty("fingerprints").GetProperty(of).GetString()!;
    }

    public sealed class Published()
        : PublishedPackages(repository =>
        {
            repository
                .Package("foo", "1", conffile: "/etc/foo.conf=as shipped")
                .Package("foo", "2", conffile: "/etc/foo.conf=as shipped")
                .Package("bar", "1")
                .Package("bar", "2")
                .Package("gone", "1")
                .Package("needs-foo", "1", depends: "foo")
                .Package("broken", "1", postinst: "exit 7")
                .Package("slow", "1", postinst: Wait.ForTheTest);
            for (var number = 0; number < 60; number++)
                repository.Package($"one-of-many-packages-{number}", $"1.0.{number}");
        });
}
