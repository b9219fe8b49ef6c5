using System.Text;
using AptHandler.Authoring;
using AptHandler.Authoring.Manifests;
using AptHandler.Manifests;

namespace AptHandler.UnitTests.Authoring.Manifests;

public sealed class InterviewTests
{
    private readonly List<string> _questions = [];
    private readonly List<string> _objections = [];

    [Fact]
    public void Name_version_and_packages_are_asked_for_until_an_empty_line()
    {
        string text = Answer("tools", "1.0", "tree", "", "vim", "2:9.0-1", "nano-", "");
        text.Should().Be(ManifestText.Of("tools", "1.0", [new("tree", null), new("vim", "2:9.0-1"), new("nano-", null)]));
        _questions
            .Select(question => question.Split(' ')[0])
            .Should()
            .Equal("Name", "Version", "Package", "Version", "Package", "Version", "Package", "Package");
        _objections.Should().BeEmpty();
    }

    [Fact]
    public void What_the_handler_would_refuse_is_asked_for_again_with_the_remedy()
    {
        string[] answers =
        [
            " ",
            "a\u0007b",
            new string('x', 300),
            "tools",
            "",
            "1.0",
            "",
            "Tree",
            "foo=1",
            "foo*",
            "-",
            "tree",
            ">= 1",
            "1.0-",
            "latest",
            "1.0",
            "tree",
            "tree-",
            "vim-",
            "",
        ];
        Answer(answers).Should().Be(ManifestText.Of("tools", "1.0", [new("tree", "1.0"), new("vim-", null)]));
        _objections
            .Should()
            .HaveCount(14)
            .And.Contain(each => each.Contains("lower case", StringComparison.Ordinal))
            .And.Contain(each => each.Contains("write what follows it as \"version\"", StringComparison.Ordinal))
            .And.Contain("tree is in the list already; name another package.");
        _questions.Should().HaveCount(answers.Length, "each refused answer costs a question more");
    }

    [Fact]
    public void Whatever_is_answered_the_manifest_is_valid()
    {
        string[] vocabulary =
        [
            "",
            " ",
            "a",
            "aa",
            "aa-",
            "aa:i386",
            "1",
            "1.0-1",
            "1:2~x",
            "\"",
            "\\",
            "é",
            "-",
            "aa=1",
            "x y",
            "\u200b",
            "{}",
            "bb",
        ];
        var random = new Random(7);
        for (int round = 0; round < 2000; round++)
        {
            string[] answers = [.. Enumerable.Range(0, 40).Select(_ => vocabulary[random.Next(vocabulary.Length)])];
            try
            {
                ManifestReader.Read(Encoding.UTF8.GetBytes(Answer(answers))).Problems.Should().BeEmpty(string.Join('|', answers));
            }
            catch (InputException)
            {
                // The answers have ended.
            }
        }
    }

    private string Answer(params string[] answers) =>
        Encoding.UTF8.GetString(new Interview(new StringReader(string.Join('\n', answers) + "\n"), _questions.Add, _objections.Add).Run());
}
