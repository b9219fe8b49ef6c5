using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using AptHandler.Manifests;

namespace AptHandler.CommandLine.Installation;

/// <summary>What the agent loads for an update type: a library, and the hash that it must have (agent-contract.md, 1).</summary>
/// <param name="Library">The path of the library, as it is written in the registration.</param>
/// <param name="Hash">Its SHA-256 in base64.</param>
internal sealed record Registration(string Library, string Hash)
{
    /// <summary>The registration of a library.</summary>
    public static Registration Of(HandlerLibrary library) => new(library.Path, library.Hash);

    /// <summary>Reads the content of a registration file.</summary>
    /// <returns>The registration, or null where the agent could not use it either.</returns>
    public static Registration? TryParse(ReadOnlyMemory<byte> content)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(content);
            return
                document.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("fileName", out JsonElement file)
                && DeviceUpdateAgent.TextOf(file) is { } library
                && root.TryGetProperty("hashes", out JsonElement hashes)
                && hashes.ValueKind == JsonValueKind.Object
                && hashes.TryGetProperty("sha256", out JsonElement sha256)
                && DeviceUpdateAgent.TextOf(sha256) is { } hash
                ? new Registration(library, hash)
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The parser accepts half of a surrogate pair in a name.
            return null;
        }
    }

    /// <summary>The content of a registration file.</summary>
    public static ReadOnlySpan<byte> Content(HandlerLibrary library, string updateType)
    {
        var buffer = new ArrayBufferWriter<byte>();

        // Escapes that are useful only in HTML are left out, to keep the file simple for the agent's own parser.
        using (
            var writer = new Utf8JsonWriter(
                buffer,
                new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }
            )
        )
        {
            writer.WriteStartObject();
            writer.Text("fileName", library.Path);
            writer.Number("sizeInBytes", (long)library.Size);
            writer.WriteStartObject("hashes");
            writer.Text("sha256", library.Hash);
            writer.WriteEndObject();
            writer.Text("handlerId", updateType);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan;
    }
}
