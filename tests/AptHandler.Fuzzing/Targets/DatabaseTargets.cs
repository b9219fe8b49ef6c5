using System.Text;
using AptHandler.Authoring.Repositories;
using AptHandler.Debian;
using AptHandler.Files;
using AptHandler.Fuzzing.Engine;

namespace AptHandler.Fuzzing.Targets;

/// <summary>The files of dpkg and apt that tell what is installed, and those of repositories.</summary>
/// <param name="scratch">Where files are written.</param>
internal sealed class DatabaseTargets(ScratchFolder scratch)
{
    private const int LongestValue = 255;
    private const int LongestMessage = 1000;
    private const string Architecture = "amd64";

    /// <summary>dpkg's status file, and a file of its journal: taken as a slow reader would, or refused.</summary>
    public void Status(byte[] input)
    {
        int separator = input.AsSpan().IndexOf((byte)FuzzTarget.Separator);
        byte[] main = separator < 0 ? input : input[..separator];
        string status = scratch.Write("dpkg/status", main);
        if (separator < 0)
            File.Delete(scratch["dpkg/updates/0000"]);
        else
            scratch.Write("dpkg/updates/0000", input.AsSpan(separator + 1));
        List<string>? expected = NamesIn(main);
        try
        {
            var read = DpkgStatus.Read(status, Architecture);
            Expect.That(expected is not null, "what a slow reader refuses is refused");
            Expect.That(
                separator >= 0 || read.Entries.Select(entry => entry.ToString()).SequenceEqual(expected, StringComparer.Ordinal),
                "what is read is what a slow reader reads"
            );
            foreach (StatusEntry entry in read.Entries)
            {
                // What is no text has no name to be found by.
                bool isText = !entry.ToString().Contains('\ufffd', StringComparison.Ordinal);
                Expect.That(
                    !isText || read.Find(new PackageName(entry.Name, entry.Architecture))?.Name == entry.Name,
                    "what is read is found by its name"
                );
            }
        }
        catch (DpkgStatusException e)
        {
            Expect.That(separator >= 0 || expected is null, "what a slow reader takes is taken");
            Expect.That(
                e.Message.Length <= LongestMessage && !e.Message.Any(char.IsControl),
                "a message about a damaged status file is a line of bounded length"
            );
        }
    }

    /// <summary>Control files, the stanzas as they are put back, and apt's marks.</summary>
    public void Stanzas(byte[] input)
    {
        string text = Encoding.UTF8.GetString(input);
        foreach (ControlParagraph paragraph in ControlParagraph.ParseAll(text))
        {
            Expect.That(paragraph.Number("Installed-Size") >= 0, "a number of a paragraph counts something");
            _ = paragraph.Relations("Depends").Count();
        }

        string file = scratch.Write("stanzas", input);
        try
        {
            SetStanza(file);
        }
        catch (DpkgStatusException)
        {
            // A torn file is refused, and stays what it is.
            Expect.That(BoundedFile.Holds(file, input), "a file that is refused is as it was");
        }

        var foo = new PackageName("foo", null);
        scratch.Write("stanzas", input);
        var marks = AutoMarks.Read(file, Architecture);
        marks.Set(foo, isAutomatic: true);
        Expect.That(marks.IsAutomatic(foo), "a mark that was set is there");
        marks.Save();
        Expect.That(AutoMarks.Read(file, Architecture).IsAutomatic(foo), "a mark that was saved is there");
    }

    private static void SetStanza(string file)
    {
        const string Stanza = "Package: foo\nStatus: install ok installed\nArchitecture: amd64";
        var stanzas = StatusStanzas.Read(file, Architecture);
        stanzas.Set("foo", Architecture, Stanza);
        Expect.That(stanzas["foo", Architecture] == Stanza, "a stanza that was set is there");
        stanzas.Save();
        Expect.That(StatusStanzas.Read(file, Architecture)["foo", Architecture] == Stanza, "a stanza that was saved is there");
    }

    /// <summary>A Release file.</summary>
    public static void Release(byte[] input)
    {
        string text = Encoding.UTF8.GetString(input);
        foreach (ReleaseEntry entry in ReleaseFile.EntriesIn(text).Concat(ReleaseFile.ByHashIn(text)))
            Expect.That(entry.Size >= 0 && entry.Path.Length > 0, "a file of a release has a name and a size");
        if (ReleaseFile.DateIn(text) is not null)
            Expect.That(
                ReleaseFile.DateIn(ReleaseFile.WithDate(text, DateTimeOffset.UnixEpoch)) == DateTimeOffset.UnixEpoch,
                "a release gets another date"
            );
    }

    // The stanzas as deb-control(5) and dpkg have them, without any thought for speed; null where there is what dpkg never writes.
    private static List<string>? NamesIn(byte[] status)
    {
        string text = Encoding.Latin1.GetString(status);
        if (text.Contains('\0', StringComparison.Ordinal) || (text.Length > 0 && text[^1] != '\n'))
            return null;
        var names = new List<string>();
        foreach (string stanza in text.Split("\n\n").Select(stanza => stanza.Trim('\n')).Where(stanza => stanza.Length > 0))
        {
            string[] lines = stanza.Split('\n');
            string[] words = Field("Status:").Split(' ');
            if (Field("Package:").Length == 0 || !StatusWords.TryRead(Bytes(Field("Status:")), out StatusWords state) || words.Length != 3)
                return null;
            if (Array.Exists(["Package:", "Status:", "Architecture:", "Version:"], (string name) => Field(name).Length > LongestValue))
                return null;
            names.Add($"{Utf8("Package:")}:{Utf8("Architecture:")} {Utf8("Version:")} ({state.Wanted}, {state.State})");

            string Field(string name) =>
                lines
                    .Where(line => line.StartsWith(name, StringComparison.Ordinal))
                    .Select(line => line[name.Length..].Trim(' '))
                    .FirstOrDefault(value => value.Length > 0, "");

            string Utf8(string name) => Encoding.UTF8.GetString(Bytes(Field(name)));
        }

        return names;

        static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);
    }
}
