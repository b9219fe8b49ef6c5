using AptHandler.Logging;
using AptHandler.Manifests;

namespace AptHandler.Authoring.ImportManifests;

/// <summary>Finds what would make an import fail, or make an imported update fail on its devices.</summary>
public sealed class ImportVerification
{
    /// <summary>The largest import manifest that is read, in bytes. A valid one is far smaller.</summary>
    public const int LargestManifest = 1 << 20;

    // A step that is a reference has an updateId and no other of these. Every other step has the others, where the last is optional.
    private static readonly string[] StepMembers = ["handler", "files", "updateId", "handlerProperties"];

    private readonly ProblemList _problems = new();
    private readonly string _updateType;

    private ImportVerification(string updateType) => _updateType = updateType;

    /// <summary>Verifies an import manifest, the files beside it, and the apt manifests among them.</summary>
    /// <param name="file">The import manifest.</param>
    /// <param name="utf8">Its bytes.</param>
    /// <param name="updateType">The update type whose steps are apt steps, in addition to <c>microsoft/apt</c> of any number.</param>
    /// <returns>The import manifest, followed by each apt manifest that was read.</returns>
    /// <exception cref="IOException">A file cannot be hashed, or cannot be read to its end.</exception>
    public static IReadOnlyList<VerifiedFile> Of(string file, byte[] utf8, string updateType)
    {
        var verification = new ImportVerification(updateType);
        var folder = new ImportFolder(Path.GetDirectoryName(file) ?? "", verification._problems);
        folder.AptManifests.Insert(0, new(file, utf8, verification.Verify(utf8, folder)));
        return folder.AptManifests;
    }

    /// <summary>Verifies only the text of an import manifest, before there is a folder for it.</summary>
    internal static IReadOnlyList<ManifestProblem> Of(byte[] utf8, string updateType) =>
        new ImportVerification(updateType).Verify(utf8, null);

    private ManifestProblem[] Verify(byte[] utf8, ImportFolder? folder)
    {
        if (OtherFile.InsteadOfImportManifest(utf8) is { } other)
            return [other];
        JsonText text = JsonText.Of(utf8, "du-apt import-manifest create makes one", _problems);

        // The member with the version can be at the end. So the text is read once to find the version.
        ImportValue? version = ImportManifestReader.Read(text, ImportShape.ImportManifest, new ProblemList())?["manifestVersion"];
        ImportShape shape = version?.Text == ImportShape.OldManifestVersion ? ImportShape.OldImportManifest : ImportShape.ImportManifest;
        if (ImportManifestReader.Read(text, shape, _problems) is { } manifest)
        {
            List<ImportValue> steps = manifest["instructions"]?.Entries("steps") ?? [];
            List<ImportValue> files = manifest.Entries("files");
            foreach (ImportValue step in steps)
                CheckStep(step, files, manifest["updateId"]);
            CheckFiles(files, steps, folder);
            CheckCriteria(steps, folder);
        }

        return _problems.InDocumentOrder(text.Readable);
    }

    private void CheckStep(ImportValue step, List<ImportValue> files, ImportValue? own)
    {
        if (own is not null && step["updateId"] is { } other && IsSame(own, other))
            other.Report(
                _problems,
                ImportProblemCodes.SelfReference,
                "The step refers to the update that it is a step of; name another update."
            );
        bool isReference = step["type"]?.Text == ImportShape.Reference;
        foreach (string name in StepMembers)
        {
            ImportValue? member = step[name];
            bool belongs = isReference == (name == "updateId");
            if (belongs && member is null && name != "handlerProperties")
                step.ReportMissing(_problems, name);
            else if (!belongs)
                member?.Report(
                    _problems,
                    ImportProblemCodes.MisplacedMember,
                    $"This type of step has no \"{name}\"; remove it, or correct the type of the step."
                );
        }

        List<ImportValue> names = step.Entries("files");
        foreach (ImportValue name in names)
            if (name.Text is not null && Find(files, name.Text) is null)
                name.Report(
                    _problems,
                    ImportProblemCodes.UnlistedFile,
                    $"The file {name.Quoted} is not in \"files\"; list it there, or correct its name."
                );
        if (IsAptStep(step) && names.Count > 1)
            names[1].Report(_problems, ImportProblemCodes.WrongCount, "An apt step has one file, its apt manifest; make a step of each.");
    }

