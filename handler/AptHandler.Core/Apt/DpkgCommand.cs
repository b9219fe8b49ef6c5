using AptHandler.Processes;

namespace AptHandler.Apt;

/// <summary>
/// The dpkg commands that change packages. They bring a machine from any state to one of two known sets of packages. apt cannot do that,
/// because it refuses to work with half-done packages. Each command runs under <see cref="FrontendLock"/>. Its outcome is read from dpkg's
/// status, because the exit status tells little.
/// </summary>
internal sealed class DpkgCommand(AptSystem system, ChangeRun run)
{
    // Configuration files stay as they are. Package files are synced to disk, even if the configuration of dpkg turns that off.
    private static readonly string[] Options = ["--no-force-unsafe-io", "--force-confdef", "--force-confold"];

    // Relations between packages hold in both sets, but may be broken in between.
    private static readonly string[] OnTheWay =
    [
        "--force-depends",
        "--force-conflicts",
        "--force-downgrade",
        "--force-breaks",
        "--force-overwrite",
    ];
    private static readonly string[] Away = [.. OnTheWay, "--force-remove-reinstreq", "--force-remove-essential"];

    /// <summary>Configures all unpacked packages, and runs the triggers that wait.</summary>
    /// <returns>What failed, or null.</returns>
    public AptFailure? Configure() => Run([.. Options, "--configure", "-a"]);

    /// <summary>Removes packages, and keeps their configuration files.</summary>
    /// <param name="names">The packages.</param>
    /// <param name="areProtected">
    /// Whether one of the packages has the field <c>Protected</c>. dpkg before 1.20.1 knows neither the field nor the option for it.
    /// </param>
    public AptFailure? Remove(IReadOnlyCollection<string> names, bool areProtected)
    {
        string[] evenProtected = areProtected ? ["--force-remove-protected"] : [];
        return Run([.. Options, .. Away, .. evenProtected, "--remove", "--", .. names]);
    }

    /// <summary>Unpacks archives over what is there.</summary>
    public AptFailure? Unpack(IReadOnlyCollection<string> archives) =>
        Run([.. Options, .. OnTheWay, "--auto-deconfigure", "--unpack", "--", .. archives]);

    /// <summary>
    /// Sets the wanted state of packages. Each line has a name and <c>install</c>, <c>hold</c>, <c>deinstall</c> or <c>purge</c>.
    /// </summary>
    public AptFailure? Select(string lines) => Run(["--set-selections"], lines);

    private AptFailure? Run(string[] arguments, string? input = null)
    {
        (ExitStatus exit, string tail) = run.Run(
            system.Dpkg,
            [.. system.DpkgOptions, .. arguments],
            variable: "DPKG_FRONTEND_LOCKED=1",
            input: input
        );
        if (exit.IsKilled)
            return new AptFailure(AptFailureKind.Interrupted, null, $"dpkg was {exit}");
        return exit.IsSuccess ? null : AptFailure.Classify(tail, isTransactionBegun: true).WithLastWords(tail);
    }
}
