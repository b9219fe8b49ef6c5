using System.Text;
using AptHandler.Files;
using AptHandler.Processes;
using FsCheck;
using FsCheck.Fluent;

namespace AptHandler.UnitTests.Processes;

public sealed class GrowingTextTests
{
    private const int LongestLine = 64 * 1024;

    [Fact]
    public void A_line_is_passed_on_once_it_is_complete()
    {
        Read("one\ntw", "o", "\n", "three")
            .Should()
            .BeEquivalentTo(new string[][] { ["one"], [], ["two"], [] }, how => how.WithStrictOrdering());
    }

    [Fact]
    public void A_character_that_is_split_between_two_reads_stays_whole()
    {
        using var file = Descriptor.InMemory("text");
        var text = new GrowingText(file);
        var lines = new List<string>();
        foreach (byte each in "Größe €\n"u8.ToArray())
        {
            file.Write([each], "text");
            text.ReadLines(lines.Add);
        }

        lines.Should().Equal("Größe €");
    }

    [Fact]
    public void Empty_lines_are_lines() => Read("\n\na\n\n").Single().Should().Equal("", "", "a", "");

    [Fact]
    public void Of_an_endless_line_the_beginning_is_kept_and_the_next_line_is_whole()
    {
        string[] lines = [.. Read(new string('a', LongestLine - 1), new string('b', 200_000), "\nnext\n").SelectMany(each => each)];

        lines.Should().Equal(new string('a', LongestLine - 1) + "b", "next");
    }

    [Fact]
    public void Bytes_that_are_no_text_do_no_harm()
    {
        using var file = Descriptor.InMemory("text");
        var lines = new List<string>();
        file.Write([0xff, 0, (byte)'\n', 0xc3, (byte)'\n'], "text");

        new GrowingText(file).ReadLines(lines.Add);

        lines.Should().Equal("\uFFFD\0", "\uFFFD");
    }

    [Fact]
    public void However_a_text_arrives_its_lines_are_the_same() =>
        Prop.ForAll(
                Gen.ListOf(Gen.ListOf(Gen.Elements('a', 'b', ':', '\n', 'é')).Select(part => string.Concat(part))).ToArbitrary(),
                parts =>
                    Read([.. parts])
                        .SelectMany(lines => lines)
                        .SequenceEqual(string.Concat(parts).Split('\n')[..^1], StringComparer.Ordinal)
            )
            .QuickCheckThrowOnFailure();

    private static List<string[]> Read(params string[] parts)
    {
        using var file = Descriptor.InMemory("text");
        var text = new GrowingText(file);
        var all = new List<string[]>();
        foreach (string part in parts)
        {
            var lines = new List<string>();
            file.Write(Encoding.UTF8.GetBytes(part), "text");
            text.ReadLines(lines.Add);
            all.Add([.. lines]);
        }

        return all;
    }
}
