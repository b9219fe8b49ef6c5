namespace AptHandler.Processes;

/// <summary>How a child ended.</summary>
/// <param name="Code">Its exit status 0 to 255, or null when a signal ended it or the status is not known.</param>
/// <param name="Signal">The signal that ended it, or null.</param>
public readonly record struct ExitStatus(int? Code, int? Signal)
{
    /// <summary>The child ended, but its status is lost: another part of the process took it, or SIGCHLD is ignored.</summary>
    public static ExitStatus Unknown => default;

    /// <summary>Exit status 0.</summary>
    public bool IsSuccess => Code == 0;

    /// <summary>
    /// Whether a signal ended the child, or a program that the child ran. A shell reports the latter with a status above 128.
    /// </summary>
    public bool IsKilled => Signal is not null || Code > 128;

    internal static ExitStatus FromWait(int status) =>
        (status & 0x7f) == 0 ? new ExitStatus((status >> 8) & 0xff, null) : new ExitStatus(null, status & 0x7f);

    /// <inheritdoc/>
    public override string ToString() =>
        Code is { } code ? $"exit status {code}"
        : Signal is { } signal ? $"ended by signal {signal}"
        : "exit status unknown";
}
