using System.Globalization;
using System.Text.Json;
using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Updates;

/// <summary>
/// What an operator finds out about an update afterwards: all of its record, and what apt and the maintainer scripts printed.
/// </summary>
public sealed class HistoryTests(HistoryTests.Published packages) : DeviceTests<HistoryTests.Published>(packages)
{
    private const int Largest = 8 << 20;

    [Theory]
    [InlineData("history")]
    [InlineData("drift")]
    [InlineData("state")]
    public void Who_may_not_read_the_records_is_told_so_and_not_that_there_are_none(string command)
    {
        Device.Deployed("foo=1");
        Command.Run("chmod", ["0755", Root.Location]).Succeeded("let others in");
        Command.Run("chmod", ["0750", Root.At("var/lib/du-apt-handler")]).Succeeded("keep others out");
        var said = Command.Run(
            "setpriv",
            ["--reuid=65534", "--regid=65534", "--clear-groups", SourceTree.DuApt, command, "--config", Root.Configuration]
        );
        said.ExitStatus.Should().Be(1);
        said.Errors.Should().Contain("Permission denied; run it as root");
        said.Output.Should().BeEmpty();
    }

    [Fact]
    public void An_update_is_shown_by_its_number_and_by_the_newest_that_has_its_criteria()
    {
        Device.Run("deploy", Device.NamedManifest("fleet", "1", "foo=1")).ResultCode.Should().Be(700);
        Device.Run("deploy", Device.NamedManifest("fleet", "1", "foo=2")).ResultCode.Should().Be(700);

        var text = Show("2");
        text.Should().Be(Show("fleet-1"), "it is the newest of the two");
        text.Should()
            .StartWith("Update 2: applied\n  criteria  fleet-1\n  workflow  none, made by hand\n")
            .And.MatchRegex(@"\n  package   foo +1 -> 2\n  result    apply 700: foo 1 -> 2; packages fingerprint [0-9a-f]{64}\n")
            .And.Contain($"from {Root.At("var/lib/du-apt-handler/updates/000002/apt.log")}:\n\n")
            .And.Contain("\nSetting up foo (2) ...")
            .And.NotContain("remedy");
        Show("1").Should().Contain("Update 1: applied").And.Contain("Setting up foo (1) ...");

        using var update = Device.Ask("history", "--show", "1");
        update.RootElement.GetProperty("number").GetInt32().Should().Be(1);
        update.RootElement.GetProperty("installedCriteria").GetString().Should().Be("fleet-1");
        update.RootElement.GetProperty("result").GetProperty("resultCode").GetInt32().Should().Be(700);
        Answer.Changes(update.RootElement).Should().Equal("foo - -> 1");
        update
            .RootElement.GetProperty("output")
            .GetString()
            .Should()
            .Be(File.ReadAllText(Root.At("var/lib/du-apt-handler/updates/000001/apt.log")));
    }

    [Fact]
    public void What_a_script_prints_reaches_no_terminal_as_it_is()
    {
        Device.Deploy("painter").Cause.Should().Be((1, 0, "0x30200200"));

        var text = Show("1");
        text.Should()
            .Contain("Update 1: failed")
            .And.Contain("  result    install 0 0x30200200: ")
            .And.Contain("; mend the package; du-apt history --show ID tells all that it printed; the device is as it was before\n")
            .And.NotContain("  remedy ", "the details say it")
            .And.Contain("^[[31mred^[]0;title^G\ttab\n");
        text.Replace("\n", "", StringComparison.Ordinal).Replace("\t", "", StringComparison.Ordinal).Should().NotMatchRegex(@"\p{Cc}");
        var json = Root.DuApt("history", "--show", "1", "--json").Output;
        json.Replace("\n", "", StringComparison.Ordinal).Should().NotMatchRegex(@"\p{Cc}");
        using var update = JsonDocument.Parse(json);
        update
            .RootElement.GetProperty("output")
            .GetString()
            .Should()
            .Contain("\u001b[31mred\u001b]0;title\u0007\ttab\r\n", "a program gets what there is");
    }

    [Fact]
    public void An_update_that_has_changed_nothing_has_no_output()
    {
        Device.Deploy("foo=9").ResultCode.Should().Be(0);

        Show("1")
            .Should()
            .Contain("; correct the manifest, or publish the package\n")
            .And.EndWith("There is no output of apt: it was not started to change packages.\n");
        using var update = Device.Ask("history", "--show", "1");
        update.RootElement.GetProperty("output").ValueKind.Should().Be(JsonValueKind.Null);
    }

    [Fact]
    public void A_remedy_that_the_details_do_not_name_is_told_besides()
    {
        Device.Run("apply", Device.Manifest("foo")).ExtendedResultCode.Should().Be("0x3020030a");

        Show("1")
            .Should()
            .Contain("  result    apply 0 0x3020030a: cannot record the update")
            .And.Contain("\n  remedy    read what apt printed");
    }

