using AptHandler.Debian;
using AptHandler.DesiredState;
using AptHandler.Manifests;
using AptHandler.Planning;
using AptHandler.Records;
using AptHandler.Requests;
using AptHandler.Results;
using AptHandler.Settings;
using Microsoft.Extensions.Logging;

namespace AptHandler.Updates;

/// <summary>
/// The step Apply: the update is recorded as installed, and the agent is told whether it must restart, or the device must reboot.
/// </summary>
/// <param name="context">What all steps work with.</param>
/// <param name="request">The request.</param>
/// <param name="manifest">The manifest.</param>
/// <param name="journal">The record of the update.</param>
internal sealed class ApplyStep(StepContext context, UpdateRequest request, AptManifest manifest, Journal journal)
{
    private readonly Configuration _configuration = context.Configuration;

    /// <summary>Records the update. No package changes.</summary>
    /// <exception cref="UpdateException">A package is not as the manifest asks, or the record cannot be written.</exception>
    public UpdateResult Run()
    {
        DpkgStatus status = _configuration.System.ReadStatus();
        InstalledAnswer answer = InstalledCheck.Compare(manifest, status, _configuration.System);
        if (!answer.IsInstalled)
        {
            throw new UpdateException(
                ExtendedResult.Verification,
                $"cannot record the update as installed: {answer.Reason}; run the install step first"
            );
        }

        string remark = AddCriteria();
        bool restart = NeedsAgentRestart();
        string? reboot = RebootRequired.Reason(_configuration.System);
        string details = journal.Record.Result is { Step: UpdateStep.Install, IsSuccess: true } install
            ? install.Details
            : "every package is as the manifest asks";
        if (reboot is not null)
            details = $"{reboot}; {details}";
        if (restart)
            details = $"the agent restarts; {details}";
        int code = (reboot is null ? RebootPolicy.Report : _configuration.Reboot) switch
        {
            RebootPolicy.Immediate => ResultCode.ApplyImmediateReboot,
            _ when restart => ResultCode.ApplyImmediateAgentRestart,
            RebootPolicy.Deferred => ResultCode.ApplyReboot,
            _ => ResultCode.ApplySuccess,
        };
        UpdateResult result = UpdateResult.Success(request.Step, code, OperatorText.Clean(details, remark + Fingerprint(status))) with
        {
            Packages = journal.Record.Packages,
            RestartAgent = restart,
        };
        journal.Save(journal.Record with { State = UpdateState.Applied, Result = result });
        return result;
    }

    // What the operator should know about the agent's own list; empty, or a text that starts with a semicolon.
    private string AddCriteria()
    {
        string file = _configuration.InstalledCriteriaFile;
        try
        {
            if (new InstalledCriteriaFile(file).Add(request.InstalledCriteria, context.Clock.GetUtcNow()))
                return "";
        }
        catch (IOException e)
        {
            throw new UpdateException(ExtendedResult.CriteriaNotPersisted, e.Message);
        }

        string remark = $"; not in the agent's list, because there is no folder {Path.GetDirectoryName(file)}";
        context.Log.LogWarning("{Criteria} is recorded{Remark}", request.InstalledCriteria, remark);
        return remark;
    }

    // An operator compares devices by this fingerprint.
    private string Fingerprint(DpkgStatus status)
    {
        try
        {
            return $"; packages fingerprint {Fingerprints.OfPackages(PackageVersions.Of(status))}";
        }
        catch (IOException e)
        {
            context.Log.LogWarning("the result says nothing of the fingerprint: {Reason}", e.Message);
            return "";
        }
    }

    private bool NeedsAgentRestart() =>
        manifest.AgentRestartRequired
        || manifest.Packages.Any(intent => IsPartOfAgent(intent.Package.Name))
        || journal.Record.Packages.Any(change => IsPartOfAgent(change.Name));

    private static bool IsPartOfAgent(string package) =>
        package.StartsWith("deviceupdate-agent", StringComparison.Ordinal) || package == "du-apt-handler";
}
