using System.Text.Json;
using System.Text.Json.Serialization;

namespace AptHandler.Rollback;

/// <summary>Reads texts, and replaces each by an equal object that is in memory already. This saves memory.</summary>
/// <param name="shared">Returns that object, or the text that it was given.</param>
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
