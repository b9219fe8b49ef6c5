using AptHandler.Results;

namespace AptHandler.CommandLine.Shared;

/// <summary>
/// Runs a whole update: the steps in the agent's order, with the agent's rules between them (agent-contract.md, 4). The result is that of
/// the step that decides: the one that failed, or the last one.
/// </summary>
internal static class WholeUpdate
{
    /// <summary>Runs all steps.</summary>
    /// <param name="run">Does one step.</param>
    public static UpdateResult Run(Func<UpdateStep, UpdateResult> run) => Check(run) ?? Fetch(run) ?? Change(run);

    /// <summary>The result if the update is already installed; null if the update goes on.</summary>
    public static UpdateResult? Check(Func<UpdateStep, UpdateResult> run) =>
        run(UpdateStep.IsInstalled) is { ResultCode: ResultCode.IsInstalled } installed ? installed : null;

    /// <summary>The result if the archives cannot be fetched; null if the update goes on.</summary>
    public static UpdateResult? Fetch(Func<UpdateStep, UpdateResult> run) =>
        run(UpdateStep.Download) is { IsSuccess: false } failed ? failed : null;

    /// <summary>The result of the remaining steps.</summary>
    public static UpdateResult Change(Func<UpdateStep, UpdateResult> run)
    {
        // Install makes the backup itself if no Backup step ran before it. That saves a second planning here.
        UpdateResult install = run(UpdateStep.Install);
        UpdateResult last = install is { IsSuccess: true } and not { ResultCode: ResultCode.InstallSkippedInstalled }
            ? run(UpdateStep.Apply)
            : install;
        if (!last.IsSuccess)
            _ = run(UpdateStep.Restore);
        return last;
    }
}
