using System.CommandLine;
using System.Text.Json;
using AptHandler.Apt;
using AptHandler.Authoring.Desks;
using AptHandler.CommandLine.Output;
using AptHandler.CommandLine.Shared;
using AptHandler.Debian;
using AptHandler.DesiredState;
using AptHandler.Manifests;
using AptHandler.Planning;
using AptHandler.Records;
using AptHandler.Results;
using AptHandler.Settings;
using AptHandler.Updates;

namespace AptHandler.CommandLine.Commands.Device;

/// <summary>
/// Shows what a device reports about its packages, and what it would report after an update. The names, numbers and words are those of the
/// module PackageManager of OSConfig.
/// </summary>
internal static class StateCommand
{
    /// <summary>The module's executionState.</summary>
    private enum ExecutionState
    {
        Unknown = 0,
        Running = 1,
        Succeeded = 2,
        Failed = 3,
        TimedOut = 4,
    }

    /// <summary>The module's executionSubstate, as far as an update here has such parts.</summary>
    private enum ExecutionSubstate
    {
        None = 0,
        DeserializingDesiredState = 2,
        ModifyingSources = 7,
        UpdatingPackageLists = 8,
        InstallingPackages = 9,
    }

    public static Command Make()
    {
        var command = new Command(
            "state",
            "Report the packages of the newest update, and fingerprints of all packages and sources: those of OSConfig's module "
                + "PackageManager, and some that can be compared between devices."
        );
        command.SetGuardedAction(parsed => Report(parsed));
        command.Add(MakeExpected());
        return command;
    }

    private static Command MakeExpected()
    {
        var manifest = new Option<string>("--manifest")
        {
            Description = "The apt manifest of the update; - for standard input.",
            HelpName = "FILE",
            Required = true,
        };
        var command = new Command(
            "expected",
            "Tell the fingerprints that a device will have after an update: planned on this device, or for another state or other sources."
        )
        {
            manifest,
        };
        DeskOptions.AddTo(command);
        command.SetGuardedAction(parsed => Expect(parsed, parsed.GetRequiredValue(manifest)));
        return command;
    }

    private static int Report(ParseResult parsed)
    {
        Configuration configuration = SharedOptions.Configuration(parsed);
        DpkgStatus status = configuration.System.ReadStatus();
        var fingerprints = Fingerprints.Of(configuration.System, PackageVersions.Of(status));
        var records = new UpdateRecords(configuration.StateDir);
        bool isRunning = RunningUpdate.Find(configuration, records) is not null;
        UpdateRecord? newest = records.NewestFirst().FirstOrDefault(record => isRunning || Counts(record));
        UpdateProgress? progress = isRunning ? new ProgressFile(configuration.RunDir).Read() : null;
        int? damaged = records.Damaged() is { } number && number > (newest?.Number ?? 0) ? number : null;
        AptManifest? manifest = newest is null || damaged is not null ? null : ManifestReader.Read(records.Manifest(newest)).Manifest;
        if (newest is not null && manifest is null)
            damaged ??= newest.Number;
        ExecutionState state =
            isRunning ? ExecutionState.Running
            : damaged is not null ? ExecutionState.Unknown
            : StateOf(newest);
        UpdateResult? failure = state is ExecutionState.Failed or ExecutionState.TimedOut ? newest!.Result : null;
        ExecutionSubstate substate =
            progress is not null ? SubstateOf(progress.Phase)
            : failure is not null ? SubstateOf(failure)
            : ExecutionSubstate.None;
        string details = progress?.Text ?? failure?.Details ?? (damaged is null ? "" : $"the record of update {damaged} is damaged");
        List<string> packages = Packages(manifest, status);

        if (parsed.GetValue(SharedOptions.Json))
        {
            ResultOutput.PrintJson(writer =>
            {
                writer.WriteStartObject("state");
                writer.Text("packagesFingerprint", fingerprints.PackagesOfOSConfig);
                writer.Texts("packages", packages);
                writer.Number("executionState", (int)state);
                writer.Number("executionSubstate", (int)substate);
                writer.Text("executionSubstateDetails", details);
                writer.Text("sourcesFingerprint", fingerprints.SourcesOfOSConfig);
                writer.Texts("sourcesFilenames", Fingerprints.SourceFileNames(configuration.System));
                writer.WriteEndObject();
                Write(writer, fingerprints.Packages, fingerprints.Sources);
            });
            return (int)UpdateOutcome.Done;
        }

        string subject = damaged is not null || newest is null ? "" : $"Update {newest.Number}, {newest.InstalledCriteria}: ";
        if (damaged is null && newest is null)
            Terminal.Print($"No update was made by this handler.");
        else
            Terminal.Print($"{subject}{state.ToString().ToLowerInvariant()}{(details.Length > 0 ? $": {details}" : "")}");
        foreach (string line in packages)
            Terminal.Print($"  {line}");
        Print(fingerprints.Packages, fingerprints.Sources, fingerprints.PackagesOfOSConfig, fingerprints.SourcesOfOSConfig);
        Tell(fingerprints.SourcesProblem);
        return (int)UpdateOutcome.Done;
    }

