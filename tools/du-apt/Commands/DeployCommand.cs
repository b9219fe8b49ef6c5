using System.CommandLine;
using AptHandler.CommandLine.Output;
using AptHandler.Updates;

namespace AptHandler.CommandLine.Commands;

/// <summary>A whole update, with the steps in the agent's order and with the agent's rules between them (agent-contract.md, 4).</summary>
internal static class DeployCommand
{
    public static Command Make()
    {
        Argument<string> manifest = SharedOptions.Manifest();
        var command = new Command("deploy", "Do a whole update: all steps in the agent's order.")
        {
            manifest, SharedOptions.InstalledCriteria, SharedOptions.UnlistedRemovals,
        };
        command.SetAction(parsed => Failures.Guard(parsed, () =>
        {
            Configuration configuration = SharedOptions.Configuration(parsed);
            UpdateRequest request = SharedOptions.Request(parsed, UpdateStep.Download, manifest);
            bool asJson = parsed.GetValue(SharedOptions.Json);
            using var runner = new StepRunner(configuration);
            UpdateResult result = runner.Shown(asJson, steps => Deploy(step => runner.Run(steps, request with { Step = step })));
            return Results.Print(result, asJson);
        }));
        return command;
    }

    // The result is that of the step that decides: the one that failed, or the last one.
    private static UpdateResult Deploy(Func<UpdateStep, UpdateResult> run)
    {
        UpdateResult installed = run(UpdateStep.IsInstalled);
        if (installed.ResultCode == ResultCode.IsInstalled)
            return installed;

        UpdateResult download = run(UpdateStep.Download);
        if (!download.IsSuccess)
            return download;

        // Install keeps the way back where no Backup came before it: here that saves planning once more.
        UpdateResult install = run(UpdateStep.Install);
        UpdateResult last = install is { IsSuccess: true } and not { ResultCode: ResultCode.InstallSkippedInstalled } ? run(UpdateStep.Apply) : install;
        if (!last.IsSuccess)
            _ = run(UpdateStep.Restore);
        return last;
    }
}
