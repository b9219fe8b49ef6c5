using AptHandler.Results;

namespace AptHandler.CommandLine.Shared;

/// <summary>
/// A whole update, with the steps in the agent's order and with the agent's rules between them (agent-contract.md, 4). The result is that
/// of the step that decides: the one that failed, or the last one.
/// </summary>
internal static class WholeUpdate
{
    /// <summary>Does all of it.</summary>
    /// <param name="run">Does one step.</param>
    public static UpdateResult Run(Func<UpdateStep, UpdateResult> run) => Check(run) ?? Fetch(run) ?? Change(run);

    /// <summary>The result where the update is installed already; null where it goes on.</summary>
    public static UpdateResult? Check(Func<UpdateStep, UpdateResult> run) =>
        run(UpdateStep.IsInstalled) is { ResultCode: ResultCode.IsInstalled } installed ? installed : null;

    /// <summary>The result where the archives cannot be fetched; null where it goes on.</summary>
    public static UpdateResult? Fetch(Func<UpdateStep, UpdateResult> run) =>
        run(UpdateStep.Download) is { IsSuccess: false } failed ? failed : null;

    /// <summary>The result of the rest.</summary>
    public static UpdateResult Change(Func<UpdateStep, UpdateResult> run)
    {
        // Install keeps the way back where no Backup came before it: here that saves planning once more.
        UpdateResult install = run(UpdateStep.Install);
        UpdateResult last = install is { IsSuccess: true } and not { ResultCode: ResultCode.InstallSkippedInstalled }
            ? run(UpdateStep.Apply)
            : install;
        if (!last.IsSuccess)
            _ = run(UpdateStep.Restore);
        return last;
    }
}
