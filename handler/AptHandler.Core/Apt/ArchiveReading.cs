using AptHandler.Files;
using AptHandler.Processes;
using Microsoft.Win32.SafeHandles;

namespace AptHandler.Apt;

/// <summary>A running dpkg-deb, which writes a part of an archive as a tar stream.</summary>
internal sealed class ArchiveReading : IDisposable
{
    /// <summary>The files of the package.</summary>
    public const string Content = "--fsys-tarfile";

    /// <summary>The control files.</summary>
    public const string Control = "--ctrl-tarfile";

    private const string Program = "/usr/bin/dpkg-deb";
    private const int LongestTalk = 400;

    private readonly string _archive;
    private readonly FileStream _stream;
    private readonly Descriptor _errors;
    private readonly ChildProcess _child;

    /// <summary>Starts dpkg-deb.</summary>
    /// <exception cref="IOException">dpkg-deb cannot be started.</exception>
    public ArchiveReading(string archive, string part)
    {
        _archive = archive;

        // A pipe is used only here: dpkg-deb leaves no process behind that could keep it open, and the content may not fit into memory.
        (Descriptor readEnd, Descriptor writeEnd) = Descriptor.Pipe();
        _errors = Descriptor.InMemory("errors");
        _stream = new FileStream(new SafeFileHandle(readEnd.Number, ownsHandle: true), FileAccess.Read, bufferSize: 64 * 1024);
        using (writeEnd)
            _child = ChildProcess.Spawn(
                new ChildStart(Program, [part, archive], ["PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"])
                {
                    Output = writeEnd.Number,
                    Error = _errors.Number,
                }
            );
    }

    /// <summary>Reads all entries.</summary>
    /// <exception cref="IOException">The archive is damaged.</exception>
    public void Read(Action<TarReader> onEntry)
    {
        string? problem = null;
        bool isEndMissing = false;
        try
        {
            var tar = new TarReader(_stream);
            while (tar.Next())
                onEntry(tar);
            _stream.CopyTo(Stream.Null);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            (problem, isEndMissing) = (e.Message, e is EndOfStreamException);
        }

        _stream.Dispose();
        ExitStatus exit = _child.Wait(TimeSpan.FromMinutes(1)) ?? _child.Terminate(TimeSpan.FromSeconds(1));
        if (exit.IsSuccess && problem is null)
            return;

        // A problem that we found ourselves is reported, because dpkg-deb then only complains that nobody reads its output. But if the
        // stream ends early, dpkg-deb knows why.
        string? said = isEndMissing || problem is null ? _errors.ReadEnd(LongestTalk).Trim() : null;
        throw new IOException($"cannot read the archive {_archive}: {(said is { Length: > 0 } ? said : problem ?? exit.ToString())}");
    }

    /// <summary>Ends dpkg-deb, even in the middle of its work.</summary>
    public void Dispose()
    {
        _stream.Dispose();
        _ = _child.Terminate(TimeSpan.Zero);
        _child.Dispose();
        _errors.Dispose();
    }
}
