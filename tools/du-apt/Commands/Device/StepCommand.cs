using System.CommandLine;
using AptHandler.CommandLine.Output;
using AptHandler.CommandLine.Shared;
using AptHandler.Requests;
using AptHandler.Results;
using AptHandler.Settings;

namespace AptHandler.CommandLine.Commands.Device;

/// <summary>One step of an update, by hand.</summary>
internal static class StepCommand
{
    public static Command Make(UpdateStep step, string description)
    {
        Argument<string> manifest = SharedOptions.Manifest();
        var command = new Command(ResultOutput.NameOf(step), description) { manifest, SharedOptions.InstalledCriteria };
        if (step is UpdateStep.Plan or UpdateStep.Download or UpdateStep.Install)
            command.Add(SharedOptions.UnlistedRemovals);
        command.SetGuardedAction(parsed =>
        {
            Configuration configuration = SharedOptions.Configuration(parsed);
            UpdateRequest request = SharedOptions.Request(parsed, step, manifest);
            using var runner = new StepRunner(configuration);
            bool asJson = parsed.GetValue(SharedOptions.Json);
            return ResultOutput.Print(runner.Shown(asJson, steps => runner.Run(steps, request)), asJson);
        });
        return command;
    }
}
