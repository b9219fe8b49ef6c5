using System.CommandLine;
using AptHandler.CommandLine.Output;
using AptHandler.CommandLine.Shared;
using AptHandler.Requests;
using AptHandler.Results;
using AptHandler.Settings;

namespace AptHandler.CommandLine.Commands.Device;

/// <summary>The steps that need no manifest, because the device's own records say what to do.</summary>
internal static class RestoreCommand
{
    public static Command Make()
    {
        var id = new Argument<string?>("ID")
        {
            Description =
                "Which update: its number, the agent's id of the deployment, or the installed criteria, as history lists them "
                + "(default: the newest).",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var deployment = new Option<bool>("--deployment") { Description = "Undo all steps of the update's deployment, the newest first." };
        Command command = Make(
            UpdateStep.Restore,
            "Bring the device back to the state before an update, without the network. Refused where a later update stands on it.",
            (parsed, request) => request with { UpdateId = parsed.GetValue(id), WholeDeployment = parsed.GetValue(deployment) }
        );
        command.Add(id);
        command.Add(deployment);
        return command;
    }

    public static Command MakeRecover() =>
        Make(UpdateStep.Recover, "Finish or undo what a power cut, or a kill, has left half-done.", (_, request) => request);

    private static Command Make(UpdateStep step, string description, Func<ParseResult, UpdateRequest, UpdateRequest> complete)
    {
        var command = new Command(ResultOutput.NameOf(step), description);
        command.SetGuardedAction(parsed =>
        {
            Configuration configuration = SharedOptions.Configuration(parsed);
            UpdateRequest request = complete(parsed, new UpdateRequest(step, UpdateRequest.Newest));
            using var runner = new StepRunner(configuration);
            bool asJson = parsed.GetValue(SharedOptions.Json);
            return ResultOutput.Print(runner.Shown(asJson, steps => runner.Run(steps, request)), asJson);
        });
        return command;
    }
}
