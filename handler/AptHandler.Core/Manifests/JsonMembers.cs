using System.Runtime.CompilerServices;
using System.Text.Json;

namespace AptHandler.Manifests;

/// <summary>
/// Writes members of objects. The short methods are not inlined: each call of the writer's own methods takes 200 bytes of machine code.
/// </summary>
internal static class JsonMembers
{
    /// <summary>Writes a text, or null.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Text(this Utf8JsonWriter writer, string name, string? value) => writer.WriteString(name, value);

    /// <summary>Writes a number.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Number(this Utf8JsonWriter writer, string name, long value) => writer.WriteNumber(name, value);

    /// <summary>Writes a list of texts.</summary>
    public static void Texts(this Utf8JsonWriter writer, string name, IEnumerable<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (string text in texts)
            writer.WriteStringValue(text);
        writer.WriteEndArray();
    }

    /// <summary>Writes a list of objects.</summary>
    /// <param name="writer">The writer.</param>
    /// <param name="name">The member.</param>
    /// <param name="items">The items. Each becomes an object.</param>
    /// <param name="members">Writes the members of one object. Items are classes only, because these share the compiled code.</param>
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
