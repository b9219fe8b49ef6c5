using System.CommandLine;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using AptHandler.Apt;
using AptHandler.CommandLine;
using AptHandler.CommandLine.Manual;
using AptHandler.CommandLine.Shared;
using AptHandler.Manifests;
using AptHandler.Results;
using AptHandler.Settings;

namespace AptHandler.UnitTests.CommandLine;

public sealed class ManualTests : IDisposable
{
    private static readonly DateTimeOffset Day = new(2026, 11, 21, 23, 59, 59, TimeSpan.FromHours(-5));
    private static readonly RootCommand Commands = DuApt.Root();
    private static readonly string OfCommand = CommandPage.Write(Commands, Day, "du-apt-handler 1.0");
    private static readonly string OfHandler = HandlerPage.Write(Day, "du-apt-handler 1.0");

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Pages => [OfCommand, OfHandler];

    [Theory]
    [InlineData("plain words", "plain words")]
    [InlineData("--show it", "\\-\\-show it")]
    [InlineData("a `--flag X` b", "a \\fB\\-\\-flag X\\fR b")]
    [InlineData(".TH at the start", "\\&.TH at the start")]
    [InlineData("'quoted'", "\\(aqquoted\\(aq")]
    [InlineData("C:\\new \"x\" ^~", "C:\\enew \\(dqx\\(dq \\(ha\\(ti")]
    public void What_has_a_meaning_for_roff_is_written_as_text(string text, string roff) =>
        new Roff("x", 1, Day, "y").Paragraph(text).ToString().Split('\n')[^2].Should().Be(roff);

    [Fact]
    public void What_is_to_be_pasted_stays_as_it_is_line_by_line() =>
        new Roff("x", 1, Day, "y")
            .Example(".hidden\n  echo `id`\n\n'")
            .ToString()
            .Should()
            .EndWith(".PP\n.RS 4\n.EX\n\\&.hidden\n  echo \\(gaid\\(ga\n\n\\(aq\n.EE\n.RE\n");

    [Theory]
    [MemberData(nameof(Pages))]
    public void A_page_begins_with_its_title_in_universal_time_and_holds_no_surprises(string page)
    {
        page.Split('\n')[0].Should().MatchRegex("""^\.TH "DU\\-APT(\\-HANDLER)?" [17] "2026-11-22" "du\\-apt\\-handler 1\.0"$""");
        page.Should().MatchRegex(@"^[\x20-\x7e\n]+$", "not every terminal of a device shows more");
        page.Split('\n')
            .Where(line => line.StartsWith('.'))
            .Select(line => line.Split(' ')[0])
            .Distinct(StringComparer.Ordinal)
            .Should()
            .BeSubsetOf([".TH", ".nh", ".nr", ".SH", ".PP", ".TP", ".br", ".RS", ".RE", ".EX", ".EE"]);
    }

    [Fact]
    public void What_can_be_left_out_and_what_can_be_several_is_written_so()
    {
        OfCommand.Should().Contain(@"\fBrepository verify\fR [\fIID\fR]").And.Contain(@"\fBrepository drop\fR \fIID\fR");
        OfCommand.Should().Contain(@"\fBdeploy\fR \fIMANIFEST\fR...").And.Contain(@"\fBmanifest capture\fR [\fIPATTERN\fR...]");
    }

    [Fact]
    public void What_a_snapshot_is_made_for_is_not_this_machine() =>
        Commands
            .Subcommands.Single(command => command.Name == "repository")
            .Subcommands.Single(command => command.Name == "create")
            .Options.Single(option => option.Name == "--status")
            .Description.Should()
            .Contain("default: they have none");

