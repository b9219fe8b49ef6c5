using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using AptHandler.Manifests;
using AptHandler.Results;

namespace AptHandler.CommandLine.Output;

/// <summary>Results of steps, for people and for programs.</summary>
internal static class ResultOutput
{
    // Versions hold '+', which the default encoder would escape; what is printed here is never embedded in HTML.
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Prints a result.</summary>
    /// <returns>The exit status.</returns>
    public static int Print(UpdateResult result, bool asJson)
    {
        if (asJson)
        {
            PrintJson(writer => Write(writer, NameOf(result.Step), result));
        }
        else
        {
            Terminal.Print($"{Line(result)}");
            foreach (PackageChange change in result.Packages)
                Terminal.Print($"  {Line(change)}");
        }

        bool isNo = result is { Step: UpdateStep.IsInstalled, ResultCode: ResultCode.IsNotInstalled };
        return isNo ? (int)UpdateOutcome.Failed : (int)result.Outcome;
    }

    /// <summary>Prints an error in the arguments of a command that is not a failure of an update.</summary>
    /// <returns>The exit status.</returns>
    public static int PrintMistake(string command, string details, bool asJson)
    {
        if (asJson)
            PrintJson(writer =>
                Write(writer, command, new UpdateResult(UpdateStep.Plan, ResultCode.Failure, 0, OperatorText.Clean(details)))
            );
        else
            Terminal.Error($"{details}");
        return (int)UpdateOutcome.InvalidInput;
    }

    /// <summary>Prints one JSON object.</summary>
    public static void PrintJson(Action<Utf8JsonWriter> content)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            content(writer);
            writer.WriteEndObject();
        }

        Terminal.PrintDocument(Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n");
    }

    /// <summary>The members <c>step</c>, <c>resultCode</c>, <c>extendedResultCode</c>, <c>details</c>, <c>packages</c>.</summary>
    public static void Write(Utf8JsonWriter writer, string step, UpdateResult result)
    {
        writer.Text("step", step);
        writer.Number("resultCode", result.ResultCode);
        writer.Text("extendedResultCode", ExtendedResult.Format(result.ExtendedResultCode));
        writer.Text("details", result.Details);
        Write(writer, result.Packages);
    }

    /// <summary>
    /// The member <c>packages</c>: objects with <c>name</c>, <c>before</c> and <c>after</c>, where null means not installed.
    /// </summary>
    public static void Write(Utf8JsonWriter writer, IReadOnlyList<PackageChange> packages)
    {
        writer.Objects(
            "packages",
            packages,
            change =>
            {
                writer.Text("name", change.Name);
                writer.Text("before", change.Before);
                writer.Text("after", change.After);
            }
        );
    }

    /// <summary>The members of a problem in a file that a person wrote.</summary>
    public static void Write(Utf8JsonWriter writer, string file, ManifestProblem problem)
    {
        writer.Text("file", file);
        writer.Text("code", problem.Code);
        writer.Text("severity", ManifestProblem.NameOf(problem.Severity));
        writer.Text("path", problem.Path);
        writer.Number("line", problem.Line);
        writer.Number("column", problem.Column);
        writer.Text("message", problem.Fault);
        writer.Text("remedy", problem.Remedy);
    }

    /// <summary>The name of a step on the command line.</summary>
    public static string NameOf(UpdateStep step) => step == UpdateStep.IsInstalled ? "is-installed" : step.ToString().ToLowerInvariant();

    /// <summary>One line about the change of a package.</summary>
    public static ShownText Line(PackageChange change) => $"{change.Name, -30} {change.Before ?? "-"} -> {change.After ?? "-"}";

    /// <summary>One line about a result: step, codes and details.</summary>
    public static string Line(UpdateResult result)
    {
        string extended = result.ExtendedResultCode == 0 ? "" : $" {ExtendedResult.Format(result.ExtendedResultCode)}";
        string details = result.Details.Length == 0 ? "" : $": {result.Details}";
        return $"{NameOf(result.Step)} {result.ResultCode}{extended}{details}";
    }
}
