using AptHandler.Processes;

namespace AptHandler.Apt;

/// <summary>
/// The command lines of dpkg that change packages, for bringing a machine to one of two known sets from wherever it is. apt cannot do that:
/// with half-done packages it refuses to work. Each is run under <see cref="FrontendLock"/>. What came of it is to be seen in dpkg's
/// status; the exit status tells little.
/// </summary>
internal sealed class DpkgCommand(AptSystem system, ChangeRun run)
{
    // Configuration files stay as they are; package files are synced whatever the configuration of dpkg says.
    private static readonly string[] Options = ["--no-force-unsafe-io", "--force-confdef", "--force-confold"];

    // Relations between packages hold in both sets, and need not on the way.
    private static readonly string[] OnTheWay =
    [
        "--force-depends",
        "--force-conflicts",
        "--force-downgrade",
        "--force-breaks",
        "--force-overwrite",
    ];
    private static readonly string[] Away = [.. OnTheWay, "--force-remove-reinstreq", "--force-remove-essential"];

    /// <summary>Finishes what is unpacked, and the triggers that wait.</summary>
    /// <returns>What failed, or null.</returns>
    public AptFailure? Configure() => Run([.. Options, "--configure", "-a"]);

    /// <summary>Removes packages, and keeps their configuration files.</summary>
    /// <param name="names">The packages.</param>
    /// <param name="areProtected">
    /// Whether one of them has the field <c>Protected</c>, which dpkg before 1.20.1 does not know, nor the option for it.
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
    /// Sets what is wanted of packages: lines of a name and <c>install</c>, <c>hold</c>, <c>deinstall</c> or <c>purge</c>.
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
