using System.Text;
using AptHandler.Apt;
using AptHandler.Files;
using AptHandler.Manifests;

namespace AptHandler.DesiredState;

/// <summary>
/// The files that the sources of a manifest make on a device. Each source has a file in the format deb822 (sources.list(5)). A key in the
/// manifest has a separate file, because apt before 2.3.10 takes no key in the file of the source. Files of other names are never touched.
/// </summary>
internal static class SourceFiles
{
    private const string Prefix = "du-apt-";

    /// <summary>All files of the sources that a manifest names. In this order, no source file ever names a key that is missing.</summary>
    public static IReadOnlyList<WantedFile> Of(AptManifest manifest, AptSystem system)
    {
        var keys = new List<WantedFile>();
        var sources = new List<WantedFile>();
        var gone = new List<WantedFile>();
        foreach (AptSource each in manifest.Sources)
        {
            (WantedFile key, WantedFile source) = Of(each, system);
            (key.Content is null ? gone : keys).Add(key);
            sources.Add(source);
        }

        return [.. keys, .. sources, .. gone];
    }

    /// <summary>
    /// How the sources change, in a line: <c>+new, -old, other changed</c>. Empty where all are as the manifest asks.
    /// </summary>
    public static string Changes(AptManifest manifest, AptSystem system)
    {
        var changes = new List<string>();
        foreach (AptSource source in manifest.Sources)
        {
            if (IsAsWanted(source, system))
                continue;
            changes.Add(
                source.IsRemoval ? $"-{source.Id}"
                : IsThere(source, system) ? $"{source.Id} changed"
                : $"+{source.Id}"
            );
        }

        return string.Join(", ", changes);
    }

    /// <summary>The first source that is not as a manifest asks, in a sentence; null where all are.</summary>
    public static string? Difference(AptManifest manifest, AptSystem system)
    {
        foreach (AptSource source in manifest.Sources)
        {
            if (Difference(source, system) is { } difference)
                return difference;
        }

        return null;
    }

    /// <summary>How a source differs from what the manifest asks, in a sentence; null where it does not.</summary>
    public static string? Difference(AptSource source, AptSystem system) =>
        IsAsWanted(source, system) ? null
        : source.IsRemoval ? $"the source {source.Id} is still there"
        : $"the source {source.Id} is missing, or is not as it was written";

    /// <summary>Whether a source has a file, with the right content or not.</summary>
    public static bool IsThere(AptSource source, AptSystem system) =>
        Descriptor.StatusOf(system.PathOf(SourceFile(source.Id, system))) is not null;

    /// <summary>Whether the files of a source are as a manifest asks.</summary>
    public static bool IsAsWanted(AptSource source, AptSystem system)
    {
        (WantedFile key, WantedFile file) = Of(source, system);
        return key.IsAt(system.PathOf(key.Path)) && file.IsAt(system.PathOf(file.Path));
    }

    /// <summary>The name of a source's file.</summary>
    public static string NameOf(string id) => $"{Prefix}{id}.sources";

    /// <summary>The key of a source as apt reads it from a file; null where the manifest holds none.</summary>
    public static string? KeyText(AptSource source) =>
        source.SigningKey is { } key ? $"{key.Replace("\r\n", "\n", StringComparison.Ordinal).TrimEnd('\n')}\n" : null;

    /// <summary>The content of a source's file.</summary>
    /// <param name="source">The source.</param>
    /// <param name="system">The machine, whose keyrings the manifest may name.</param>
    /// <param name="keyFile">The path of the key, if the manifest holds one.</param>
    public static string Text(AptSource source, AptSystem system, string keyFile)
    {
        var text = new StringBuilder(
            "# Written by du-apt-handler. An update that names this source replaces it.\nTypes: deb\nEnabled: yes\n"
        );
        Add("URIs", source.Uris);
        Add("Suites", source.Suites);
        Add("Components", source.Components);
        Add("Architectures", source.Architectures);
        Add("Signed-By", [source.Keyring is { } keyring ? system.PathOf(keyring) : keyFile]);
        return text.ToString();

        void Add(string field, IReadOnlyList<string> words)
        {
            if (words.Count > 0)
                text.Append(field).Append(": ").AppendJoin(' ', words).Append('\n');
        }
    }

    private static (WantedFile Key, WantedFile Source) Of(AptSource source, AptSystem system)
    {
        var key = new WantedFile(KeyFile(source.Id, system), KeyText(source));
        return (
            key,
            new WantedFile(SourceFile(source.Id, system), source.IsRemoval ? null : Text(source, system, system.PathOf(key.Path)))
        );
    }

    private static string SourceFile(string id, AptSystem system) =>
        system.SeenFromRoot(Path.Combine(system.SourcePartsFolder, NameOf(id)));

    private static string KeyFile(string id, AptSystem system) =>
        system.SeenFromRoot(Path.Combine(system.KeyringsFolder, $"{Prefix}{id}.asc"));
}
