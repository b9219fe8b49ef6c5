using System.Globalization;
using AptHandler.Files;
using AptHandler.Native;
using AptHandler.Processes;

namespace AptHandler.UnitTests.Processes;

public sealed class ChildProcessTests
{
    // The C library keeps two real-time signals for itself and has every new program ignore them (glibc, posix_spawn).
    private const ulong SignalsOfTheLibrary = 0x1_8000_0000;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(255)]
    public void The_exit_status_is_that_of_the_program(int code)
    {
        ExitStatus exit = RealProgram.Shell($"exit {code}").Exit;

        exit.Should().Be(new ExitStatus(code, null));
        exit.IsSuccess.Should().Be(code == 0);
        exit.ToString().Should().Be($"exit status {code}");
    }

    [Fact]
    public void The_signal_that_ended_a_program_is_told()
    {
        ExitStatus exit = RealProgram.Shell("kill -KILL $$").Exit;

        exit.Should().Be(new ExitStatus(null, 9));
        exit.IsSuccess.Should().BeFalse();
        exit.ToString().Should().Be("ended by signal 9");
    }

    [Fact]
    public void The_child_leads_a_session_and_a_process_group_of_its_own()
    {
        using var output = Descriptor.InMemory("output");
        using ChildProcess child = ChildProcess.Spawn(new ChildStart("/bin/cat", ["/proc/self/stat"], []) { Output = output.Number });
        child.Wait(RealProgram.Patience).Should().Be(new ExitStatus(0, null));

        string[] words = RealProgram.TextOf(output).Split(' ');
        string id = child.Id.ToString(CultureInfo.InvariantCulture);
        words[0].Should().Be(id);
        words[4].Should().Be(id, "the process group");
        words[5].Should().Be(id, "the session");
    }

    [Fact]
    public void The_child_ignores_no_signal_although_the_runtime_ignores_broken_pipes()
    {
        SignalsOf(File.ReadAllText("/proc/self/status"), "SigIgn")
            .Should()
            .Match(set => (set & (1UL << (13 - 1))) != 0, "else this test shows nothing");

        string status = RealProgram.Run("/bin/cat", ["/proc/self/status"]).Output;

        (SignalsOf(status, "SigIgn") & ~SignalsOfTheLibrary).Should().Be(0);
    }

    [Fact]
    public void The_child_blocks_no_signal_although_its_parent_does()
    {
        string status = Posix.WithBlocked(
            Posix.SIGUSR2,
            () =>
            {
                SignalsOf(File.ReadAllText("/proc/thread-self/status"), "SigBlk").Should().NotBe(0);
                return RealProgram.Run("/bin/cat", ["/proc/self/status"]).Output;
            }
        );

        SignalsOf(status, "SigBlk").Should().Be(0);
    }

    [Fact]
    public void What_is_not_given_is_the_null_device()
    {
        using ChildProcess child = ChildProcess.Spawn(new ChildStart("/bin/sleep", ["300"], []));
        try
        {
            new[] { 0, 1, 2 }.Select(number => new FileInfo($"/proc/{child.Id}/fd/{number}").LinkTarget).Should().AllBe("/dev/null");
        }
        finally
        {
            child.Terminate(RealProgram.Patience);
        }
    }

    [Fact]
    public void Standard_input_is_at_its_end_at_once() => RealProgram.Run("/bin/cat", []).Should().Be((new ExitStatus(0, null), ""));

    [Fact]
    public void Output_and_errors_go_where_they_are_sent()
    {
        using var output = Descriptor.InMemory("output");
        using var errors = Descriptor.InMemory("errors");
        using var extra = Descriptor.InMemory("extra");
        using ChildProcess child = ChildProcess.Spawn(
            new ChildStart("/bin/sh", ["-c", "echo one; echo two >&2; echo three >&3"], [])
            {
                Output = output.Number,
                Error = errors.Number,
                Extra = extra.Number,
            }
        );
        child.Wait(RealProgram.Patience).Should().Be(new ExitStatus(0, null));

        new[] { output, errors, extra }.Select(RealProgram.TextOf).Should().Equal("one\n", "two\n", "three\n");
    }

    [Fact]
    public void No_descriptor_of_ours_reaches_the_child()
    {
        using var folder = new TemporaryFolder();
        using var memory = Descriptor.InMemory("not-for-children");
        using var file = Descriptor.Open(folder.Write("not-for-children", ""), Libc.O_RDWR);
        using ChildProcess first = ChildProcess.Spawn(new ChildStart("/bin/sleep", ["300"], []));
        using ChildProcess second = ChildProcess.Spawn(new ChildStart("/bin/sleep", ["300"], []));
        try
        {
            // Whoever started the tests may have left something open for all; and the loader of the program opens libraries for a moment.
            RealProgram.Until(
                () =>
                    !Directory
                        .GetFiles($"/proc/{second.Id}/fd")
                        .Select(path => Path.GetFileName(path))
                        .Except(["0", "1", "2", .. InheritedByEveryChild()], StringComparer.Ordinal)
                        .Any(),
                "nothing else should be open in the child"
            );
            InheritedByEveryChild()
                .Should()
                .NotContain([memory.Number.ToString(CultureInfo.InvariantCulture), file.Number.ToString(CultureInfo.InvariantCulture)]);
        }
        finally
        {
            first.Terminate(RealProgram.Patience);
            second.Terminate(RealProgram.Patience);
        }
    }

    [Fact]
    public void The_environment_is_exactly_what_is_given() =>
        RealProgram
            .Run("/usr/bin/env", [], "NAME=value", "WITH=equals=sign", "UMLAUT=ü")
            .Output.Should()
            .Be("NAME=value\nWITH=equals=sign\nUMLAUT=ü\n");

    [Fact]
    public void Arguments_arrive_as_they_are()
    {
        string[] arguments = ["", "two words", "$HOME", "*", "'\"\\", "ü\n"];

        RealProgram.Run("/usr/bin/printf", ["[%s]", .. arguments]).Output.Should().Be(string.Concat(arguments.Select(each => $"[{each}]")));
    }

    [Fact]
    public void A_daemon_that_keeps_the_output_open_does_not_keep_anybody_waiting()
    {
        (ExitStatus exit, string output) = RealProgram.Shell("setsid sleep 300 & echo $!");
        int daemon = int.Parse(output, CultureInfo.InvariantCulture);
        try
        {
            exit.IsSuccess.Should().BeTrue();
            IsRunning(daemon).Should().BeTrue("else nobody kept the output open");
        }
        finally
        {
            _ = Libc.Kill(daemon, Libc.SIGKILL);
        }
    }

    [Fact]
    public void A_child_that_runs_on_has_no_exit_status_yet()
    {
        using ChildProcess child = ChildProcess.Spawn(new ChildStart("/bin/sleep", ["300"], []));

        child.Wait(TimeSpan.Zero).Should().BeNull();
        child.Wait(TimeSpan.FromMilliseconds(30)).Should().BeNull();

        child.Terminate(RealProgram.Patience).Should().Be(new ExitStatus(null, Libc.SIGTERM));
    }

    [Fact]
    public void The_exit_status_can_be_asked_for_again()
    {
        using ChildProcess child = ChildProcess.Spawn(new ChildStart("/bin/sh", ["-c", "exit 7"], []));

        child.Wait(RealProgram.Patience).Should().Be(new ExitStatus(7, null));
        child.Wait(TimeSpan.Zero).Should().Be(new ExitStatus(7, null));
        child.Terminate(TimeSpan.Zero).Should().Be(new ExitStatus(7, null));
    }

    [Fact]
    public void A_child_that_does_not_want_to_end_is_ended()
    {
        using var output = Descriptor.InMemory("output");
        using ChildProcess child = StartAndAwaitFirstLine("trap '' TERM; echo ready; while :; do sleep 1; done", output);

        child.Terminate(TimeSpan.FromMilliseconds(100)).Should().Be(new ExitStatus(null, Libc.SIGKILL));
    }

    [Fact]
    public void A_child_that_tidies_up_first_has_the_time_for_it()
    {
        using var output = Descriptor.InMemory("output");
        using ChildProcess child = StartAndAwaitFirstLine(
            "trap 'echo tidied; exit 3' TERM; echo ready; while :; do sleep 0.05; done",
            output
        );

        child.Terminate(RealProgram.Patience).Should().Be(new ExitStatus(3, null));
        RealProgram.TextOf(output).Should().Be("ready\ntidied\n");
    }

    // What apt starts to fetch archives must not go on when apt itself has ended politely.
    [Fact]
    public void Ending_a_child_ends_all_that_it_started_even_what_ignores_the_polite_request()
    {
        using var output = Descriptor.InMemory("output");
        using ChildProcess child = StartAndAwaitFirstLine("(trap '' TERM; exec sh -c 'echo $$; while :; do sleep 1; done') & wait", output);
        int stubborn = int.Parse(RealProgram.TextOf(output), CultureInfo.InvariantCulture);

        child.Terminate(RealProgram.Patience).Should().Be(new ExitStatus(null, Libc.SIGTERM));

        RealProgram.Until(() => !IsRunning(stubborn), "what the child had started should have ended, too");
    }

    [Theory]
    [InlineData("/nonexistent/program", "No such file or directory")]
    [InlineData("/etc/passwd", "Permission denied")]
    [InlineData("/", "Permission denied")]
    public void A_program_that_cannot_be_started_is_named_with_the_reason(string program, string reason)
    {
        Action starting = () => ChildProcess.Spawn(new ChildStart(program, [], []));

        starting.Should().Throw<IOException>().WithMessage($"cannot start {program}: {reason}");
    }

    [Fact]
    public unsafe void A_status_that_somebody_else_took_is_unknown_and_keeps_nobody_waiting()
    {
        using ChildProcess child = ChildProcess.Spawn(new ChildStart("/bin/true", [], []));
        int status;
        Libc.WaitPid(child.Id, &status, 0).Should().Be(child.Id);

        ExitStatus? exit = child.Wait(RealProgram.Patience);

        exit.Should().Be(ExitStatus.Unknown);
        exit!.Value.IsSuccess.Should().BeFalse("what is not known is no success");
        exit.ToString().Should().Be("exit status unknown");
        child.Terminate(RealProgram.Patience).Should().Be(ExitStatus.Unknown);
    }

    private static ChildProcess StartAndAwaitFirstLine(string script, Descriptor output)
    {
        ChildProcess child = ChildProcess.Spawn(
            new ChildStart("/bin/sh", ["-c", script], ["PATH=/usr/bin:/bin"]) { Output = output.Number }
        );
        RealProgram.Until(() => RealProgram.TextOf(output).EndsWith('\n'), "the child should have begun");
        return child;
    }

    private static List<string> InheritedByEveryChild()
    {
        const int CloseOnExec = 0x80000;
        var inherited = new List<string>();
        foreach (string path in Directory.GetFiles("/proc/self/fdinfo"))
        {
            try
            {
                string flags = File.ReadLines(path).First(line => line.StartsWith("flags:", StringComparison.Ordinal))[6..].Trim();
                if ((Convert.ToInt32(flags, 8) & CloseOnExec) == 0)
                    inherited.Add(Path.GetFileName(path));
            }
            catch (IOException)
            {
                // Closed meanwhile.
            }
        }

        return inherited;
    }

    private static bool IsRunning(int id)
    {
        try
        {
            string status = File.ReadAllText($"/proc/{id}/stat");
            return status[status.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static ulong SignalsOf(string status, string set) =>
        ulong.Parse(
            status.Split('\n').Single(line => line.StartsWith($"{set}:", StringComparison.Ordinal)).Split('\t')[1],
            NumberStyles.HexNumber,
            CultureInfo.InvariantCulture
        );
}
