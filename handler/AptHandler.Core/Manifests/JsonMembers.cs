using System.Runtime.CompilerServices;
using System.Text.Json;

namespace AptHandler.Manifests;

/// <summary>Writes members of objects. Not inlined: what the compiler makes of one call of the writer's own methods takes 200 bytes.</summary>
internal static class JsonMembers
{
    /// <summary>A text, or null.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Text(this Utf8JsonWriter writer, string name, string? value) => writer.WriteString(name, value);

    /// <summary>A number.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Number(this Utf8JsonWriter writer, string name, long value) => writer.WriteNumber(name, value);
}
