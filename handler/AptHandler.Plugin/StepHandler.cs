using System.Diagnostics.CodeAnalysis;
using AptHandler.Logging;
using AptHandler.Planning;
using AptHandler.Plugin.Agent;
using AptHandler.Requests;
using AptHandler.Results;
using AptHandler.Settings;
using Microsoft.Extensions.Logging;

namespace AptHandler.Plugin;

/// <summary>
/// The seven methods of a step handler. IsInstalled is answered here; everything that changes the machine is done by a worker in a process
/// of its own. Nothing is thrown: every failure becomes a result.
/// </summary>
internal sealed class StepHandler(int logLevel)
{
    private const string LogPrefix = "du-apt-handler";

    private readonly LogLevel _logLevel = logLevel switch
    {
        <= 0 => LogLevel.Debug,
        1 => LogLevel.Information,
        2 => LogLevel.Warning,
        _ => LogLevel.Error,
    };
    private AgentLibrary? _agent;
    private volatile bool _isCancellable;
    private volatile bool _isCancelled;

    public AducResult Download(nint handle) =>
        Guard(
            UpdateStep.Download,
            handle,
            (workflow, configuration, log) =>
            {
                string criteria = Criteria(workflow);
                return Fetch(workflow, criteria) ?? Work(UpdateStep.Download, workflow, configuration, criteria, log);
            }
        );

    public AducResult Backup(nint handle) => OnWorker(UpdateStep.Backup, handle);

    public AducResult Install(nint handle) => OnWorker(UpdateStep.Install, handle);

    public AducResult Apply(nint handle) => OnWorker(UpdateStep.Apply, handle);

    public AducResult Restore(nint handle) => OnWorker(UpdateStep.Restore, handle);

    public AducResult IsInstalled(nint handle) =>
        Guard(
            UpdateStep.IsInstalled,
            handle,
            (workflow, configuration, log) =>
            {
                if (workflow.InstalledCriteria is not { Length: > 0 } criteria)
                    return new StepEnd(new AducResult(ResultCode.IsNotInstalled, 0));
                InstalledAnswer answer = InstalledCheck.Ask(
                    configuration,
                    criteria,
                    (workflow.Id, workflow.Place),
                    (records, record) => workflow.IsPayload(records.ManifestFileOf(record)) ?? true
                );
                log.LogDebug("{Criteria} {Answer}", criteria, answer.IsInstalled ? "is installed" : $"is not installed: {answer.Reason}");
                return new StepEnd(new AducResult(answer.IsInstalled ? ResultCode.IsInstalled : ResultCode.IsNotInstalled, 0));
            }
        );

    /// <summary>
    /// May be called from another thread while a step runs. It only sets a flag. The step checks this flag like the agent's own one. So a
    /// cancellation also works when it comes before there is a worker.
    /// </summary>
    public AducResult Cancel()
    {
        if (!_isCancellable)
            return new AducResult(ResultCode.CancelUnable, 0);
        _isCancelled = true;
        return new AducResult(ResultCode.CancelSuccess, 0);
    }

    private AducResult OnWorker(UpdateStep step, nint handle) =>
        Guard(step, handle, (workflow, configuration, log) => Work(step, workflow, configuration, Criteria(workflow), log));

    private static StepEnd? Fetch(Workflow workflow, string criteria) =>
        workflow.Fetch() is { } failure
            ? new StepEnd(failure, $"cannot fetch the apt manifest of {criteria}: {DownloadFailure.Describe(failure)}")
            : null;

    private StepEnd Work(UpdateStep step, Workflow workflow, Configuration configuration, string criteria, ILogger log)
    {
        // Backup and Install start a worker even when they are cancelled, because the worker has a record to end.
        if (step is UpdateStep.Download or UpdateStep.Apply && IsCancelRequested(workflow))
            return new StepEnd(new AducResult(ResultCode.Cancelled, 0), $"{step} was cancelled before it began");

        // The agent skipped Download if the step was installed at that time. Then the manifest is not there yet.
        if (step is UpdateStep.Backup or UpdateStep.Install && !workflow.HasPayload() && Fetch(workflow, criteria) is { } failure)
            return failure;
        var request = new UpdateRequest(step, criteria)
        {
            Manifest = step == UpdateStep.Restore ? ManifestForRestore(workflow, log) : workflow.ReadPayload(),
            WorkflowId = workflow.Id,
            Place = workflow.Place,
            UnlistedRemovals = Removals(workflow),
        };
        using var worker = Worker.Start(request, configuration, log);
        UpdateResult result = worker.Wait(() => IsCancelRequested(workflow));
        return new StepEnd(new AducResult(result.ResultCode, result.ExtendedResultCode), result.Details, result.RestartAgent);
    }

