using System.Text;
using AptHandler.Apt;

namespace AptHandler.UnitTests.Apt;

public sealed class TranscriptTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void What_is_not_too_large_stays_as_it_is()
    {
        byte[] text = Numbered(0, Transcript.Largest);
        using (Transcript transcript = Begin(text))
            transcript.Bound();

        File.ReadAllBytes(_folder["apt.log"]).Should().Equal(text);
        Transcript.Read(_folder["apt.log"]).Should().Be(Encoding.ASCII.GetString(text));
    }

    [Fact]
    public void What_is_too_large_keeps_its_beginning_and_its_end_and_says_how_much_is_missing()
    {
        byte[] text = Numbered(0, 40_000_000);
        using (Transcript transcript = Begin(text))
        {
            // Read before it is cut, it is the same.
            string early = Transcript.Read(_folder["apt.log"])!;
            transcript.Bound();
            Transcript.Read(_folder["apt.log"]).Should().Be(early);
        }

        File.ReadAllText(_folder["apt.log"]).Should().Be(Cut(text, 40_000_000 - Transcript.KeptOfBeginning - Transcript.KeptOfEnd));
    }

    [Fact]
    public void What_is_cut_again_counts_what_was_cut_before_and_goes_on_at_its_end()
    {
        byte[] text = Numbered(0, 60_000_000);
        using (Transcript transcript = Begin(text.AsSpan(0, 20_000_000)))
        {
            transcript.Bound();
            transcript.Output.Write(text.AsSpan(20_000_000), "transcript");
            transcript.Bound();
        }

        File.ReadAllText(_folder["apt.log"]).Should().Be(Cut(text, 60_000_000 - Transcript.KeptOfBeginning - Transcript.KeptOfEnd));
    }

    [Fact]
    public async Task Of_what_is_written_meanwhile_nothing_is_lost_but_the_middle()
    {
        const int Parts = 600;
        byte[] text = Numbered(0, Parts * 100_000);
        long most = 0;
        using (Transcript transcript = Begin([]))
        {
            var writing = Task.Run(() =>
            {
                for (int part = 0; part < Parts; part++)
                    transcript.Output.Write(text.AsSpan(part * 100_000, 100_000), "transcript");
            });
            while (!writing.IsCompleted)
            {
                transcript.Bound();
                most = Math.Max(most, transcript.Output.Status().Taken);
            }

            await writing;
        }

        File.ReadAllText(_folder["apt.log"]).Should().Be(Cut(text, text.Length - Transcript.KeptOfBeginning - Transcript.KeptOfEnd));
        most.Should().BeLessThan(text.Length / 2, "the middle takes no disk while it is written either");
    }

    [Fact]
    public void The_transcript_of_an_earlier_update_is_cut_by_its_name()
    {
        Begin(Numbered(0, 10_000_000)).Dispose();

        Transcript.Bound(_folder["apt.log"]);

        new FileInfo(_folder["apt.log"]).Length.Should().BeLessThan(Transcript.KeptOfBeginning + Transcript.KeptOfEnd + 100);
    }

    [Fact]
    public void What_is_not_there_is_no_failure_and_has_no_text()
    {
        Action bounding = () => Transcript.Bound(_folder["none"]);

        bounding.Should().NotThrow();
        Transcript.Read(_folder["none"]).Should().BeNull();
    }

    [Fact]
    public void A_link_is_not_followed()
    {
        string other = _folder.Write("other", new string('x', 10_000_000));
        File.CreateSymbolicLink(_folder["apt.log"], other);
        Action beginning = () => Transcript.Open(_folder["apt.log"]).Dispose();
        Action reading = () => Transcript.Read(_folder["apt.log"]);

        Transcript.Bound(_folder["apt.log"]);

        new FileInfo(other).Length.Should().Be(10_000_000);
        beginning.Should().Throw<IOException>().WithMessage("*symbolic link*");
        reading.Should().Throw<IOException>().WithMessage("*symbolic link*");
    }

    public void Dispose() => _folder.Dispose();

    private Transcript Begin(ReadOnlySpan<byte> text)
    {
        Transcript transcript = Transcript.Open(_folder["apt.log"]);
        transcript.Output.Write(text, "transcript");
        return transcript;
    }

    private static string Cut(byte[] text, int leftOut) =>
        $"{Encoding.ASCII.GetString(text, 0, Transcript.KeptOfBeginning)}\n[... {leftOut, 15} bytes were left out here ...]\n{Encoding.ASCII.GetString(text, text.Length - Transcript.KeptOfEnd, Transcript.KeptOfEnd)}";

    // Lines of ten bytes, of which each names its own place.
    private static byte[] Numbered(int start, int length)
    {
        var text = new byte[length];
        for (int at = 0; at < length; at++)
        {
            int place = start + at;
            text[at] = (place % 10) == 9 ? (byte)'\n' : (byte)('0' + (place / 10 / Tens[place % 10] % 10));
        }

        return text;
    }

    private static readonly int[] Tens = [100_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];
}
