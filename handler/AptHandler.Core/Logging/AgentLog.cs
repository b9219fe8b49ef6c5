using System.Globalization;
using System.Text;
using AptHandler.Files;
using AptHandler.Native;
using Microsoft.Extensions.Logging;

namespace AptHandler.Logging;

/// <summary>
/// A log in the agent's format and folder. The agent's log collection uploads it (agent-contract.md, 6). A line:
/// <c>2026-11-21T06:35:06.8151Z 7910[7910] [I] message (workflow 1f2e) [Source:0]</c>. One file is continued until it is large. Only a few
/// files are kept. The folder belongs to the agent's user, so files there are opened without following links. Logging never fails a step.
/// </summary>
/// <param name="folder">The folder of the files; made when it is missing.</param>
/// <param name="prefix">The start of the file names, and the source in each line.</param>
/// <param name="minimum">The lowest level that is written.</param>
/// <param name="clock">The time.</param>
/// <param name="workflow">The agent's id of the workflow that the lines belong to; null or empty when there is none.</param>
public sealed class AgentLog(string folder, string prefix, LogLevel minimum, TimeProvider clock, string? workflow = null) : ILogger
{
    /// <summary>The size in bytes at which a new file is started.</summary>
    public const int LargestFile = 1 << 20;

    /// <summary>How many files are kept.</summary>
    public const int KeptFiles = 5;

    private const int LongestLine = 16 * 1024;
    private const int LongestWorkflow = 100;
    private const uint ReadableByGroup = 0x1A0; // 0640
    private const string TimeInName = "yyyyMMdd-HHmmss";

    private readonly Lock _lock = new();
    private readonly string _workflow = string.IsNullOrEmpty(workflow) ? "" : $" (workflow {Word(workflow)})";
    private string? _current;

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel >= minimum && logLevel != LogLevel.None;

    /// <inheritdoc/>
    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    )
    {
        if (!IsEnabled(logLevel))
            return;
        DateTimeOffset now = clock.GetUtcNow();
        string text = formatter(state, exception);
        if (exception is not null)
            text = $"{text}: {exception}";
        int process = Environment.ProcessId;
        string line =
            $"{now.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.ffff'Z'} {process}[{process}] [{Letter(logLevel)}] {OneLine(text)}{_workflow} "
            + $"[{prefix}:{eventId.Id}]\n";
        lock (_lock)
        {
            try
            {
                using Descriptor file = Open(now);
                file.Write(Encoding.UTF8.GetBytes(line), folder);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A failure of the log cannot be reported anywhere. No step fails because of it.
            }
        }
    }

    // In append mode, lines of several processes are never mixed.
    private Descriptor Open(DateTimeOffset now)
    {
        if (_current is not null && TryContinue(_current) is { } current)
            return current;

        Directory.CreateDirectory(folder);
        ReadOnlySpan<string> files = Newest();
        while (files.Length > 0 && Descriptor.StatusOf(files[^1]) is not { IsRegular: true, Links: 1 })
        {
            // Another user has put something else there under the name of a log. If it is a link, its target stays.
            File.Delete(files[^1]);
            files = files[..^1];
        }

        if (files.Length > 0 && TryContinue(_current = files[^1]) is { } newest)
            return newest;
        if (files.Length == KeptFiles)
            File.Delete(files[0]);
        _current = Path.Combine(folder, $"{prefix}.{now.UtcDateTime.ToString(TimeInName, CultureInfo.InvariantCulture)}.log");
        return Make(_current);
    }

    // Finds the newest of our files, by the time in their names, and deletes older ones. Others can fill the folder with files. So the
    // names are not collected in memory, and the folder is not read for every line.
    private ReadOnlySpan<string> Newest()
    {
        var newest = new string[KeptFiles + 1];
        int count = 0;
        foreach (string path in Directory.EnumerateFiles(folder, $"{prefix}.*.log"))
        {
            if (!IsOurs(Path.GetFileName(path.AsSpan())))
                continue;
            int place = count++;
            for (; place > 0 && string.CompareOrdinal(newest[place - 1], path) > 0; place--)
                newest[place] = newest[place - 1];
            newest[place] = path;
            if (count <= KeptFiles)
                continue;
            File.Delete(newest[0]);
            newest.AsSpan(1).CopyTo(newest);
            count--;
        }

        return newest.AsSpan(0, count);
    }

    private bool IsOurs(ReadOnlySpan<char> name)
    {
        if (name.Length != prefix.Length + 1 + TimeInName.Length + ".log".Length)
            return false;
        foreach (char c in name.Slice(prefix.Length + 1, TimeInName.Length))
        {
            if (!char.IsAsciiDigit(c) && c != '-')
                return false;
        }

        return true;
    }

    private Descriptor Make(string path)
    {
        Descriptor file = Descriptor.Open(
            path,
            Libc.O_WRONLY | Libc.O_CREAT | Libc.O_EXCL | Libc.O_APPEND | Libc.O_NOFOLLOW,
            ReadableByGroup
        );

        // The agent's log collection has to read what a root worker writes. It may run as another user.
        if (Libc.EffectiveUser() == 0)
        {
            using var owner = Descriptor.Open(folder, Libc.O_RDONLY | Libc.O_DIRECTORY);
            Libc.FileStatus status = owner.Status();
            _ = Libc.ChangeOwner(file.Number, status.User, status.Group);
        }

        return file;
    }

    private static Descriptor? TryContinue(string path)
    {
        try
        {
            Descriptor file = Descriptor.Open(path, Libc.O_WRONLY | Libc.O_APPEND | Libc.O_NOFOLLOW | Libc.O_NONBLOCK);
            if (file.Status() is { IsRegular: true, Links: 1, Size: < LargestFile })
                return file;
            file.Dispose();
        }
        catch (IOException)
        {
            // The file is gone, or another user has replaced it. A new one can still be made.
        }

        return null;
    }

    private static char Letter(LogLevel level) =>
        level switch
        {
            LogLevel.Trace or LogLevel.Debug => 'D',
            LogLevel.Information => 'I',
            LogLevel.Warning => 'W',
            _ => 'E',
        };

    // The id comes from the agent, which may have fewer rights. It must not look like another part of the line.
    private static string Word(string text)
    {
        var word = new StringBuilder(text, 0, Math.Min(text.Length, LongestWorkflow), LongestWorkflow);
        for (int i = 0; i < word.Length; i++)
        {
            if (!char.IsAsciiLetterOrDigit(word[i]) && word[i] is not ('-' or '_' or '.' or ':'))
                word[i] = '_';
        }

        return word.ToString();
    }

    private static string OneLine(string text)
    {
        var clean = new StringBuilder(text, 0, Math.Min(text.Length, LongestLine), LongestLine);
        for (int i = 0; i < clean.Length; i++)
        {
            if (char.IsControl(clean[i]))
                clean[i] = ' ';
        }

        return ForeignText.Line(clean.ToString());
    }
}
