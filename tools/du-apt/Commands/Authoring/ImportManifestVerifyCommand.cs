using System.CommandLine;
using AptHandler.Authoring.ImportManifests;
using AptHandler.CommandLine.Output;
using AptHandler.CommandLine.Shared;
using AptHandler.Files;
using AptHandler.Manifests;
using AptHandler.Results;

namespace AptHandler.CommandLine.Commands.Authoring;

/// <summary>Checks an import manifest together with the files beside it.</summary>
internal static class ImportManifestVerifyCommand
{
    public static Command Make()
    {
        var file = new Argument<string>("FILE") { Description = "An import manifest (JSON), with its files beside it." };
        var command = new Command(
            "verify",
            "Check an import manifest, the files beside it, and the apt manifests among them; ends with 1 when there are errors."
        )
        {
            file,
        };
        command.SetGuardedAction(parsed => Verify(parsed, parsed.GetRequiredValue(file)));
        return command;
    }

    private static int Verify(ParseResult parsed, string file)
    {
        byte[] text = Read(file);
        IReadOnlyList<VerifiedFile> files = ImportVerification.Of(file, text, SharedOptions.Configuration(parsed).UpdateType);
        int errors = Count(files, ProblemSeverity.Error),
            warnings = Count(files, ProblemSeverity.Warning);
        if (parsed.GetValue(SharedOptions.Json))
        {
            PrintJson(files, errors == 0);
        }
        else
        {
            foreach (VerifiedFile each in files)
                if (each.Problems.Count > 0)
                    Terminal.Print(ProblemLines.Text(each.File, each.Utf8, each.Problems, Terminal.IsOutputColored));
            if (errors + warnings == 0)
                Terminal.Print($"All is well.");
            else
                Terminal.Print($"Errors: {errors}, warnings: {warnings}.");
        }

        return errors == 0 ? (int)UpdateOutcome.Done : (int)UpdateOutcome.Failed;
    }

    private static byte[] Read(string file)
    {
        try
        {
            return BoundedFile.Read(file, ImportVerification.LargestManifest, followLinks: true);
        }
        catch (IOException e)
        {
            throw new UpdateException(ExtendedResult.ManifestUnreadable, e.Message);
        }
    }

    private static int Count(IReadOnlyList<VerifiedFile> files, ProblemSeverity severity)
    {
        int count = 0;
        foreach (VerifiedFile file in files)
        foreach (ManifestProblem problem in file.Problems)
            count += problem.Severity == severity ? 1 : 0;
        return count;
    }

    private static void PrintJson(IReadOnlyList<VerifiedFile> files, bool isValid) =>
        ResultOutput.PrintJson(writer =>
        {
            writer.WriteBoolean("isValid", isValid);
            writer.WriteStartArray("problems");
            foreach (VerifiedFile file in files)
            {
                foreach (ManifestProblem problem in file.Problems)
                {
                    writer.WriteStartObject();
                    ResultOutput.Write(writer, file.File, problem);
                    writer.WriteEndObject();
                }
            }

            writer.WriteEndArray();
        });
}
