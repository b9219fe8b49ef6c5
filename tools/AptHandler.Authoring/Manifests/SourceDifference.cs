using System.Text;
using AptHandler.Manifests;
using AptHandler.Processes;

namespace AptHandler.Authoring.Manifests;

/// <summary>How the entry for a source differs between two manifests.</summary>
public enum SourceDifferenceKind
{
    /// <summary>Devices now get it.</summary>
    Added,

    /// <summary>It is no longer listed: devices that have it keep it.</summary>
    Unlisted,

    /// <summary>It is now to be removed from the devices.</summary>
    Removed,

    /// <summary>One of its members has another value.</summary>
    Changed,
}

/// <summary>One thing about a source that is different in two manifests.</summary>
/// <param name="Id">The source.</param>
/// <param name="Kind">How the entry differs.</param>
/// <param name="Member">The member that this is about; null for the source as a whole.</param>
/// <param name="Before">
/// What the old manifest says: a list separated by blanks, <c>removal</c>, or the SHA-256 of a key; null where it says nothing.
/// </param>
/// <param name="After">What the new manifest says, in the same form.</param>
public sealed record SourceDifference(string Id, SourceDifferenceKind Kind, string? Member, string? Before, string? After)
{
    private const string Key = "signingKey";

    // Each of these members can change which packages a device takes from a source.
    private static readonly (string Name, Func<AptSource, string?> Value)[] Members =
    [
        ("uris", source => Joined(source.Uris)),
        ("suites", source => Joined(source.Suites)),
        ("components", source => Joined(source.Components)),
        ("architectures", source => Joined(source.Architectures)),
        (Key, source => source.SigningKey),
        ("keyring", source => source.Keyring),
    ];

    /// <summary>All differences between the sources of two manifests, sorted by the ids of the sources.</summary>
    /// <exception cref="IOException">The hash of a key cannot be computed.</exception>
    public static IReadOnlyList<SourceDifference> Between(AptManifest old, AptManifest @new)
    {
        var differences = new List<SourceDifference>();
        var ids = new SortedSet<string>(old.Sources.Concat(@new.Sources).Select(source => source.Id), StringComparer.Ordinal);
        foreach (string id in ids)
            differences.AddRange(Between(id, Find(old, id), Find(@new, id)));
        return differences;
    }

    /// <summary>The differences of one source.</summary>
    /// <param name="id">The source.</param>
    /// <param name="before">What the old manifest says of it; null where it does not list it.</param>
    /// <param name="after">What the new manifest says of it; null where it does not list it.</param>
    internal static IEnumerable<SourceDifference> Between(string id, AptSource? before, AptSource? after)
    {
        if (after is null || after.IsRemoval)
        {
            SourceDifferenceKind kind = after is null ? SourceDifferenceKind.Unlisted : SourceDifferenceKind.Removed;
            return Wish(before) == Wish(after) ? [] : [new SourceDifference(id, kind, null, Wish(before), Wish(after))];
        }

        AptSource? there = before is { IsRemoval: false } ? before : null;
        SourceDifferenceKind how = there is null ? SourceDifferenceKind.Added : SourceDifferenceKind.Changed;
        return from member in Members
            let earlier = there is null ? null : member.Value(there)
            let later = member.Value(after)
            where earlier != later
            select new SourceDifference(id, how, member.Name, Shown(member.Name, earlier), Shown(member.Name, later));
    }

    private static AptSource? Find(AptManifest manifest, string id) => manifest.Sources.FirstOrDefault(source => source.Id == id);

    private static string? Wish(AptSource? source) =>
        source is null ? null
        : source.IsRemoval ? "removal"
        : Joined(source.Uris);

    private static string? Joined(IReadOnlyList<string> texts) => texts.Count > 0 ? string.Join(' ', texts) : null;

    // A key is shown by its hash, because nobody compares two keys by reading them.
    private static string? Shown(string member, string? value) =>
        value is not null && member == Key ? $"SHA-256 {FileHash.Sha256(Encoding.UTF8.GetBytes(value))[0]}" : value;
}
