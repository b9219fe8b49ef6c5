namespace AptHandler.Authoring.ImportManifests;

/// <summary>The content of an import manifest.</summary>
public sealed class ImportSource
{
    /// <summary>Who makes the update.</summary>
    public required string Provider { get; init; }

    /// <summary>What the update is for.</summary>
    public required string Name { get; init; }

    /// <summary>The version of the update, which need not be that of an apt manifest.</summary>
    public required string Version { get; init; }

    /// <summary>The description for people; null for none.</summary>
    public string? Description { get; init; }

    /// <summary>
    /// Sets of properties such as <c>manufacturer=Contoso,model=Video</c>. The update is for devices that report all properties of one of
    /// the sets. A value can contain a comma if no equals sign follows it.
    /// </summary>
    public required string[] Compatibility { get; init; }

    /// <summary>The handler of the steps.</summary>
    public required string Handler { get; init; }

    /// <summary>The steps in their order.</summary>
    public required ImportStep[] Steps { get; init; }

    /// <summary>More members of each step's handlerProperties, such as <c>unlistedRemovals=allow</c>.</summary>
    public string[] StepProperties { get; init; } = [];

    /// <summary>When the import manifest is made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>The usual name of the import manifest's file.</summary>
    public string FileName => $"{Provider}.{Name}.{Version}.importmanifest.json";
}

/// <summary>A step that installs an apt manifest.</summary>
/// <param name="fileName">The name of the apt manifest's file, without a folder.</param>
/// <param name="content">Its bytes.</param>
/// <param name="installedCriteria">The string by which the agent identifies the step.</param>
public sealed class ImportStep(string fileName, byte[] content, string installedCriteria)
{
    /// <summary>The name of the apt manifest's file.</summary>
    public string FileName => fileName;

    /// <summary>Its bytes.</summary>
    public ReadOnlyMemory<byte> Content => content;

    /// <summary>The string by which the agent identifies the step.</summary>
    public string InstalledCriteria => installedCriteria;
}