    [Fact]
    public void The_page_of_the_command_tells_all_that_its_help_tells()
    {
        IEnumerable<Command> all = Commands.Subcommands.Concat(Commands.Subcommands.SelectMany(command => command.Subcommands));
        foreach (Command command in all.Where(command => !command.Hidden))
        {
            if (command.Subcommands.Count == 0)
                OfCommand.Should().Contain(Roff.Escaped(command.Description!));
            foreach (
                string text in command
                    .Arguments.SelectMany(argument => new[] { argument.Name, argument.Description! })
                    .Concat(
                        command.Options.SelectMany(option => new[] { option.Name, option.HelpName ?? option.Name, option.Description! })
                    )
            )
            {
                text.Should().NotBeNullOrEmpty();
                OfCommand.Should().Contain(Roff.Escaped(text));
            }
        }

        OfCommand
            .Should()
            .Contain("\\fBdu\\-apt\\fR \\fBversion compare\\fR \\fIA\\fR \\fIRELATION\\fR \\fIB\\fR\n")
            .And.Contain("\\fBdu\\-apt\\fR \\fBhistory\\fR [\\fB\\-\\-show\\fR \\fIID\\fR]\n")
            .And.Contain("\\fB\\-\\-json\\fR")
            .And.Contain("\\fB\\-\\-config\\fR \\fIFILE\\fR")
            .And.Contain("\\fB\\-\\-version\\fR")
            .And.NotContain("\\fBworker\\fR")
            .And.NotContain("\\fBman\\fR")
            .And.NotContain("/h");
    }

    [Fact]
    public void The_page_of_the_command_tells_every_exit_status()
    {
        foreach ((int status, string meaning) in ExitStatuses.Meanings.Index())
            OfCommand.Should().Contain($".TP\n\\fB{status}\\fR\n{char.ToUpperInvariant(meaning[0])}{Roff.Escaped(meaning[1..])}.\n");
    }

    [Fact]
    public void The_page_of_the_handler_tells_every_code_with_its_remedy()
    {
        foreach (ExtendedResult result in ExtendedResult.All)
            OfHandler
                .Should()
                .Contain(
                    $".TP\n\\fB{ExtendedResult.Format(result.Code)}\\fR\n{Roff.Escaped($"{result.Meaning}. Remedy: {result.Remedy}.")}\n"
                );
        foreach (FieldInfo code in typeof(ResultCode).GetFields())
            OfHandler.Should().MatchRegex($@"(^|\D){Regex.Escape(Roff.Escaped($"{code.GetRawConstantValue()}"))}\b", code.Name);
    }

    [Fact]
    public void The_page_of_the_handler_tells_what_apt_says_of_every_failure()
    {
        foreach (AptCause cause in AptCause.All)
        {
            string text = $"exit status {(int)cause.Results[0].Outcome}. Remedy: {cause.Remedy}.";
            OfHandler.Should().Contain($".TP\n\\fB{Roff.Escaped(cause.FullSentence)}\\fR\n").And.Contain(Roff.Escaped(text));
            foreach (string words in FailureMarks.Of(cause.Kind))
                OfHandler.Should().Contain(Roff.Escaped($"\"{words}\""));
        }
    }

    [Fact]
    public void The_page_of_the_handler_tells_every_member_of_the_configuration_with_its_default()
    {
        foreach (ConfigurationMember member in ConfigurationMember.All)
        {
            string value = member.Default is null ? "no default" : $"default {Roff.Bold(member.Default)}";
            OfHandler.Should().Contain($".TP\n\\fB{member.Name}\\fR ({value})\n");
            OfHandler.Should().Contain(Roff.Escaped(member.Meaning.Split('`')[0][1..]));
        }
    }

    [Fact]
    public void The_examples_of_manifest_and_configuration_are_valid()
    {
        string[] examples =
        [
            .. OfHandler
                .Split(".EX\n")
                .Skip(1)
                .Select(text =>
                    text.Split("\n.EE")[0].Replace("\\(dq", "\"", StringComparison.Ordinal).Replace("\\-", "-", StringComparison.Ordinal)
                ),
        ];

        ManifestReader
            .Read(Encoding.UTF8.GetBytes(examples.Single(text => text.Contains("\"packages\"", StringComparison.Ordinal))))
            .Problems.Should()
            .BeEmpty();
        Configuration
            .Load(_folder.Write("config.json", examples.Single(text => text.Contains("protectedPackages", StringComparison.Ordinal))))
            .ProtectedPackages.Should()
            .NotBeEmpty();
    }

    public void Dispose() => _folder.Dispose();
}
