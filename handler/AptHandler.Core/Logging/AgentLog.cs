using System.Globalization;
using System.Text;
using AptHandler.Files;
using AptHandler.Native;
using Microsoft.Extensions.Logging;

namespace AptHandler.Logging;

/// <summary>
/// A log in the agent's format and folder, which its log collection uploads (agent-contract.md, 6). A line:
/// <c>2026-11-21T06:35:06.8151Z 7910[7910] [I] message [Source:0]</c>. One file is continued until it is large; only a few are kept.
/// The folder belongs to the agent's user, so files there are opened without following links. Logging never fails a step.
/// </summary>
public sealed class AgentLog(string folder, string prefix, LogLevel minimum, TimeProvider clock) : ILogger
{
    private const ulong LargestFile = 1 << 20;
    private const int KeptFiles = 5;
    private const int LongestLine = 16 * 1024;
    private const uint ReadableByGroup = 0x1A0; // 0640

    private readonly Lock _lock = new();

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel >= minimum && logLevel != LogLevel.None;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
            return;
        DateTimeOffset now = clock.GetUtcNow();
        string text = formatter(state, exception);
        if (exception is not null)
            text = $"{text}: {exception}";
        int process = Environment.ProcessId;
        string line = string.Create(
            CultureInfo.InvariantCulture,
            $"{now.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.ffff'Z'} {process}[{process}] [{Letter(logLevel)}] {OneLine(text)} [{prefix}:{eventId.Id}]\n");
        lock (_lock)
        {
            try
            {
                using Descriptor file = Open(now);
                file.Write(Encoding.UTF8.GetBytes(line), folder);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // There is nowhere to tell it, and no step fails for want of a log.
            }
        }
    }

    // In append mode a line of one process is never torn by that of another.
    private Descriptor Open(DateTimeOffset now)
    {
        Directory.CreateDirectory(folder);
        string[] files = Directory.GetFiles(folder, $"{prefix}.*.log");
        Array.Sort(files, StringComparer.Ordinal);
        if (files.Length > 0 && TryContinue(files[^1]) is { } newest)
            return newest;

        for (int i = 0; i <= files.Length - KeptFiles; i++)
            File.Delete(files[i]);
        Descriptor file = OpenRegular(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{prefix}.{now.UtcDateTime:yyyyMMdd-HHmmss}.log")));

        // The agent's log collection, which need not be root, has to read what a root worker writes.
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
            Descriptor file = OpenRegular(path);
            if (file.Status().Size < LargestFile)
                return file;
            file.Dispose();
        }
        catch (IOException)
        {
            // Somebody else has put something there; a file of another name can still be made.
        }

        return null;
    }

    private static Descriptor OpenRegular(string path)
    {
        const int Append = 0x400;
        Descriptor file = Descriptor.Open(path, Libc.O_WRONLY | Libc.O_CREAT | Append | Libc.O_NOFOLLOW | Libc.O_NONBLOCK, ReadableByGroup);
        if (file.Status() is { IsRegular: true, Links: 1 })
            return file;
        file.Dispose();
        throw new IOException($"cannot log to {path}: it is not a regular file of its own");
    }

    private static char Letter(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => 'D',
        LogLevel.Information => 'I',
        LogLevel.Warning => 'W',
        _ => 'E',
    };

    private static string OneLine(string text)
    {
        var clean = new StringBuilder(text, 0, Math.Min(text.Length, LongestLine), LongestLine);
        for (int i = 0; i < clean.Length; i++)
        {
            if (char.IsControl(clean[i]))
                clean[i] = ' ';
        }

        return clean.ToString();
    }
}
