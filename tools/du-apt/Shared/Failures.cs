using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using AptHandler.Authoring;
using AptHandler.CommandLine.Output;
using AptHandler.Results;

namespace AptHandler.CommandLine.Shared;

/// <summary>Turns failures that a user can cause into a result with an exit status, never a stack trace.</summary>
internal static class Failures
{
    /// <summary>Gives a command its work, which prints its own output.</summary>
    /// <param name="command">The command.</param>
    /// <param name="work">What is done; it returns the exit status.</param>
    /// <param name="name">The name of the command in messages, if it is not its own name.</param>
    public static void SetGuardedAction(this Command command, Func<ParseResult, int> work, string? name = null) =>
        command.SetAction(parsed => Guard(parsed, () => work(parsed), name));

    /// <summary>Does a command's work. A failure is printed in the form of a result, under the name of the command.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="work">What is done; it returns the exit status.</param>
    /// <param name="name">The name of the command in messages, if it is not its own name.</param>
    /// <returns>The exit status.</returns>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever happens, the program ends with a sentence and an exit status.")]
    public static int Guard(ParseResult parsed, Func<int> work, string? name = null)
    {
        name ??= parsed.CommandResult.Command.Name;
        try
        {
            return work();
        }
        catch (InputException e)
        {
            return ResultOutput.PrintMistake(name, e.Message, parsed.GetValue(SharedOptions.Json));
        }
        catch (Exception e)
        {
            UpdateResult failure =
                e is OperationCanceledException
                    ? UpdateResult.Cancelled(UpdateStep.Plan, "cancelled; nothing was written")
                    : FailureResult.Of(UpdateStep.Plan, e);
            TryPrint(
                parsed,
                name,
                failure,
                e is InvalidManifestException invalid ? invalid.Problems : $"{(e is UpdateException ? e.Message : failure.Details)}"
            );
            return (int)failure.Outcome;
        }
    }

    private static void TryPrint(ParseResult parsed, string name, UpdateResult failure, ShownText text)
    {
        try
        {
            if (parsed.GetValue(SharedOptions.Json))
                ResultOutput.PrintJson(writer => ResultOutput.Write(writer, name, failure));
            else
                Terminal.Error(text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The output is closed or full, for example in a worker. Only the exit status can report the failure.
        }
    }
}