    private static int Expect(ParseResult parsed, string file)
    {
        AptManifest manifest = SharedOptions.ValidManifest(parsed, file).Reading.Manifest!;
        AptSystem device = SharedOptions.Configuration(parsed).System;
        using var interruption = new Interruption();
        using Desk desk = DeskOptions.Open(parsed, interruption.Token);
        UpdatePlan plan = desk.Plan(manifest, null, interruption.Token);
        PackageVersions packages = PackageVersions.After(desk.Status, plan.Apt, plan.Unfinished);
        var fingerprints = Fingerprints.Of(device, packages, manifest);

        // A plan for another device says nothing about the sources of this one.
        bool isThisDevice = !DeskOptions.AreGiven(parsed);
        string? sources = isThisDevice ? fingerprints.Sources : null,
            sourcesOfOSConfig = isThisDevice ? fingerprints.SourcesOfOSConfig : null;
        if (parsed.GetValue(SharedOptions.Json))
        {
            ResultOutput.PrintJson(writer =>
            {
                writer.WriteStartObject("state");
                writer.Text("packagesFingerprint", fingerprints.PackagesOfOSConfig);
                writer.Text("sourcesFingerprint", sourcesOfOSConfig);
                writer.WriteEndObject();
                Write(writer, fingerprints.Packages, sources);
            });
        }
        else
        {
            Print(fingerprints.Packages, sources, fingerprints.PackagesOfOSConfig, sourcesOfOSConfig);
            Tell(isThisDevice ? fingerprints.SourcesProblem : null);
        }

        return (int)UpdateOutcome.Done;
    }

    private static List<string> Packages(AptManifest? manifest, DpkgStatus status)
    {
        var lines = new List<string>();
        foreach (PackageIntent intent in manifest?.Packages ?? [])
        {
            lines.Add(
                status.Find(intent.Package) switch
                {
                    { IsInstalled: true } entry => $"{intent.Package}={entry.Version}",
                    { HoldsFiles: true } => $"{intent.Package}=(failed)",
                    _ => $"{intent.Package}=(none)",
                }
            );
        }

        return lines;
    }

    private static void Tell(string? sourcesProblem)
    {
        if (sourcesProblem is not null)
            Terminal.Error($"the sources have no fingerprint: {sourcesProblem}");
    }

    private static void Print(string packages, string? sources, string? packagesOfOSConfig, string? sourcesOfOSConfig)
    {
        Line("packages", packages);
        Line("sources", sources);
        Line("packages, as OSConfig", packagesOfOSConfig);
        Line("sources, as OSConfig", sourcesOfOSConfig);

        static void Line(string name, string? fingerprint)
        {
            if (fingerprint is not null)
                Terminal.Print($"{name, -22} {fingerprint}");
        }
    }

    private static void Write(Utf8JsonWriter writer, string packages, string? sources)
    {
        writer.WriteStartObject("fingerprints");
        writer.Text("packages", packages);
        writer.Text("sources", sources);
        writer.WriteEndObject();
    }

    private static ExecutionState StateOf(UpdateRecord? newest) =>
        newest switch
        {
            null => ExecutionState.Unknown,
            { State: UpdateState.Applied } => ExecutionState.Succeeded,
            { Result: { IsSuccess: false, Outcome: UpdateOutcome.TryLater } } => ExecutionState.TimedOut,
            { State: UpdateState.Failed or UpdateState.Cancelled } => ExecutionState.Failed,
            { IsAtRest: true } => ExecutionState.Unknown,
            _ => ExecutionState.Running,
        };

    // An update that was undone, or has changed nothing yet, does not describe the device. The update before it does.
    private static bool Counts(UpdateRecord record) =>
        record.State is not (UpdateState.Restored or UpdateState.Begun or UpdateState.Downloaded or UpdateState.BackedUp);

    private static ExecutionSubstate SubstateOf(UpdateResult failure) =>
        failure.ExtendedResultCode switch
        {
            var code when code == ExtendedResult.Manifest.Code => ExecutionSubstate.DeserializingDesiredState,
            var code when code == ExtendedResult.SourceNotAllowed.Code => ExecutionSubstate.ModifyingSources,
            var code when code == ExtendedResult.FetchFailed.Code => ExecutionSubstate.UpdatingPackageLists,
            _ => ExecutionSubstate.InstallingPackages,
        };

    private static ExecutionSubstate SubstateOf(AptPhase phase) =>
        phase == AptPhase.Download ? ExecutionSubstate.UpdatingPackageLists : ExecutionSubstate.InstallingPackages;
}