    [Theory]
    [InlineData("3")]
    [InlineData("0")]
    [InlineData("+1")]
    [InlineData("")]
    [InlineData("update1")]
    [InlineData("../000001")]
    public void An_update_that_is_not_there_is_an_error_that_says_what_there_is(string id)
    {
        var none = Root.DuApt("history", "--show", id);
        (none.ExitStatus, none.Output, none.Errors)
            .Should()
            .Be((2, "", $"du-apt: there is no update \"{id}\"; no update was made by this handler\n"));

        Device.Deployed("foo=1");
        Device.Deployed("foo=2");
        var outcome = Root.DuApt("history", "--show", id);
        (outcome.ExitStatus, outcome.Output, outcome.Errors)
            .Should()
            .Be((2, "", $"du-apt: there is no update \"{id}\"; there is 2 (update2-1.0), 1 (update1-1.0)\n"));
        var answer = Device.Run("history", "--show", id);
        answer.Cause.Should().Be((2, 0, "0x00000000"));
        answer.Details.Should().Contain("there is 2 (update2-1.0)");
    }

    [Fact]
    public void Of_many_updates_the_newest_are_named_and_a_damaged_one()
    {
        var failing = Device.Manifest("foo=9");
        for (var i = 0; i < 7; i++)
            Device.Run("download", failing).ResultCode.Should().Be(0);
        File.WriteAllText(Root.At("var/lib/du-apt-handler/updates/000002/update.json"), "damaged");

        Root.DuApt("history", "--show", "2")
            .Errors.Should()
            .Be(
                "du-apt: there is no update \"2\"; the newest of 6 are 7 (update1-1.0), 6 (update1-1.0), 5 (update1-1.0), 4 "
                    + "(update1-1.0), 3 (update1-1.0); du-apt history lists all; the record of update 2 is damaged\n"
            );
    }

    [Fact]
    public void A_script_that_prints_without_end_fills_no_disk_while_it_runs_nor_afterwards()
    {
        var transcript = Root.At("var/lib/du-apt-handler/updates/000001/apt.log");
        using var running = Device.Start("deploy", Device.Manifest("flood"));
        WaitFor(() => File.Exists(Root.At("tmp/printed")), "the first flood");
        // The script waits, and so it is cut while apt runs.
        WaitFor(() => Taken(transcript) < Largest, "the cut");
        File.WriteAllText(Root.At("tmp/go"), "");
        running.Wait().ExitStatus.Should().Be(0);

        new FileInfo(transcript).Length.Should().BeLessThan(Largest);
        var text = File.ReadAllText(transcript);
        text.Should().Contain("the first line of many\n").And.Contain("the last line of many\n").And.NotContain("\0");
        text.TrimEnd().Should().EndWith("the last line of many", "what is printed after a cut lies at the end");
        var note = text.Split('\n').Single(line => line.EndsWith(" bytes were left out here ...]", StringComparison.Ordinal));
        var leftOut = long.Parse(note.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        (leftOut + text.Length - note.Length).Should().BeInRange(80_000_000, 80_010_000, "80 MB were printed, and what apt and dpkg say");
        Show("1").Should().Contain("the first line of many\n").And.Contain(note).And.EndWith("the last line of many\n");
    }

    [Fact]
    public void A_health_check_that_prints_without_end_fills_no_disk_either()
    {
        var check = Path.Combine(Directory.CreateDirectory(Root.At("health.d")).FullName, "flood");
        File.WriteAllText(
            check,
            $"#!/bin/sh\nyes flood | head -c 40000000; touch {Root.At("tmp/printed")}; until [ -e {Root.At("tmp/go")} ]; do sleep "
                + "0.05; done\n"
        );
        File.SetUnixFileMode(check, (UnixFileMode)0x1ED); // 0755
        Device.Configure("healthDir", Root.At("health.d"));
        using var running = Device.Start("deploy", Device.Manifest("foo=1"));
        WaitFor(() => File.Exists(Root.At("tmp/printed")), "the flood");
        WaitFor(() => Taken(Root.At("var/lib/du-apt-handler/updates/000001/apt.log")) < Largest, "the cut");
        File.WriteAllText(Root.At("tmp/go"), "");
        running.Wait().ExitStatus.Should().Be(0);
    }

    [Fact]
    public void Of_a_flood_that_fails_the_last_words_are_told()
    {
        var answer = Device.Deploy("drowning");
        answer.Cause.Should().Be((1, 0, "0x30200200"), answer.Details);
        answer.Details.Should().Contain("a maintainer script of drowning failed");
        new FileInfo(Root.At("var/lib/du-apt-handler/updates/000001/apt.log")).Length.Should().BeLessThan(Largest);
        Show("1").Should().Contain("water everywhere");
    }

    private string Show(string id) => Root.DuApt("history", "--show", id).Succeeded($"show {id}").Output;

    private static long Taken(string file) =>
        long.Parse(Command.Run("stat", ["--format=%b", file]).Output, CultureInfo.InvariantCulture) * 512;

    private static void WaitFor(Func<bool> condition, string what) =>
        SpinWait.SpinUntil(condition, TimeSpan.FromMinutes(1)).Should().BeTrue($"waited for {what}");

    public sealed class Published()
        : PublishedPackages(repository =>
            repository
                .Package("foo", "1")
                .Package("foo", "2")
                .Package("painter", "1", postinst: @"printf '\033[31mred\033]0;title\007\ttab\r\n'; exit 7")
                .Package(
                    "flood",
                    "1",
                    postinst: "echo the first line of many; yes flood | head -c 40000000; touch $DPKG_ROOT/tmp/printed; "
                        + "until [ -e $DPKG_ROOT/tmp/go ]; do sleep 0.05; done; yes flood | head -c 40000000; echo the last line of many"
                )
                .Package("drowning", "1", postinst: "yes flood | head -c 40000000; echo water everywhere >&2; exit 7")
        );
}
