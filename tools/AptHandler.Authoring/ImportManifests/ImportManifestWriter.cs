using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using AptHandler.Files;
using AptHandler.Logging;
using AptHandler.Manifests;
using AptHandler.Processes;

namespace AptHandler.Authoring.ImportManifests;

/// <summary>Writes import manifests. The same source gives the same bytes.</summary>
public static class ImportManifestWriter
{
    // Hashes contain '+', which the default encoder would escape. An import manifest is never embedded in HTML.
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private const string Refusal = "cannot create the import manifest:";

    /// <summary>The text of an import manifest, with a line feed at its end.</summary>
    /// <param name="source">What it says.</param>
    /// <param name="warnings">The warnings of <see cref="ImportVerification"/> about it.</param>
    /// <exception cref="InputException">
    /// The service or the devices would refuse it; the message lists all that is wrong with the source.
    /// </exception>
    /// <exception cref="IOException">A file cannot be hashed.</exception>
    public static byte[] Write(ImportSource source, out IReadOnlyList<ManifestProblem> warnings)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
            Write(writer, source);
        byte[] text = [.. buffer.WrittenSpan, (byte)'\n'];

        // The new text is verified like any other import manifest, so that only one place knows the limits.
        warnings = ImportVerification.Of(text, source.Handler);
        var errors = new StringBuilder();
        foreach (ManifestProblem problem in warnings)
            if (problem.Severity == ProblemSeverity.Error)
                errors.Append("\n  ").Append(problem.Message);
        return errors.Length == 0 ? text : throw new InputException($"{Refusal}{errors}");
    }

    private static void Write(Utf8JsonWriter writer, ImportSource source)
    {
        writer.WriteStartObject();
        writer.Text("$schema", "https://json.schemastore.org/azure-deviceupdate-import-manifest-5.0.json");
        writer.WriteStartObject("updateId");
        writer.Text("provider", source.Provider);
        writer.Text("name", source.Name);
        writer.Text("version", source.Version);
        writer.WriteEndObject();
        if (source.Description is not null)
            writer.Text("description", source.Description);
        writer.WriteStartArray("compatibility");
        foreach (string set in source.Compatibility)
        {
            writer.WriteStartObject();
            Write(writer, PropertiesOf(set));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartObject("instructions");
        writer.WriteStartArray("steps");
        foreach (ImportStep step in source.Steps)
            WriteStep(writer, step, source);
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteStartArray("files");
        foreach (ImportStep step in source.Steps)
        {
            // A file that several steps share is imported once.
            ImportStep first = Array.Find(source.Steps, each => each.FileName == step.FileName)!;
            if (first == step)
                WriteFile(writer, step.FileName, step.Content.Span);
            else if (!first.Content.Span.SequenceEqual(step.Content.Span))
                throw new InputException(
                    $"{Refusal} two apt manifests have the file name {Quotation.Of(step.FileName)} and different content; rename "
                        + "one of them"
                );
        }

        writer.WriteEndArray();
        writer.Text("manifestVersion", ImportShape.ManifestVersion);
        writer.Text("createdDateTime", $"{source.Created.UtcDateTime:yyyy-MM-ddTHH:mm:ss}Z");
        writer.WriteEndObject();
    }

    private static void WriteStep(Utf8JsonWriter writer, ImportStep step, ImportSource source)
    {
        writer.WriteStartObject();
        writer.Text("handler", source.Handler);
        writer.WriteStartArray("files");
        writer.WriteStringValue(step.FileName);
        writer.WriteEndArray();
        writer.WriteStartObject("handlerProperties");
        writer.Text("installedCriteria", step.InstalledCriteria);
        Write(writer, source.StepProperties);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteFile(Utf8JsonWriter writer, string name, ReadOnlySpan<byte> content)
    {
        // Hashes the content that was read, because the file may have changed since then.
        using Descriptor file = Descriptor.InMemory("manifest");
        file.WriteAt(content, 0, name);
        writer.WriteStartObject();
        writer.Text("filename", name);
        writer.Number("sizeInBytes", content.Length);
        writer.WriteStartObject("hashes");
        writer.Text("sha256", FileHash.Sha256(file, name));
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    // A comma is part of a value if no other property follows it.
    private static List<string> PropertiesOf(string set)
    {
        var properties = new List<string>();
        foreach (string part in set.Split(','))
        {
            if (properties.Count > 0 && part.Length > 0 && !part.Contains('=', StringComparison.Ordinal))
                properties[^1] = $"{properties[^1]},{part}";
            else
                properties.Add(part);
        }

        return properties;
    }

    private static void Write(Utf8JsonWriter writer, IReadOnlyList<string> members)
    {
        foreach (string member in members)
        {
            int sign = member.IndexOf('=', StringComparison.Ordinal);
            if (sign < 0)
                throw new InputException($"{Refusal} {Quotation.Of(member)} has no equals sign; write <name>=<value>");
            writer.Text(member[..sign].Trim(), member[(sign + 1)..].Trim());
        }
    }
}
