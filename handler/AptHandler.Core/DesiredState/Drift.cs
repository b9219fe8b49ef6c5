using AptHandler.Debian;
using AptHandler.Manifests;
using AptHandler.Updates;

namespace AptHandler.DesiredState;

/// <summary>One thing that is not as the newest update has left it.</summary>
/// <param name="Name">The package.</param>
/// <param name="Desired">The version that it should have; null where it should not be there.</param>
/// <param name="Actual">The version that it has; null where it is not there, or not whole.</param>
/// <param name="Reason">Who wants it so: the manifest, or the update, which brought it along.</param>
public sealed record Difference(string Name, string? Desired, string? Actual, string Reason);

/// <summary>The comparison of a device with what the newest update that it has recorded as installed has made of it.</summary>
public static class Drift
{
    /// <summary>Compares.</summary>
    /// <param name="record">The update.</param>
    /// <param name="manifest">Its manifest.</param>
    /// <param name="status">The packages of the device.</param>
    /// <returns>The differences: those of the manifest in its order, then those of packages that came along.</returns>
    public static IReadOnlyList<Difference> Of(UpdateRecord record, AptManifest manifest, DpkgStatus status)
    {
        var differences = new List<Difference>();
        var listed = new HashSet<string>(StringComparer.Ordinal);
        foreach (PackageIntent intent in manifest.Packages)
        {
            listed.Add(intent.Package.ToString());
            StatusEntry? entry = status.Find(intent.Package);
            string? actual = VersionOf(entry);

            // What was the newest version then is what is wanted now.
            string? desired = intent.Kind switch
            {
                PackageIntentKind.Remove => null,
                PackageIntentKind.InstallPinned => intent.Version!.Value.Text,
                _ => record.Packages.FirstOrDefault(change => change.Name == intent.Package.ToString())?.After ?? actual ?? "any",
            };
            bool isDifferent = intent.Kind == PackageIntentKind.Remove
                ? entry is { HoldsFiles: true }
                : actual is null || DebianVersion.Compare(actual, desired) != 0;
            if (isDifferent)
                differences.Add(new Difference(intent.Package.ToString(), desired, actual ?? (intent.Kind == PackageIntentKind.Remove ? entry?.Version : null), "the manifest"));
        }

        foreach (PackageChange change in record.Packages)
        {
            if (!listed.Add(change.Name) || !PackageName.TryParse(change.Name, out PackageName package, out _))
                continue;
            string? actual = VersionOf(status.Find(package));
            if (actual != change.After)
                differences.Add(new Difference(change.Name, change.After, actual, "the update"));
        }

        return differences;
    }

    private static string? VersionOf(StatusEntry? entry) => entry is { IsInstalled: true } there ? there.Version : null;
}
