using System.Runtime.CompilerServices;
using System.Text.Json;

namespace AptHandler.Manifests;

/// <summary>
/// Writes members of objects. The short ones are not inlined: what the compiler makes of one call of the writer's own methods takes 200
/// bytes.
/// </summary>
internal static class JsonMembers
{
    /// <summary>A text, or null.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Text(this Utf8JsonWriter writer, string name, string? value) => writer.WriteString(name, value);

    /// <summary>A number.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Number(this Utf8JsonWriter writer, string name, long value) => writer.WriteNumber(name, value);

    /// <summary>A list of texts.</summary>
    public static void Texts(this Utf8JsonWriter writer, string name, IEnumerable<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (string text in texts)
            writer.WriteStringValue(text);
        writer.WriteEndArray();
    }

    /// <summary>A list of objects.</summary>
    /// <param name="writer">The writer.</param>
    /// <param name="name">The member.</param>
    /// <param name="items">What there is an object for.</param>
    /// <param name="members">Writes the members of one. For classes alone: they share this code.</param>
    public static void Objects<T>(this Utf8JsonWriter writer, string name, IEnumerable<T> items, Action<T> members)
        where T : class
    {
        writer.WriteStartArray(name);
        foreach (T item in items)
        {
            writer.WriteStartObject();
            members(item);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
