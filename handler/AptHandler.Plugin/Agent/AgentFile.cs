using System.Text.Json;
using AptHandler.Files;

namespace AptHandler.Plugin.Agent;

/// <summary>Reads single values from the agent's own JSON files.</summary>
internal static class AgentFile
{
    private const int LargestFile = 1 << 20;

    /// <summary>The text of a member at the top of a file, or null where the file, the member or the text is not available.</summary>
    public static string? Text(string file, string member)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(BoundedFile.Read(file, LargestFile));
            return document.RootElement.TryGetProperty(member, out JsonElement value) ? value.GetString() : null;
        }
        catch (Exception e) when (e is IOException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
