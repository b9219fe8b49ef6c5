using AptHandler.Logging;
using Microsoft.Extensions.Logging;

namespace AptHandler.UnitTests.Logging;

public sealed class AgentLogTests : IDisposable
{
    private static readonly DateTimeOffset Morning = new(2026, 11, 21, 6, 35, 6, 815, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();
    private readonly SetClock _clock = new(Morning);

    [Theory]
    [InlineData(LogLevel.Trace, 'D')]
    [InlineData(LogLevel.Debug, 'D')]
    [InlineData(LogLevel.Information, 'I')]
    [InlineData(LogLevel.Warning, 'W')]
    [InlineData(LogLevel.Error, 'E')]
    [InlineData(LogLevel.Critical, 'E')]
    public void A_line_has_the_agents_format(LogLevel level, char letter)
    {
        Log().Log(level, "a {Thing} happened", "plan");

        Text()
            .Should()
            .MatchRegex(
                $@"^2026-11-21T06:35:06\.8150Z {Environment.ProcessId}\[{Environment.ProcessId}\] \[{letter}\] a plan happened \[du-apt:0\]\n$"
            );
        _folder.Names.Should().Equal("du-apt.20261121-063506.log");
    }

    [Fact]
    public void Times_are_told_in_universal_time()
    {
        _clock.Now = Morning.ToOffset(TimeSpan.FromHours(5));

        Log().LogInformation("x");

        Text().Should().StartWith("2026-11-21T06:35:06.8150Z ");
    }

    [Fact]
    public void What_is_below_the_level_is_left_out()
    {
        AgentLog log = Log(LogLevel.Warning);

        log.LogInformation("quiet");
        log.Log(LogLevel.None, "nothing");
        log.LogWarning("loud");

        Text().Split('\n').Should().HaveCount(2).And.ContainSingle(line => line.Contains("[W] loud", StringComparison.Ordinal));
    }

    [Fact]
    public void A_text_of_several_lines_becomes_one_line_without_control_characters()
    {
        Log().LogError(new InvalidOperationException("in\r\ntwo"), "first\nsecond\tthird\u001b[31m\0");

        string text = Text();
        text.Should().Contain("first second third").And.Contain("in  two").And.EndWith("\n");
        text[..^1].Should().NotContainAny(Enumerable.Range(0, 32).Select(code => ((char)code).ToString()));
    }

    [Fact]
    public void A_huge_text_is_cut()
    {
        Log().LogInformation("{Text}", new string('x', 10_000_000));

        Text().Length.Should().BeInRange(16 * 1024, 17 * 1024);
    }

    [Fact]
    public void The_newest_file_is_continued()
    {
        _folder.Write("du-apt.20250101-000000.log", "older\n");
        _folder.Write("du-apt.20260101-000000.log", "newest\n");
        _folder.Write("other.20270101-000000.log", "of another program\n");

        Log().LogInformation("next");

        File.ReadAllText(_folder["du-apt.20260101-000000.log"]).Should().StartWith("newest\n").And.Contain("next");
        _folder.Names.Should().HaveCount(3);
    }

    [Fact]
    public void A_large_file_is_followed_by_a_new_one_and_only_a_few_are_kept()
    {
        for (int month = 1; month <= 8; month++)
            _folder.Write($"du-apt.2026{month:00}01-000000.log", new string('x', 1 << 20));
        _folder.Write("du-apt-something-else.log", "not ours");

        Log().LogInformation("next");

        _folder
            .Names.Should()
            .Equal(
                "du-apt-something-else.log",
                "du-apt.20260501-000000.log",
                "du-apt.20260601-000000.log",
                "du-apt.20260701-000000.log",
                "du-apt.20260801-000000.log",
                "du-apt.20261121-063506.log"
            );
        File.ReadAllText(_folder["du-apt.20261121-063506.log"]).Should().Contain("next");
    }

    [Theory]
    [InlineData("1f2e-77", "1f2e-77")]
    [InlineData("a) [E]\n2026 100%\u001b[31mé", "a___E__2026_100___31m_")]
    public void A_line_names_the_workflow_that_it_belongs_to(string workflow, string shown)
    {
        new AgentLog(_folder.Path, "du-apt", LogLevel.Trace, _clock, workflow).LogInformation("done");

        Text().Should().EndWith($"[I] done (workflow {shown}) [du-apt:0]\n");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Without_a_workflow_none_is_named(string? workflow)
    {
        new AgentLog(_folder.Path, "du-apt", LogLevel.Trace, _clock, workflow).LogInformation("done");

        Text().Should().EndWith("[I] done [du-apt:0]\n");
    }

    [Fact]
    public void A_huge_workflow_is_cut_and_stays_behind_a_huge_text()
    {
        new AgentLog(_folder.Path, "du-apt", LogLevel.Trace, _clock, new string('w', 1_000_000)).LogInformation(
            "{Text}",
            new string('x', 1_000_000)
        );

        Text().Should().EndWith($"x (workflow {new string('w', 100)}) [du-apt:0]\n").And.Subject.Length.Should().BeLessThan(17 * 1024);
    }

    [Fact]
    public void Plugin_and_worker_together_keep_ten_files_of_a_megabyte()
    {
        AgentLog[] logs =
        [
            new(_folder.Path, "du-apt", LogLevel.Trace, _clock),
            new(_folder.Path, "du-apt-handler", LogLevel.Trace, _clock),
        ];
        for (int i = 0; i < 600; i++)
        {
            _clock.Now += TimeSpan.FromSeconds(1);
            foreach (AgentLog log in logs)
                log.LogInformation("{Number} {Text}", i, new string('x', 20_000));
        }

        FileInfo[] files = new DirectoryInfo(_folder.Path).GetFiles();
        files
            .GroupBy(file => file.Name.Split('.')[0], StringComparer.Ordinal)
            .Should()
            .HaveCount(2)
            .And.OnlyContain(group => group.Count() == 5);
        files.Should().OnlyContain(file => file.Length < (1 << 20) + (17 * 1024));
        files
            .Count(file => File.ReadAllText(file.FullName).Contains("] 599 x", StringComparison.Ordinal))
            .Should()
            .Be(2, "the last line of each is there");
    }

    [Fact]
    public void Thousands_of_files_named_like_ours_are_cleared_away_and_looked_at_once()
    {
        for (int i = 0; i < 3000; i++)
            _folder.Write($"du-apt.20250101-{i:000000}.log", "");
        AgentLog log = Log();

        log.LogInformation("first");

        _folder.Names.Should().HaveCount(5);
        _folder.Write("du-apt.20260101-000000.log", "");
        log.LogInformation("second");
        File.ReadAllText(_folder["du-apt.20250101-002999.log"]).Should().Contain("first").And.Contain("second");
    }

    [Fact]
    public void What_is_only_a_little_like_ours_stays()
    {
        string[] others =
        [
            "du-apt.notes.log",
            "du-apt.20250101-00000x.log",
            "du-apt.20250101-000000.log.gz",
            "du-apt.20250101-0000000.log",
        ];
        foreach (string other in others)
            _folder.Write(other, "other");
        for (int i = 0; i < 9; i++)
            _folder.Write($"du-apt.20260101-00000{i}.log", "");

        Log().LogInformation("x");

        _folder.Names.Should().Contain(others).And.HaveCount(others.Length + 5);
        others.Should().OnlyContain(other => File.ReadAllText(_folder[other]) == "other");
    }

    [Fact]
    public void A_link_that_stands_in_the_way_goes_and_what_it_leads_to_stays()
    {
        string precious = _folder.Write("precious", "precious");
        _folder.Write("du-apt.20260101-000000.log", "real\n");
        File.CreateSymbolicLink(_folder["du-apt.99991231-000000.log"], precious);
        Posix.MakeHardLink(precious, _folder["du-apt.99991231-000001.log"]);
        File.CreateSymbolicLink(_folder["du-apt.99991231-000002.log"], _folder["elsewhere"]);

        Log().LogInformation("x");

        File.ReadAllText(precious).Should().Be("precious");
        File.ReadAllText(_folder["du-apt.20260101-000000.log"]).Should().StartWith("real\n").And.Contain("[I] x ");
        _folder.Names.Should().BeEquivalentTo("precious", "du-apt.20260101-000000.log");
    }

    [Fact]
    public void A_file_that_is_put_aside_while_it_is_written_is_followed_by_another()
    {
        AgentLog log = Log();
        log.LogInformation("first");
        File.Move(_folder["du-apt.20261121-063506.log"], _folder["collected"]);
        _clock.Now += TimeSpan.FromSeconds(1);

        log.LogInformation("second");

        File.ReadAllText(_folder["collected"]).Should().Contain("first").And.NotContain("second");
        File.ReadAllText(_folder["du-apt.20261121-063507.log"]).Should().Contain("second");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_file_that_is_replaced_by_a_link_while_it_is_written_is_left(bool isHardLink)
    {
        string precious = _folder.Write("precious", "precious");
        string current = _folder["du-apt.20261121-063506.log"];
        AgentLog log = Log();
        log.LogInformation("first");
        File.Delete(current);
        if (isHardLink)
            Posix.MakeHardLink(precious, current);
        else
            File.CreateSymbolicLink(current, precious);
        _clock.Now += TimeSpan.FromSeconds(1);

        log.LogInformation("second");

        File.ReadAllText(precious).Should().Be("precious");
        File.ReadAllText(_folder["du-apt.20261121-063507.log"]).Should().Contain("second");
    }

    [Fact]
    public void A_missing_folder_is_made()
    {
        new AgentLog(_folder["a/b"], "du-apt", LogLevel.Debug, _clock).LogInformation("x");

        Directory.GetFiles(_folder["a/b"]).Should().ContainSingle();
    }

    [Fact]
    public void A_link_in_the_place_of_the_file_is_not_followed()
    {
        File.CreateSymbolicLink(_folder["du-apt.20260101-000000.log"], _folder.Write("precious", "precious"));

        Log().LogInformation("x");

        File.ReadAllText(_folder["precious"]).Should().Be("precious");
    }

    [Fact]
    public void A_link_to_nowhere_makes_no_file_there()
    {
        File.CreateSymbolicLink(_folder["du-apt.20260101-000000.log"], _folder["elsewhere"]);

        Log().LogInformation("x");

        File.Exists(_folder["elsewhere"]).Should().BeFalse();
    }

    [Fact]
    public void A_second_name_of_another_file_is_not_written_to()
    {
        Posix.MakeHardLink(_folder.Write("precious", "precious"), _folder["du-apt.20260101-000000.log"]);

        Log().LogInformation("x");

        File.ReadAllText(_folder["precious"]).Should().Be("precious");
    }

    [Fact]
    public async Task A_named_pipe_in_the_place_of_the_file_keeps_nobody_waiting()
    {
        Posix.MakeFifo(_folder["du-apt.20260101-000000.log"]);

        Func<Task> logging = () => Task.Run(() => Log().LogInformation("x")).WaitAsync(RealProgram.Patience);

        await logging.Should().NotThrowAsync();
    }

    [Theory]
    [InlineData("/proc/nowhere")]
    [InlineData("/dev/null")]
    [InlineData("/dev/null/below")]
    public void A_folder_that_cannot_be_used_fails_nothing(string folder)
    {
        Action logging = () => new AgentLog(folder, "du-apt", LogLevel.Debug, _clock).LogInformation("x");

        logging.Should().NotThrow();
    }

    [Fact]
    public void Lines_of_several_threads_are_not_torn()
    {
        AgentLog log = Log();

        Parallel.For(0, 200, number => log.LogInformation("number {Number} ends", number));

        Text()
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Should()
            .HaveCount(200)
            .And.OnlyContain(line => line.EndsWith(" ends [du-apt:0]", StringComparison.Ordinal));
    }

    public void Dispose() => _folder.Dispose();

    private AgentLog Log(LogLevel minimum = LogLevel.Trace) => new(_folder.Path, "du-apt", minimum, _clock);

    private string Text() => File.ReadAllText(Directory.GetFiles(_folder.Path, "du-apt.*.log").Single());
}
