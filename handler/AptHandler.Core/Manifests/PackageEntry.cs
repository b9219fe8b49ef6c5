namespace AptHandler.Manifests;

/// <summary>One object of the list of packages as it was written, before any rule has checked it.</summary>
internal struct PackageEntry
{
    public JsonPath Path;
    public int Start;
    public TextPosition Position;

    /// <summary>The name with its minus sign; null when it is missing or unreadable.</summary>
    public string? Name;
    public int NameStart;

    /// <summary>Whether there is a version other than null, readable or not.</summary>
    public bool HasVersion;
    public string? Version;
    public int VersionStart;
}
