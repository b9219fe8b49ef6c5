using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Updates;

/// <summary>The manual pages, as the programs read them that people read them with.</summary>
public sealed class ManualTests : IDisposable
{
    private readonly TemporaryFolder _folder = new("manual");

    [Theory]
    [InlineData("du-apt", "DU-APT(1)")]
    [InlineData("du-apt-handler", "DU-APT-HANDLER(7)")]
    public void A_page_is_clean_and_shows_hyphens_and_quotes_as_they_are_typed(string page, string title)
    {
        var file = Write(page);
        var lint = Command.Run("mandoc", ["-T", "lint", "-W", "warning", file]);
        (lint.ExitStatus, lint.Text).Should().Be((0, ""));
        var man = Command.Run(
            "man",
            ["--warnings", "-E", "UTF-8", "-l", file],
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["MANWIDTH"] = "200", ["LC_ALL"] = "C.UTF-8" }
        );
        (man.ExitStatus, man.Errors).Should().Be((0, ""));
        foreach (
            var shown in new[]
            {
                man.Output,
                Command.Run("mandoc", ["-T", "utf8", "-O", "width=200", file]).Succeeded("show the page").Output,
            }
        )
            shown.Should().Contain(title).And.Contain("sudo du-apt history --show ").And.NotContain("‐").And.NotContain("’");
    }

    [Fact]
    public void A_page_bears_the_day_that_the_build_says()
    {
        File.ReadAllText(Write("du-apt", "86399")).Should().Contain("\"1970-01-01\"");
        File.ReadAllText(Write("du-apt", "86400")).Should().Contain("\"1970-01-02\"");
        Write("du-apt", "nonsense").Should().NotBeEmpty();
    }

    [Theory]
    [InlineData("man")]
    [InlineData("man", "ls")]
    public void There_are_two_pages_and_no_other(params string[] words) => Command.Run(SourceTree.DuApt, words).ExitStatus.Should().Be(2);

    [Fact]
    public void What_the_package_uses_of_it_is_not_shown_to_people() =>
        Command
            .Run(SourceTree.DuApt, ["--help"])
            .Succeeded("ask for help")
            .Output.Should()
            .Contain("history")
            .And.NotContain(" man ")
            .And.NotContain("worker");

    public void Dispose() => _folder.Dispose();

    private string Write(string page, string epoch = "0")
    {
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["SOURCE_DATE_EPOCH"] = epoch };
        var file = Path.Combine(_folder, page);
        File.WriteAllText(file, Command.Run(SourceTree.DuApt, ["man", page], environment).Succeeded($"print {page}").Output);
        return file;
    }
}
