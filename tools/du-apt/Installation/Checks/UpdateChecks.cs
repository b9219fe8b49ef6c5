using System.Text.Json;
using AptHandler.Files;
using AptHandler.Records;
using AptHandler.Updates;

namespace AptHandler.CommandLine.Installation.Checks;

/// <summary>Checks what earlier updates have left behind.</summary>
internal static class UpdateChecks
{
    private const int LargestCriteriaFile = 4 << 20;

    public static Finding InstalledCriteria(ExaminedDevice device)
    {
        string path = device.Configuration.InstalledCriteriaFile;
        string remedy = $"move {path} away; the next update begins a new one";
        try
        {
            using JsonDocument list = JsonDocument.Parse(BoundedFile.Read(path, LargestCriteriaFile));
            if (list.RootElement.ValueKind != JsonValueKind.Array)
                return Finding.Warning($"{path} holds something else than a list, and counts as empty", remedy);
            return Descriptor.StatusOf(path) is { } status && !device.Agent.Owner.May(status, Account.Read)
                ? Finding.Warning(
                    $"the agent cannot read {path} ({device.RightsOf(status)})",
                    $"sudo chown -h {Account.OfAgent}:{Account.OfAgent} {path} && sudo -u {Account.OfAgent} chmod u+rw {path}"
                )
                : Finding.Ok($"{path} is valid");
        }
        catch (FileNotFoundException)
        {
            return Finding.Ok($"there is no {path} yet");
        }
        catch (JsonException)
        {
            return Finding.Warning($"{path} is not valid JSON, and counts as empty", remedy);
        }
    }

    public static Finding Records(ExaminedDevice device)
    {
        // Opening the folder fails if it may not be entered. Without this, it would look as if there were no records.
        using GuardedFolder? folder = GuardedFolder.Open(device.Configuration.StateDir);
        var records = new UpdateRecords(device.Configuration.StateDir);
        if (records.Damaged() is { } damaged)
        {
            return Finding.Problem(
                $"the record of update {damaged} in {device.Configuration.StateDir}/updates is damaged: nobody knows whether it is "
                    + "installed",
                $"deploy again, then remove the folder {device.Configuration.StateDir}/updates/{damaged:D6}"
            );
        }

        UpdateRecord? newest = records.Current();
        return newest switch
        {
            null => Finding.Ok("no update was made by this handler"),
            { IsAtRest: false } when RunningUpdate.Find(device.Configuration, records) is null => Finding.Problem(
                $"update {newest.Number} ({newest.InstalledCriteria}) was cut off in the middle",
                $"{device.Run("recover")}, which finishes or undoes it; the next step does the same"
            ),
            { State: UpdateState.Failed, HasChangedMachine: true } => Finding.Problem(
                $"update {newest.Number} ({newest.InstalledCriteria}) failed, and its packages stay as the failure left them: "
                    + $"{newest.Result?.Details}",
                $"{device.Run($"history --show {newest.Number}")}, fix what it names, then {device.Run("restore")}"
            ),
            _ => Finding.Ok(
                $"the newest update is {newest.Number} ({newest.InstalledCriteria}), {newest.State.ToString().ToLowerInvariant()}"
            ),
        };
    }

    public static Finding Worker(ExaminedDevice device) =>
        RunningUpdate.Find(device.Configuration, new UpdateRecords(device.Configuration.StateDir)) is { } running
            ? Finding.Ok($"an update is running: {RunningProcess.Describe(running.Process)}")
            : Finding.Ok("no update is running");
}