    private void CheckFiles(List<ImportValue> files, List<ImportValue> steps, ImportFolder? folder)
    {
        var all = new List<ImportValue>();
        foreach (ImportValue file in files)
        {
            all.Add(file);
            all.AddRange(file.Entries("relatedFiles"));
        }

        long sum = 0;
        foreach (ImportValue file in all)
        {
            if (file["sizeInBytes"] is { } size && sum <= ImportShape.LargestImport && (sum += size.Number) > ImportShape.LargestImport)
                size.Report(
                    _problems,
                    ImportProblemCodes.ImportTooLarge,
                    "With this file the import is larger than 2 GiB; divide the update."
                );
            if (file["filename"] is not { Text: { } text } name)
                continue;
            if (Find(all, text) != file)
                name.Report(
                    _problems,
                    ImportProblemCodes.RepeatedFile,
                    $"The file {name.Quoted} is listed already; give each file a name of its own."
                );
            else if (files.Contains(file) && !steps.Exists(step => Uses(step, text)))
                name.Report(
                    _problems,
                    ImportProblemCodes.UnusedFile,
                    $"No step has the file {name.Quoted}; name it in the \"files\" of a step, or remove it."
                );
            folder?.Check(file, name, steps.Exists(step => Uses(step, text) && IsAptStep(step)));
        }
    }

    private void CheckCriteria(List<ImportValue> steps, ImportFolder? folder)
    {
        steps = steps.FindAll(IsAptStep);
        foreach (ImportValue step in steps)
        {
            string? known = step.Entries("files") is [{ Text: { } file }] ? folder?.AptManifest(file)?.RecommendedInstalledCriteria : null;
            string wanted = Quotation.Of(known ?? "<name>-<version>");
            if (CriteriaOf(step) is not { } criteria)
                step.Report(
                    _problems,
                    ImportProblemCodes.MissingCriteria,
                    $"The step has no installedCriteria; add \"handlerProperties\": {{ \"installedCriteria\": {wanted} }}."
                );
            else if (criteria.Text is not { } text)
                continue;
            else if (steps.Find(other => CriteriaOf(other)?.Text == text) != step)
                criteria.Report(
                    _problems,
                    ImportProblemCodes.RepeatedCriteria,
                    $"Another step has these installedCriteria, too; write others, such as {wanted}."
                );
            else if (known is null ? LooksLikeVersion(text) : text != known)
                criteria.Warn(
                    _problems,
                    ImportProblemCodes.UnusualCriteria,
                    $"Another update can have these installedCriteria, too; write those of the apt manifest, {wanted}."
                );
        }
    }

    private static bool IsSame(ImportValue own, ImportValue other) =>
        own["provider"]?.Text is { } provider
        && provider == other["provider"]?.Text
        && own["name"]?.Text is { } name
        && name == other["name"]?.Text
        && own["version"]?.Text is { } version
        && other["version"]?.Text is { } otherVersion
        && ImportRules.WithoutLeadingZeros(version) == ImportRules.WithoutLeadingZeros(otherVersion);

    private static ImportValue? CriteriaOf(ImportValue step) => step["handlerProperties"]?["installedCriteria"];

    private static bool Uses(ImportValue step, string file) => step.Entries("files").Exists(name => name.Text == file);

    // Microsoft's own tool writes "1.0" by default.
    private static bool LooksLikeVersion(string text) => text.All(c => char.IsAsciiDigit(c) || c == '.');

    private static ImportValue? Find(List<ImportValue> files, string name) => files.Find(file => file["filename"]?.Text == name);

    private bool IsAptStep(ImportValue step) =>
        step["handler"]?.Text is { } handler && (handler == _updateType || handler.StartsWith("microsoft/apt:", StringComparison.Ordinal));
}
