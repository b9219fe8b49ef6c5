namespace AptHandler.Manifests;

/// <summary>Reads apt manifests. Never throws, whatever the bytes: every fault is a <see cref="ManifestProblem"/>.</summary>
public static class ManifestReader
{
    /// <summary>The largest manifest that is read, in bytes: 1 MiB, about ten thousand packages.</summary>
    public const int MaximumSize = 1024 * 1024;

    /// <summary>Reads a manifest and finds all its problems.</summary>
    /// <param name="utf8">The whole file. A UTF-8 byte-order mark at its start is no fault: the agent accepts one, too.</param>
    public static ManifestReading Read(ReadOnlySpan<byte> utf8)
    {
        ManifestReading reading = ReadAsManifest(utf8);
        return reading.Manifest is null && OtherFile.InsteadOfAptManifest(utf8) is { } other ? new(null, [other]) : reading;
    }

    private static ManifestReading ReadAsManifest(ReadOnlySpan<byte> utf8)
    {
        var problems = new ProblemList();
        if (utf8.Length > MaximumSize)
        {
            problems.Error(
                ManifestProblemCodes.TooLarge,
                JsonPath.Root,
                0,
                $"The file has {utf8.Length} bytes, and a manifest may have {MaximumSize}; is this the right file?"
            );
            return new(null, problems.InDocumentOrder([]));
        }

        JsonText text = JsonText.Of(utf8, "a manifest is an object with the members \"name\", \"version\" and \"packages\"", problems);
        AptManifest? manifest = text.Readable.IsEmpty ? null : new ManifestParser(text.Readable, text.IsWhole, problems).Read();
        return new(problems.HasErrors ? null : manifest, problems.InDocumentOrder(text.Readable));
    }
}
