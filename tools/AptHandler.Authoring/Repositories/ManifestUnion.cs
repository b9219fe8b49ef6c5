using AptHandler.Debian;
using AptHandler.Manifests;

namespace AptHandler.Authoring.Repositories;

/// <summary>Combines several manifests into one that a single device could get.</summary>
internal static class ManifestUnion
{
    /// <summary>One manifest that asks for everything that several manifests ask for.</summary>
    /// <param name="manifests">The manifests.</param>
    /// <param name="architecture">The architecture of the device. A name without an architecture means this one.</param>
    /// <exception cref="InputException">Two of them contradict each other.</exception>
    public static AptManifest Of(IReadOnlyList<AptManifest> manifests, string architecture)
    {
        if (manifests.Count == 1)
            return manifests[0];
        var packages = new List<PackageIntent>();
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        var owners = new List<string>();
        foreach (AptManifest manifest in manifests)
        {
            foreach (PackageIntent intent in manifest.Packages)
            {
                string name = $"{intent.Package.Name}:{intent.Package.Architecture ?? architecture}";
                if (!places.TryGetValue(name, out int place))
                {
                    places.Add(name, packages.Count);
                    packages.Add(intent);
                    owners.Add(manifest.Name);
                }
                else
                {
                    packages[place] =
                        Both(packages[place], intent)
                        ?? throw new InputException(
                            $"cannot put {owners[place]} and {manifest.Name} into one snapshot: of {intent.Package} the one wants "
                                + $"{Wish(packages[place])}, the other {Wish(intent)}; change one of the manifests, or make a snapshot "
                                + "for each"
                        );
                }
            }
        }

        return new AptManifest
        {
            Name = manifests[0].Name,
            Version = manifests[0].Version,
            Packages = packages,
        };
    }

    private static PackageIntent? Both(PackageIntent first, PackageIntent second) =>
        (first.Kind, second.Kind) switch
        {
            (PackageIntentKind.InstallPinned, PackageIntentKind.InstallPinned) => DebianVersion.Compare(
                first.Version!.Value.Text,
                second.Version!.Value.Text
            ) == 0
                ? first
                : null,
            (PackageIntentKind.InstallNewest, PackageIntentKind.InstallPinned) => second,
            (PackageIntentKind.InstallPinned, PackageIntentKind.InstallNewest) => first,
            var (one, other) => one == other ? first : null,
        };

    private static string Wish(PackageIntent intent) =>
        intent.Kind switch
        {
            PackageIntentKind.Remove => "its removal",
            PackageIntentKind.InstallNewest => "the newest version",
            _ => intent.Version!.Value.Text,
        };
}
