using System.Text.Json;
using AptHandler.Files;
using AptHandler.Results;
using AptHandler.Settings;

namespace AptHandler.Records;

/// <summary>
/// The results of workers: <c>results/&lt;id&gt;.json</c> in the run folder, which only root can write. They are not in the state folder,
/// because a full disk must be reported, too, and the run folder is in memory.
/// </summary>
public static class WorkerResults
{
    private const int Kept = 50;
    private const int ReadableByGroup = 0x1A0; // 0640

    /// <summary>The file of a result.</summary>
    public static string PathOf(Configuration configuration, string id) => Path.Combine(FolderOf(configuration), id + ".json");

    /// <summary>Writes a result, and deletes old ones.</summary>
    /// <exception cref="IOException">The result cannot be written.</exception>
    public static void Write(Configuration configuration, string id, UpdateResult result)
    {
        string folder = FolderOf(configuration);
        Directory.CreateDirectory(folder);
        WholeFile.Replace(
            PathOf(configuration, id),
            JsonSerializer.SerializeToUtf8Bytes(result, CoreJson.Default.UpdateResult),
            ReadableByGroup,
            durable: false
        );
        try
        {
            foreach (FileInfo old in new DirectoryInfo(folder).GetFiles().OrderByDescending(file => file.LastWriteTimeUtc).Skip(Kept))
                old.Delete();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Only the new result matters.
        }
    }

    private static string FolderOf(Configuration configuration) => Path.Combine(configuration.RunDir, "results");
}
