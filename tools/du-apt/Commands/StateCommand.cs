using System.CommandLine;
using System.Text.Json;
using AptHandler.Authoring.Desks;
using AptHandler.CommandLine.Output;
using AptHandler.Debian;
using AptHandler.DesiredState;
using AptHandler.Manifests;
using AptHandler.Updates;

namespace AptHandler.CommandLine.Commands;

/// <summary>
/// What a device reports of its packages, in the shape of the module PackageManager of OSConfig, whose numbers and words these are.
/// </summary>
internal static class StateCommand
{
    private const int Unknown = 0, Running = 1, Succeeded = 2, Failed = 3, TimedOut = 4;
    private const int NoSubstate = 0, ReadingPackages = 5, ModifyingSources = 7, UpdatingLists = 8, InstallingPackages = 9;

    public static Command Make()
    {
        var command = new Command("state", "Report the packages of the newest update and the fingerprints of packages and sources, as OSConfig's module PackageManager does, and fingerprints that can be compared between devices.");
        command.SetAction(parsed => Failures.Guard(parsed, () => Report(parsed)));
        return command;
    }

    private static int Report(ParseResult parsed)
    {
        Configuration configuration = SharedOptions.Configuration(parsed);
        DpkgStatus status = DpkgStatus.Read(configuration.System.StatusFile);
        var fingerprints = Fingerprints.Of(configuration.System, status);
        var records = new UpdateRecords(configuration.StateDir);
        UpdateRecord? newest = records.NewestFirst().FirstOrDefault();
        AptManifest? manifest = newest is null ? null : ManifestReader.Read(records.Manifest(newest)).Manifest;
        List<string> packages = [.. manifest?.Packages.Select(intent => Line(intent, status)) ?? []];
        IReadOnlyList<string> sourceFiles = Fingerprints.SourceFileNames(configuration.System);
        bool isRunning = WorkerLock.Holder(configuration.RunDir) is not null;
        UpdateStep? step = newest?.Result?.Step;
        int state = isRunning ? Running : StateOf(newest);
        int substate = isRunning || state is Failed or TimedOut ? SubstateOf(newest) : NoSubstate;
        string details = state is Failed or TimedOut ? newest?.Result?.Details ?? "" : "";

        if (parsed.GetValue(SharedOptions.Json))
        {
            Results.PrintJson(writer =>
            {
                writer.WriteStartObject("state");
                writer.WriteString("packagesFingerprint", fingerprints.PackagesOfOSConfig);
                Write(writer, "packages", packages);
                writer.WriteNumber("executionState", state);
                writer.WriteNumber("executionSubstate", substate);
                writer.WriteString("executionSubstateDetails", details);
                writer.WriteString("sourcesFingerprint", fingerprints.SourcesOfOSConfig);
                Write(writer, "sourcesFilenames", sourceFiles);
                writer.WriteEndObject();
                writer.WriteStartObject("fingerprints");
                writer.WriteString("packages", fingerprints.Packages);
                writer.WriteString("sources", fingerprints.Sources);
                writer.WriteEndObject();
            });
            return (int)UpdateOutcome.Done;
        }

        Console.Out.WriteLine($"packages  {fingerprints.Packages}");
        Console.Out.WriteLine($"sources   {fingerprints.Sources}");
        Console.Out.WriteLine($"OSConfig  {fingerprints.PackagesOfOSConfig} (packages), {fingerprints.SourcesOfOSConfig} (sources)");
        foreach (string line in packages)
            Console.Out.WriteLine($"  {line}");
        return (int)UpdateOutcome.Done;
    }

    private static void Write(Utf8JsonWriter writer, string member, IReadOnlyList<string> texts)
    {
        writer.WriteStartArray(member);
        foreach (string text in texts)
            writer.WriteStringValue(text);
        writer.WriteEndArray();
    }

    private static string Line(PackageIntent intent, DpkgStatus status) => status.Find(intent.Package) switch
    {
        { IsInstalled: true } entry => $"{intent.Package}={entry.Version}",
        { HoldsFiles: true } => $"{intent.Package}=(failed)",
        _ => $"{intent.Package}=(none)",
    };

    private static int StateOf(UpdateRecord? newest) => newest switch
    {
        null => Unknown,
        { State: UpdateState.Applied } => Succeeded,
        { Result: { IsSuccess: false } result } => result.ExtendedResultCode == ExtendedResult.Locked.Code ? TimedOut : Failed,
        { State: UpdateState.Failed or UpdateState.Cancelled or UpdateState.Restored } => Failed,
        _ => Running,
    };

    private static int SubstateOf(UpdateRecord? newest) => newest?.Result is { ExtendedResultCode: var code } && code == ExtendedResult.Manifest.Code
        ? ReadingPackages
        : newest?.State is UpdateState.Begun ? UpdatingLists : InstallingPackages;
}
