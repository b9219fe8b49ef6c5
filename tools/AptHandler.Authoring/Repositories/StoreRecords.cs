using System.Text.Json.Serialization;

namespace AptHandler.Authoring.Repositories;

/// <summary>The record of a store: its file <c>store.json</c>, which is written last when a store is made.</summary>
public sealed class StoreRecord
{
    /// <summary>The format that this version knows, which is the first one.</summary>
    internal const int KnownFormat = 1;

    /// <summary>The format of the store.</summary>
    public int Format { get; init; } = KnownFormat;

    /// <summary>The fingerprint of the key that everything is signed with.</summary>
    public required string Key { get; init; }

    /// <summary>Whether that key was made for the store, and is kept in it.</summary>
    public bool HasOwnKey { get; init; }
}

/// <summary>A package of a snapshot.</summary>
public sealed class SnapshotPackage
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its version.</summary>
    public required string Version { get; init; }

    /// <summary>Its architecture.</summary>
    public required string Architecture { get; init; }

    /// <summary>The size of its archive, in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>The SHA-256 of its archive, in lower-case hexadecimal digits.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The address that it was fetched from.</summary>
    public required string From { get; init; }

    /// <summary>Name and architecture, as a person would name it.</summary>
    [JsonIgnore]
    public string QualifiedName => Architecture == "all" ? Name : $"{Name}:{Architecture}";
}

/// <summary>A manifest that a snapshot was made for.</summary>
public sealed class SnapshotManifest
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its version.</summary>
    public required string Version { get; init; }
}

/// <summary>The record of a snapshot: the file <c>snapshots/ID.json</c>.</summary>
public sealed class SnapshotRecord
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>The SHA-256 of its whole content. Two snapshots with the same value have the same content.</summary>
    public required string Content { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>The architectures that it has packages for.</summary>
    public required string[] Architectures { get; init; }

    /// <summary>The manifests that it was made for.</summary>
    public required SnapshotManifest[] Manifests { get; init; }

    /// <summary>Its packages, sorted by name.</summary>
    public required SnapshotPackage[] Packages { get; init; }

    /// <summary>Dependencies that its devices have already. They are not among the packages.</summary>
    public string[] Assumed { get; init; } = [];

    /// <summary>The size of all archives, in bytes.</summary>
    [JsonIgnore]
    public long Size
    {
        get
        {
            long size = 0;
            foreach (SnapshotPackage package in Packages)
                size += package.Size;
            return size;
        }
    }
}

/// <summary>A move of a channel from one snapshot to another.</summary>
public sealed class ChannelMove
{
    /// <summary>The time of the move.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The snapshot before the move; null for the first one.</summary>
    public string? From { get; init; }

    /// <summary>The snapshot after the move.</summary>
    public required string To { get; init; }
}

/// <summary>The history of a channel: the file <c>channels/NAME.json</c>.</summary>
public sealed class ChannelRecord
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The date of its Release: the next one must be later. Null where that is not known.</summary>
    public DateTimeOffset? Date { get; init; }

    /// <summary>All its moves, the oldest first; there is at least one.</summary>
    public required ChannelMove[] Moves { get; init; }

    /// <summary>The snapshot that the channel is at.</summary>
    [JsonIgnore]
    public string Current => Moves[^1].To;

    /// <summary>The snapshot before that; null where there was none.</summary>
    [JsonIgnore]
    public string? Before => Moves[^1].From;

    /// <summary>The latest snapshots of the channel, each once, the newest first.</summary>
    /// <param name="most">How many at most.</param>
    public IReadOnlyList<string> Last(int most)
    {
        var last = new List<string>();
        for (int i = Moves.Length - 1; i >= 0 && last.Count < most; i--)
        {
            if (!last.Contains(Moves[i].To))
                last.Add(Moves[i].To);
        }

        return last;
    }
}

/// <summary>The JSON of these files, generated at build time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    RespectNullableAnnotations = true,
    WriteIndented = true
)]
[JsonSerializable(typeof(StoreRecord))]
[JsonSerializable(typeof(SnapshotRecord))]
[JsonSerializable(typeof(ChannelRecord))]
internal sealed partial class StoreJson : JsonSerializerContext;
