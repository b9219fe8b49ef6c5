using System.CommandLine;
using AptHandler.CommandLine.Output;
using AptHandler.Updates;

namespace AptHandler.CommandLine.Commands;

/// <summary>The steps that need no manifest, because what there is to do is in the device's own records.</summary>
internal static class ReturnCommand
{
    public static Command Make(UpdateStep step, string description)
    {
        var command = new Command(Results.NameOf(step), description);
        command.SetAction(parsed => Failures.Guard(parsed, () =>
        {
            Configuration configuration = SharedOptions.Configuration(parsed);
            using var runner = new StepRunner(configuration);
            bool asJson = parsed.GetValue(SharedOptions.Json);
            return Results.Print(runner.Shown(asJson, steps => runner.Run(steps, new UpdateRequest(step, UpdateRequest.Newest))), asJson);
        }));
        return command;
    }
}
