using System.Text.Json;
using System.Text.Json.Serialization;
using AptHandler.Files;
using AptHandler.Settings;

namespace AptHandler.CommandLine.Installation;

/// <summary>
/// What the agent loaded for an update type before this handler took it over, kept in the state folder. The hash is not kept: the agent may
/// be upgraded in the meantime, so the hash is computed again when the type is given back.
/// </summary>
/// <param name="UpdateType">The update type that this handler took.</param>
/// <param name="Library">The library that was registered for it, or null where there was none.</param>
internal sealed record RegisteredBefore(string UpdateType, string? Library)
{
    /// <summary>Whether the type was given back by hand, or to remove the package. Then only an explicit command takes it.</summary>
    public bool IsGivenBack { get; init; }

    private const string FileName = "registration.json";
    private const int LargestFile = 64 * 1024;
    private const int ReadableByGroup = 0x1A0; // 0640

    /// <summary>
    /// What is remembered, or null. A damaged file counts as none: keeping the type for a library that is being removed would be worse than
    /// giving it to the agent's own handler.
    /// </summary>
    /// <exception cref="IOException">The file cannot be read at the moment.</exception>
    public static RegisteredBefore? Read(Configuration configuration)
    {
        string path = PathIn(configuration);
        try
        {
            return
                JsonSerializer.Deserialize(BoundedFile.Read(path, LargestFile), RegisteredBeforeJson.Default.RegisteredBefore)
                    is { UpdateType: not null } read
                ? read
                : null;
        }
        catch (Exception e) when (e is FileNotFoundException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Deletes the file.</summary>
    /// <exception cref="IOException">It cannot be removed.</exception>
    public static void Forget(Configuration configuration)
    {
        if (File.Exists(PathIn(configuration)))
            File.Delete(PathIn(configuration));
    }

    /// <summary>Writes the file.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(Configuration configuration) =>
        WholeFile.Replace(
            PathIn(configuration),
            JsonSerializer.SerializeToUtf8Bytes(this, RegisteredBeforeJson.Default.RegisteredBefore),
            ReadableByGroup
        );

    private static string PathIn(Configuration configuration) => Path.Combine(configuration.StateDir, FileName);
}

/// <summary>The JSON of the file, generated at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(RegisteredBefore))]
internal sealed partial class RegisteredBeforeJson : JsonSerializerContext;
