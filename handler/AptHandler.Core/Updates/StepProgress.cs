using System.Diagnostics.CodeAnalysis;
using AptHandler.Apt;
using AptHandler.Records;
using AptHandler.Results;
using Microsoft.Extensions.Logging;

namespace AptHandler.Updates;

/// <summary>Reports the progress of a step to the caller, and writes it to a file for other programs.</summary>
/// <param name="runFolder">Where the file is.</param>
/// <param name="onProgress">Called with each progress.</param>
/// <param name="log">The log.</param>
internal sealed class StepProgress(string runFolder, Action<UpdateProgress>? onProgress, ILogger log)
{
    private readonly ProgressFile _file = new(runFolder);

    /// <summary>Reports what apt does, to the caller and to the file.</summary>
    public void Report(UpdateStep step, AptProgress progress)
    {
        var told = new UpdateProgress(step, progress.Phase, progress.Percent, progress.Text);
        Show(told);

        // The file belongs to the step that has its turn, and a plan needs no turn.
        if (step != UpdateStep.Plan)
            _file.Write(told);
    }

    /// <summary>Reports only to the caller that the step waits, because another update has its turn.</summary>
    public void ShowWaiting(UpdateStep step, string text) => Show(new UpdateProgress(step, AptPhase.Wait, 0, text));

    // This runs while apt is at work. A terminal that went away, or cannot draw, must not fail an update.
    [SuppressMessage("Design", "CA1031", Justification = "Whatever the one who watches does, the update goes on.")]
    private void Show(UpdateProgress progress)
    {
        try
        {
            onProgress?.Invoke(progress);
        }
        catch (Exception e)
        {
            log.LogWarning("progress could not be shown: {Reason}", e.Message);
        }
    }
}
