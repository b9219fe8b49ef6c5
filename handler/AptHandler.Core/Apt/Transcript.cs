using System.Globalization;
using System.Text;
using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.Apt;

/// <summary>
/// The file that gets all that apt, dpkg and the maintainer scripts print in a transaction. What scripts print has no bound, and the disk
/// of a device has. While they are writing, the middle of a file that grows too large is given back to the disk; at the end only the
/// beginning and the end of it are kept. Nobody who writes takes notice.
/// </summary>
internal sealed class Transcript : IDisposable
{
    /// <summary>What it may take of the disk before it is cut, in bytes.</summary>
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
    /// For apt to write to. In append mode what is written after a cut goes to the new end; else there would be a hole as large as what was
    /// cut away. Our own writing to a place needs another descriptor, which is not in that mode: see pwrite(2).
    /// </summary>
    public Descriptor Output { get; }

    /// <summary>Opens a transcript to go on with it; where there is none it begins.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
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
    /// Gives the middle of a transcript that has become too large back to the disk. To be called again and again while somebody writes to
    /// it: no byte of the end is lost, unless the file system knows no holes; there it is cut at once.
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
            // It is tried again soon.
        }
    }

    /// <summary>
    /// Cuts the transcript of an earlier update that is too large: a daemon that a script has left behind may write to it for ever.
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
            // There is none.
        }
    }

    /// <summary>Gives up the content of a transcript that is to be deleted, whoever has it open.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Empty(string path)
    {
        try
        {
            using var whole = Descriptor.Open(path, Libc.O_RDWR | Libc.O_NOFOLLOW);
            whole.Truncate(0, path);
        }
        catch (FileNotFoundException)
        {
            // There is none.
        }
    }

    /// <summary>The text of a transcript, as if it had just been cut where it is too large.</summary>
    /// <returns>The text; what is not UTF-8 in it is shown as U+FFFD. Null where there is no transcript.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
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

    /// <summary>Cuts the transcript if it is too large, and closes it. Whoever was to write to it has ended.</summary>
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
            // A full disk, say. No transaction fails for want of a shorter transcript; it is tried again soon.
        }
    }

    // The end moves up first and the rest is cut off last. Whoever prints faster than we copy is not followed for ever; between the last
    // look at the size and the cut there is a moment in which a few more bytes may come, and be lost without being counted.
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

    // How much an earlier cut left out, less what its note takes: the note lies in a fixed place and has a fixed length.
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
