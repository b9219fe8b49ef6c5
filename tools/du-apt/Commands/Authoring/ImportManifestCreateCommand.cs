using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;
using AptHandler.Authoring;
using AptHandler.Authoring.ImportManifests;
using AptHandler.Authoring.Manifests;
using AptHandler.CommandLine.Output;
using AptHandler.CommandLine.Shared;
using AptHandler.Files;
using AptHandler.Manifests;
using AptHandler.Results;

namespace AptHandler.CommandLine.Commands.Authoring;

/// <summary>Writes the import manifest of an update that is made of apt manifests.</summary>
internal static class ImportManifestCreateCommand
{
    private static readonly Option<string[]> Manifests = Several(
        "--manifest",
        "FILE",
        "An apt manifest, which becomes a step; several become steps in their order.",
        isRequired: true
    );
    private static readonly Option<string> Provider = Required("--provider", "P", "Who makes the update.");
    private static readonly Option<string> Name = Required("--name", "N", "What the update is for.");
    private static readonly Option<string> UpdateVersion = Required(
        "--version",
        "V",
        "The version of the update: two to four numbers, such as 1.0.0."
    );
    private static readonly Option<string[]> Compatibility = new("--compat")
    {
        Description =
            "A set of properties, separated by commas or blanks, such as manufacturer=Contoso,model=Video. "
            + "The update is for devices that report all of one set; give the option once for each set.",
        HelpName = "K=V ...",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string?> Description = new("--description")
    {
        Description = "What people read about the update.",
        HelpName = "TEXT",
    };

    private static readonly Option<string[]> InstalledCriteria = Several(
        "--installed-criteria",
        "TEXT",
        "The string that the agent knows a step by, once for each --manifest or not at all (default: <name>-<version> of the manifest)."
    );

    private static readonly Option<string[]> StepProperties = Several(
        "--step-property",
        "K=V",
        "A member of the handlerProperties of every step, such as unlistedRemovals=allow."
    );

    private static readonly Option<string?> Output = new("--output")
    {
        Description =
            "Where to write it: a file, or a folder in which it is called <provider>.<name>.<version>.importmanifest.json "
            + "(default: standard output).",
        HelpName = "FILE|FOLDER",
    };

    public static Command Make()
    {
        var command = new Command("create", "Write an import manifest for apt manifests.")
        {
            Manifests,
            Provider,
            Name,
            UpdateVersion,
            Compatibility,
            Description,
            InstalledCriteria,
            StepProperties,
            Output,
        };
        command.SetGuardedAction(parsed => Create(parsed));
        return command;
    }

    private static int Create(ParseResult parsed)
    {
        var source = new ImportSource
        {
            Provider = parsed.GetRequiredValue(Provider),
            Name = parsed.GetRequiredValue(Name),
            Version = parsed.GetRequiredValue(UpdateVersion),
            Description = parsed.GetValue(Description),
            Compatibility = CompatibilityOf(parsed),

            // The type that devices with this configuration have registered the handler for. The agent gives steps of another type to
            // another handler.
            Handler = SharedOptions.Configuration(parsed).UpdateType,
            Steps = StepsOf(parsed, parsed.GetRequiredValue(Manifests)),
            StepProperties = parsed.GetValue(StepProperties) ?? [],
            Created = SourceDate.Now,
        };
        foreach (string property in source.StepProperties)
            if (property.Split('=')[0].Trim() == "installedCriteria")
                throw new InputException($"cannot give all steps the same installedCriteria; use {InstalledCriteria.Name}");
        byte[] text = ImportManifestWriter.Write(source, out IReadOnlyList<ManifestProblem> warnings);
        foreach (ManifestProblem warning in warnings)
            Terminal.Error($"warning: {warning.Message}");
        if (parsed.GetValue(Output) is { } output)
            Save(output, text, source, parsed.GetValue(SharedOptions.Json));
        else
            Terminal.PrintDocument(Encoding.UTF8.GetString(text));
        return (int)UpdateOutcome.Done;
    }

    // The value of the option does not tell which words were given together; the tokens do.
    private static string[] CompatibilityOf(ParseResult parsed)
    {
        var sets = new List<string>();
        bool isInside = false,
            isFirst = false;
        foreach (Token token in parsed.Tokens)
        {
            if (token.Type == TokenType.Option)
            {
                isInside = isFirst = token.Value == Compatibility.Name;
            }
            else if (isInside && token.Type == TokenType.Argument)
            {
                if (!token.Value.Contains('=', StringComparison.Ordinal))
                {
                    throw new InputException(
                        $"cannot use {Compatibility.Name}: \"{token.Value}\" has no equals sign; "
                            + "write <name>=<value>, in quotation marks where there is a blank in it"
                    );
                }

                if (isFirst)
                    sets.Add(token.Value);
                else
                    sets[^1] = $"{sets[^1]},{token.Value}";
                isFirst = false;
            }
        }

        return [.. sets];
    }

    private static ImportStep[] StepsOf(ParseResult parsed, string[] manifests)
    {
        string[] criteria = parsed.GetValue(InstalledCriteria) ?? [];
        if (criteria.Length > 0 && criteria.Length != manifests.Length)
            throw new InputException(
                $"cannot tell which of {criteria.Length} installed criteria are those of which of {manifests.Length} "
                    + "manifests; give one for each, or none"
            );
        var steps = new ImportStep[manifests.Length];
        for (int i = 0; i < steps.Length; i++)
        {
            ManifestFile file = SharedOptions.ValidManifest(parsed, manifests[i]);
            if (file.Path == ManifestFile.StandardInput)
                throw new InputException("cannot import what comes from standard input: the devices get the file by its name; name it");
            steps[i] = new(
                Path.GetFileName(file.Path),
                file.Bytes,
                criteria.Length > 0 ? criteria[i] : file.Reading.Manifest!.RecommendedInstalledCriteria
            );
        }

        return steps;
    }

    private static void Save(string output, byte[] text, ImportSource source, bool asJson)
    {
        string path;
        try
        {
            path = FileOf(output, source);
            if (Array.Exists(source.Steps, step => step.FileName == Path.GetFileName(path)))
                throw new InputException(
                    $"cannot write {output}: an apt manifest of the import has that name; name another file, or a folder"
                );
            AuthoredFile.Write(path, text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"cannot write {output}: {e.Message}; name another file or folder with {Output.Name}");
        }

        foreach (ImportStep step in source.Steps)
            if (!IsThere(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, step.FileName), step))
                Terminal.Error($"note: {step.FileName} is not beside the import manifest, and has to be uploaded with it");
        if (asJson)
            ResultOutput.PrintJson(writer => writer.Text("file", path));
        else
            Terminal.Print($"{path}");
    }

    private static string FileOf(string output, ImportSource source)
    {
        if (output.Length == 0)
            throw new InputException($"cannot write to a file without a name; name one, or a folder, with {Output.Name}");
        if (output.EndsWith('/'))
            Directory.CreateDirectory(output);
        return Directory.Exists(output) ? Path.Combine(output, source.FileName) : output;
    }

    private static bool IsThere(string file, ImportStep step)
    {
        try
        {
            return step.Content.Span.SequenceEqual(BoundedFile.Read(file, ManifestReader.MaximumSize));
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static Option<string> Required(string name, string value, string description) =>
        new(name)
        {
            Description = description,
            HelpName = value,
            Required = true,
        };

    private static Option<string[]> Several(string name, string value, string description, bool isRequired = false) =>
        new(name)
        {
            Description = description,
            HelpName = value,
            Required = isRequired,
        };
}
