using System.Text.Json;
using AptHandler.Apt;
using AptHandler.Files;
using AptHandler.Results;

namespace AptHandler.Records;

/// <summary>
/// The progress of the running step in <c>progress.json</c>, for other programs to read. A failure to write it never fails the step.
/// </summary>
public sealed class ProgressFile(string runFolder)
{
    private const int LargestFile = 64 * 1024;

    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(500);

    private readonly string _path = Path.Combine(runFolder, "progress.json");
    private long _written = long.MinValue / 2;
    private (UpdateStep, AptPhase)? _kind;

    /// <summary>Writes the progress. A new kind of work is written at once, the same kind at most twice a second.</summary>
    public void Write(UpdateProgress progress)
    {
        long now = Environment.TickCount64;
        if (_kind == (progress.Step, progress.Phase) && now - _written < ShortestInterval.TotalMilliseconds)
            return;
        (_written, _kind) = (now, (progress.Step, progress.Phase));
        try
        {
            WholeFile.Replace(
                _path,
                JsonSerializer.SerializeToUtf8Bytes(progress, ProgressJson.Default.UpdateProgress),
                WholeFile.ReadableByAll,
                durable: false
            );
        }
        catch (IOException)
        {
            // An update must not fail because its progress cannot be shown.
        }
    }

    /// <summary>The progress that was written last, or null.</summary>
    public UpdateProgress? Read()
    {
        try
        {
            return JsonSerializer.Deserialize(BoundedFile.Read(_path, LargestFile), ProgressJson.Default.UpdateProgress);
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return null;
        }
    }
}
