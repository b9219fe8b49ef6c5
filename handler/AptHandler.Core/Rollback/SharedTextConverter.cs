using System.Text.Json;
using System.Text.Json.Serialization;

namespace AptHandler.Rollback;

/// <summary>Reads texts, and puts the object in their place that stands for the same text elsewhere in memory.</summary>
/// <param name="shared">That object, or the text as it was given.</param>
internal sealed class SharedTextConverter(Func<string, string> shared) : JsonConverter<string>
{
    /// <inheritdoc/>
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetString() is { } text ? shared(text) : null;

    /// <inheritdoc/>
    public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        shared(reader.GetString()!);

    /// <inheritdoc/>
    public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        writer.WritePropertyName(value);

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