    // The manifest only tells steps apart that have the same criteria. The state to go back to is in our own records.
    private static ReadOnlyMemory<byte> ManifestForRestore(Workflow workflow, ILogger log)
    {
        try
        {
            return workflow.ReadPayload();
        }
        catch (UpdateException e)
        {
            log.LogWarning("Restore goes by the criteria alone: {Reason}", e.Message);
            return default;
        }
    }

    private bool IsCancelRequested(Workflow workflow) => _isCancellable && (_isCancelled || workflow.IsCancelRequested);

    private static string Criteria(Workflow workflow)
    {
        string? criteria = workflow.InstalledCriteria;
        UpdateRequest.CheckCriteria(criteria);
        return criteria;
    }

    private static UnlistedRemovals? Removals(Workflow workflow)
    {
        const string Name = "unlistedRemovals";
        return workflow.Property(Name) switch
        {
            "refuse" => UnlistedRemovals.Refuse,
            "allow" => UnlistedRemovals.Allow,
            "" => null,
            null when workflow.PropertyThatIsNoText(Name) is { } value => throw Wrong(value),
            null => null,
            var other => throw Wrong($"\"{other}\""),
        };

        static UpdateException Wrong(string value) =>
            new(ExtendedResult.Configuration, $"handlerProperties.{Name} is {value}; write refuse or allow");
    }

    [SuppressMessage("Design", "CA1031", Justification = "No exception may cross into the agent: an unhandled one would abort it.")]
    private AducResult Guard(UpdateStep step, nint handle, Func<Workflow, Configuration, ILogger, StepEnd> method)
    {
        Workflow? workflow = null;
        ILogger? log = null;
        StepEnd end;
        // The flag stays set for the steps that follow, because a step may end before it checks the flag. Each deployment starts with
        // Download.
        if (step == UpdateStep.Download)
            _isCancelled = false;
        // The agent's own flag is still set while it asks to restore a cancelled update.
        _isCancellable = step is not (UpdateStep.IsInstalled or UpdateStep.Restore);
        try
        {
            if (handle == 0)
                return new AducResult(ResultCode.Failure, ExtendedResult.Initialization.Code);
            // The agent comes first: without it no failure can be reported, not even that of the configuration.
            AgentLibrary? agent = TryFindAgent(out string whyNot);
            workflow = agent is null ? null : new Workflow(agent, handle);
            Configuration configuration = Configuration.Load(Configuration.FileOfEnvironment);
            log = new AgentLog(configuration.LogDir, LogPrefix, _logLevel, TimeProvider.System, workflow?.Id);
            if (workflow is null)
                throw new UpdateException(ExtendedResult.Initialization, whyNot);
            end = method(workflow, configuration, log);
        }
        catch (Exception e)
        {
            UpdateResult failure = FailureResult.Of(step, e);
            end = new StepEnd(new AducResult(failure.ResultCode, failure.ExtendedResultCode), failure.Details);
        }
        finally
        {
            _isCancellable = false;
        }

        try
        {
            // The agent ignores the result of Restore. The operator needs to know why Restore was called, so that result stays.
            bool isToldAlready = step == UpdateStep.IsInstalled ? end.Result.ResultCode > 0 : step == UpdateStep.Restore;
            if (!isToldAlready)
                workflow?.Report(end);
            log ??= new AgentLog(new Configuration().LogDir, LogPrefix, _logLevel, TimeProvider.System, workflow?.Id);
            if (end.Result.ResultCode <= 0)
                log.LogError(
                    "{Step}: {Result} {Extended} {Details}",
                    step,
                    end.Result.ResultCode,
                    ExtendedResult.Format(end.Result.ExtendedResultCode),
                    end.Details
                );
        }
        catch (Exception)
        {
            // Only the returned result matters.
        }

        return end.Result;
    }

    private AgentLibrary? TryFindAgent(out string whyNot)
    {
        whyNot = "";
        try
        {
            return _agent ??= AgentLibrary.Find();
        }
        catch (AgentUnavailableException e)
        {
            whyNot = e.Message;
            return null;
        }
    }
}
