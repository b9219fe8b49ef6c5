using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using AptHandler.CommandLine.Output;
using AptHandler.Updates;

namespace AptHandler.CommandLine.Commands;

/// <summary>What a user can cause is a result with an exit status, never a stack trace.</summary>
internal static class Failures
{
    /// <summary>Prints the result of a step, or the failure before it could begin.</summary>
    /// <returns>The exit status.</returns>
    public static int Print(ParseResult parsed, UpdateStep step, Func<UpdateResult> work) =>
        Guard(parsed, step, () => Results.Print(work(), parsed.GetValue(SharedOptions.Json)));

    /// <summary>Runs work that prints its own output; a failure is printed as the result of a step.</summary>
    /// <returns>The exit status.</returns>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever happens, the program ends with a sentence and an exit status.")]
    public static int Guard(ParseResult parsed, UpdateStep step, Func<int> work)
    {
        try
        {
            return work();
        }
        catch (OperationCanceledException)
        {
            return Results.Print(UpdateResult.Cancelled(step, "cancelled; nothing was changed"), parsed.GetValue(SharedOptions.Json));
        }
        catch (Exception e)
        {
            UpdateResult failure = UpdateSteps.FailureOf(step, e);
            if (parsed.GetValue(SharedOptions.Json))
                return Results.Print(failure, asJson: true);
            Terminal.Error(e is UpdateException ? e.Message : failure.Details);
            return (int)failure.Outcome;
        }
    }
}
