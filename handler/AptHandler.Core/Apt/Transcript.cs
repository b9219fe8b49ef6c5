using System.Globalization;
using System.Text;
using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.Apt;

/// <summary>
/// The file that gets all that apt, dpkg and the maintainer scripts print in a transaction. Scripts may print any amount, but the disk of a
/// device is limited. While they write, the middle of a file that grows too large is freed on the disk. At the end only its beginning and
/// its end are kept. The writing programs do not notice this.
/// </summary>
internal sealed class Transcript : IDisposable
{
    /// <summary>The disk space that it may take before it is cut, in bytes.</summary>
    public const int Largest = 8 << 20;

    /// <summary>How much of its beginning stays, in bytes.</summary>
    public const int KeptOfBeginning = 1 << 20;

    /// <summary>How much of its end stays, in bytes.</summary>
    public const int KeptOfEnd = 2 << 20;

    private const uint ReadableByGroup = 0x1A0; // 0640
    private const int LargestCatchUp = 1 << 20;
    private const string NoteStart = "\n[... ";
    private const string NoteEnd = " bytes were left out here ...]\n";
    private const int DigitsOfNote = 15;

    private static readonly int LengthOfNote = NoteStart.Length + DigitsOfNote + NoteEnd.Length;

    private readonly string _path;
    private readonly Descriptor _whole;

    private Transcript(string path, Descriptor output, Descriptor whole) => (_path, Output, _whole) = (path, output, whole);

    /// <summary>
    /// apt writes to this descriptor. It is in append mode, so that text after a cut goes to the new end. Otherwise there would be a hole
    /// as large as the part that was cut away. To write at a fixed place we need another descriptor, which is not in append mode: see
    /// pwrite(2).
    /// </summary>
    public Descriptor Output { get; }

    /// <summary>Opens a transcript to append to it; creates it where there is none.</summary>
    /// <exception cref="IOException">The transcript cannot be written.</exception>
    public static Transcript Open(string path)
    {
        Descriptor whole = Descriptor.Open(path, Libc.O_RDWR | Libc.O_CREAT | Libc.O_NOFOLLOW, ReadableByGroup);
        try
        {
            return new Transcript(path, Descriptor.Open(path, Libc.O_RDWR | Libc.O_APPEND | Libc.O_NOFOLLOW), whole);
        }
        catch
        {
            whole.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Frees the middle of a transcript that has become too large. Call this repeatedly while programs write to it. No byte of the end is
    /// lost, unless the file system does not support holes. Then the file is cut at once.
    /// </summary>
    public void Bound()
    {
        try
        {
            Libc.FileStatus status = _whole.Status();
            long hole = KeptOfBeginning + LengthOfNote;
            bool isTooLarge = (long)status.Size > Largest && status.Taken > Largest;
            if (isTooLarge && !_whole.MakeHole(hole, (long)status.Size - KeptOfEnd - hole))
                Bound(_whole, _path);
        }
        catch (IOException)
        {
            // The next call tries again.
        }
    }

    /// <summary>
    /// Cuts the transcript of an earlier update if it is too large: a daemon that a script left behind may write to it for ever.
    /// </summary>
    public static void Bound(string path)
    {
        try
        {
            using var whole = Descriptor.Open(path, Libc.O_RDWR | Libc.O_NOFOLLOW);
            Bound(whole, path);
        }
        catch (IOException)
        {
            // There is no transcript.
        }
    }

    /// <summary>Empties a transcript that will be deleted. So its space is freed even if a program still has it open.</summary>
    /// <exception cref="IOException">The transcript cannot be written.</exception>
    public static void Empty(string path)
    {
        try
        {
            using var whole = Descriptor.Open(path, Libc.O_RDWR | Libc.O_NOFOLLOW);
            whole.Truncate(0, path);
        }
        catch (FileNotFoundException)
        {
            // There is no transcript.
        }
    }

    /// <summary>The text of a transcript. If the transcript is too large, the text is as if it had just been cut.</summary>
    /// <returns>The text; bytes in it that are not UTF-8 are shown as U+FFFD. Null where there is no transcript.</returns>
    /// <exception cref="IOException">The transcript cannot be read.</exception>
    public static string? Read(string path)
    {
        try
        {
            using var whole = Descriptor.Open(path, Libc.O_RDONLY | Libc.O_NOFOLLOW);
            long size = (long)whole.Status().Size;
            return size <= Largest
                ? Encoding.UTF8.GetString(Read(whole, 0, (int)size))
                : Encoding.UTF8.GetString([
                    .. Read(whole, 0, KeptOfBeginning),
                    .. Note(LeftOutBefore(whole) + size - KeptOfBeginning - KeptOfEnd),
                    .. Read(whole, size - KeptOfEnd, KeptOfEnd),
                ]);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Cuts the transcript if it is too large, and closes it. The programs that were to write to it have ended.</summary>
    public void Dispose()
    {
        Bound(_whole, _path);
        Output.Dispose();
        _whole.Dispose();
    }

    private static void Bound(Descriptor whole, string path)
    {
        try
        {
            long size = (long)whole.Status().Size;
            if (size > Largest)
                Cut(whole, size, path);
        }
        catch (IOException)
        {
            // For example, the disk is full. A transcript that stays too long must not fail a transaction. The next call tries again.
        }
    }

    // The end is moved up first, and the rest is cut off last. A program that prints faster than we copy is not followed for ever. Between
    // the last look at the size and the cut, a few more bytes may be written. They are lost without being counted.
    private static void Cut(Descriptor whole, long size, string path)
    {
        long earlier = LeftOutBefore(whole);
        byte[] end = Read(whole, size - KeptOfEnd, KeptOfEnd);
        long at = KeptOfBeginning + LengthOfNote;
        whole.WriteAt(end, at, path);
        at += end.Length;
        var added = new byte[64 * 1024];
        long from = size;
        for (int count; from - size < LargestCatchUp && (count = whole.ReadAt(added, from)) > 0; from += count, at += count)
            whole.WriteAt(added.AsSpan(0, count), at, path);
        whole.WriteAt(Note(earlier + (long)whole.Status().Size - at + LengthOfNote), KeptOfBeginning, path);
        whole.Truncate(at, path);
    }

    // How much an earlier cut left out, minus the length of its note. The note is at a fixed place and has a fixed length.
    private static long LeftOutBefore(Descriptor whole)
    {
        string note = Encoding.ASCII.GetString(Read(whole, KeptOfBeginning, LengthOfNote));
        bool isNote = note.StartsWith(NoteStart, StringComparison.Ordinal) && note.EndsWith(NoteEnd, StringComparison.Ordinal);
        return
            isNote
            && long.TryParse(
                note.AsSpan(NoteStart.Length, DigitsOfNote),
                NumberStyles.AllowLeadingWhite,
                CultureInfo.InvariantCulture,
                out long before
            )
            ? before - LengthOfNote
            : 0;
    }

    private static byte[] Note(long leftOut) => Encoding.ASCII.GetBytes($"{NoteStart}{leftOut, DigitsOfNote}{NoteEnd}");

    private static byte[] Read(Descriptor file, long start, int count)
    {
        var bytes = new byte[count];
        int length = 0;
        for (int read; length < count && (read = file.ReadAt(bytes.AsSpan(length), start + length)) > 0; )
            length += read;
        return length == count ? bytes : bytes[..length];
    }
}
