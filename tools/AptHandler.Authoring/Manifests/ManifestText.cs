using System.Text;
using System.Text.Encodings.Web;
using AptHandler.Debian;
using AptHandler.Manifests;

namespace AptHandler.Authoring.Manifests;

/// <summary>An entry of a manifest to write.</summary>
/// <param name="Name">The package, with a minus sign at the end for a removal.</param>
/// <param name="Version">Its exact version; null for the newest one, and for a removal.</param>
public sealed record ManifestEntry(string Name, string? Version)
{
    /// <summary>A package in an exact version.</summary>
    public static ManifestEntry Pinned(PackageName package, string version) => new(package.ToString(), version);

    /// <summary>The removal of a package.</summary>
    public static ManifestEntry Removal(PackageName package) => new($"{package}-", null);
}

/// <summary>Writes apt manifests as people would: one line for each package. The same content gives the same bytes.</summary>
public static class ManifestText
{
    /// <summary>The text of a manifest, with a line feed at its end.</summary>
    /// <param name="name">The name of the manifest.</param>
    /// <param name="version">Its version.</param>
    /// <param name="entries">Its packages, in their order.</param>
    /// <param name="agentRestartRequired">Whether to restart the agent afterwards.</param>
    /// <param name="sources">The sources of its packages, in their order; null for the sources that a device has.</param>
    public static string Of(
        string name,
        string version,
        IEnumerable<ManifestEntry> entries,
        bool agentRestartRequired = false,
        IReadOnlyList<AptSource>? sources = null
    )
    {
        var text = new StringBuilder("{\n");
        text.Append("  \"name\": ").Append(Quoted(name)).Append(",\n");
        text.Append("  \"version\": ").Append(Quoted(version)).Append(",\n");
        if (agentRestartRequired)
            text.Append("  \"agentRestartRequired\": true,\n");
        text.Append("  \"packages\": [\n");
        string between = "    ";
        foreach (ManifestEntry entry in entries)
        {
            text.Append(between).Append(Of(entry));
            between = ",\n    ";
        }

        text.Append("\n  ]");
        if (sources is { Count: > 0 })
            Add(text, sources);
        return text.Append("\n}\n").ToString();
    }

    /// <summary>The text as a file that the handler accepts.</summary>
    /// <exception cref="InputException">
    /// The handler would not accept it: there are too many packages, or a rule objects to one of them.
    /// </exception>
    public static byte[] FileOf(
        string name,
        string version,
        IReadOnlyList<ManifestEntry> entries,
        bool agentRestartRequired = false,
        IReadOnlyList<AptSource>? sources = null
    )
    {
        foreach (ManifestEntry entry in entries)
        {
            string package = entry.Version is null && entry.Name.EndsWith('-') ? entry.Name[..^1] : entry.Name;
            if (!PackageName.TryParse(package, out _, out string? problem))
                throw new InputException(
                    $"cannot name the package {package} in a manifest: its name {problem.Split("; ")[0]}; rename that package"
                );
        }

        byte[] text = Encoding.UTF8.GetBytes(Of(name, version, entries, agentRestartRequired, sources));
        if (text.Length > ManifestReader.MaximumSize)
            throw new InputException(
                $"cannot write a manifest of {entries.Count} packages: it would have {text.Length} bytes, and "
                    + $"{ManifestReader.MaximumSize} are the most; choose fewer packages, or make several manifests"
            );
        ManifestReading reading = ManifestReader.Read(text);
        return reading.Manifest is null ? throw new InputException($"cannot write this manifest: {reading.Summary()}") : text;
    }

    /// <summary>The text of one entry, in one line.</summary>
    public static string Of(ManifestEntry entry) =>
        entry.Version is null
            ? $"{{ \"name\": {Quoted(entry.Name)} }}"
            : $"{{ \"name\": {Quoted(entry.Name)}, \"version\": {Quoted(entry.Version)} }}";

    private static void Add(StringBuilder text, IReadOnlyList<AptSource> sources)
    {
        text.Append(",\n  \"sources\": {");
        string before = "\n";
        foreach (AptSource source in sources)
        {
            text.Append(before).Append("    ").Append(Quoted(source.Id)).Append(source.IsRemoval ? ": null" : ": {");
            before = ",\n";
            if (source.IsRemoval)
                continue;
            string between = "\n";
            Texts("uris", source.Uris);
            Texts("suites", source.Suites);
            Texts("components", source.Components);
            Texts("architectures", source.Architectures);
            Member(source.Keyring is null ? "signingKey" : "keyring", Quoted(source.Keyring ?? source.SigningKey!));
            text.Append("\n    }");

            void Texts(string name, IReadOnlyList<string> texts)
            {
                if (texts.Count > 0)
                    Member(name, $"[{string.Join(", ", texts.Select(Quoted))}]");
            }

            void Member(string name, string value)
            {
                text.Append(between).Append("      \"").Append(name).Append("\": ").Append(value);
                between = ",\n";
            }
        }

        text.Append("\n  }");
    }

    // Versions contain '+', which the default encoder would escape. A manifest is never embedded in HTML.
    private static string Quoted(string text) => $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\"";
}
