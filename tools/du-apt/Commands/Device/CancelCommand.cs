using System.CommandLine;
using AptHandler.CommandLine.Output;
using AptHandler.CommandLine.Shared;
using AptHandler.Native;
using AptHandler.Results;
using AptHandler.Settings;
using AptHandler.Updates;

namespace AptHandler.CommandLine.Commands.Device;

/// <summary>Asks the running update to stop at its next safe point.</summary>
internal static class CancelCommand
{
    public static Command Make()
    {
        var command = new Command(
            "cancel",
            "Ask the running update to give up. dpkg is not interrupted: what it has done by then is undone, or stays, as "
                + "cancelDuringInstall says."
        );
        command.SetGuardedAction(parsed =>
        {
            Configuration configuration = SharedOptions.Configuration(parsed);
            bool asked = WorkerLock.Holder(configuration.RunDir) is { } holder && Libc.Kill(holder, StepRunner.CancelSignal) == 0;
            UpdateResult result = asked
                ? UpdateResult.Success(UpdateStep.Plan, ResultCode.CancelSuccess, "the running update was asked to give up")
                : UpdateResult.Success(UpdateStep.Plan, ResultCode.CancelUnable, "no update is running");
            if (parsed.GetValue(SharedOptions.Json))
                ResultOutput.PrintJson(writer => ResultOutput.Write(writer, command.Name, result));
            else
                Terminal.Print($"{command.Name} {result.ResultCode}: {result.Details}");
            return asked ? (int)UpdateOutcome.Done : (int)UpdateOutcome.Failed;
        });
        return command;
    }
}
