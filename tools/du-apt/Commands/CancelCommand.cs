using System.CommandLine;
using AptHandler.CommandLine.Output;
using AptHandler.Native;
using AptHandler.Updates;

namespace AptHandler.CommandLine.Commands;

/// <summary>Asks the running update to give up at its next safe point.</summary>
internal static class CancelCommand
{
    public static Command Make()
    {
        var command = new Command("cancel", "Ask the running update to give up. While dpkg runs it is not interrupted.");
        command.SetAction(parsed => Failures.Guard(parsed, UpdateStep.Download, () =>
        {
            Configuration configuration = SharedOptions.Configuration(parsed);
            bool asked = WorkerLock.Holder(configuration.RunDir) is { } holder && Libc.Kill(holder, Libc.SIGTERM) == 0;
            int code = asked ? ResultCode.CancelSuccess : ResultCode.CancelUnable;
            string text = asked ? "the running update was asked to give up" : "no update is running";
            if (parsed.GetValue(SharedOptions.Json))
            {
                Results.PrintJson(writer =>
                {
                    writer.WriteString("step", "cancel");
                    writer.WriteNumber("resultCode", code);
                    writer.WriteString("extendedResultCode", ExtendedResult.Format(0));
                    writer.WriteString("details", text);
                    Results.Write(writer, []);
                });
            }
            else
            {
                Console.Out.WriteLine($"cancel {code}: {text}");
            }

            return asked ? (int)UpdateOutcome.Done : (int)UpdateOutcome.Failed;
        }));
        return command;
    }
}
