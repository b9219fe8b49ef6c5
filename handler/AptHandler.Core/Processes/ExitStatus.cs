namespace AptHandler.Processes;

/// <summary>How a child ended.</summary>
/// <param name="Code">Its exit status 0 to 255, or null when a signal ended it or the status is not known.</param>
/// <param name="Signal">The signal that ended it, or null.</param>
public readonly record struct ExitStatus(int? Code, int? Signal)
{
    /// <summary>It ended, but another part of the process, or an ignored SIGCHLD, took the status away.</summary>
    public static ExitStatus Unknown => default;

    /// <summary>Exit status 0.</summary>
    public bool IsSuccess => Code == 0;

    /// <summary>A signal ended it, or the program that it ran for us: a shell tells that by a status above 128.</summary>
    public bool IsKilled => Signal is not null || Code > 128;

    internal static ExitStatus FromWait(int status) =>
        (status & 0x7f) == 0 ? new ExitStatus((status >> 8) & 0xff, null) : new ExitStatus(null, status & 0x7f);

    /// <inheritdoc/>
    public override string ToString() =>
        Code is { } code ? $"exit status {code}"
        : Signal is { } signal ? $"ended by signal {signal}"
        : "exit status unknown";
}
