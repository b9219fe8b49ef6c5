using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Manifests;
using AptHandler.Updates;

namespace AptHandler.DesiredState;

/// <summary>One thing that is not as the newest update has left it.</summary>
/// <param name="Kind">What it is: <c>package</c> or <c>source</c>.</param>
/// <param name="Name">The package, or the id of the source.</param>
/// <param name="Desired">The version that the package should have, or <c>present</c> for a source; null where it should not be there.</param>
/// <param name="Actual">The version that the package has, or its state where it is not whole, or <c>changed</c> for a source; null where it is not there.</param>
/// <param name="WantedBy">Who wants it so: <c>manifest</c>, or <c>update</c> where the update has brought it along or taken it away.</param>
public sealed record Difference(string Kind, string Name, string? Desired, string? Actual, string WantedBy);

/// <summary>The comparison of a device with what the newest update that it has recorded as installed has made of it.</summary>
public static class Drift
{
    /// <summary>Compares.</summary>
    /// <param name="record">The update.</param>
    /// <param name="manifest">Its manifest.</param>
    /// <param name="status">The packages of the device.</param>
    /// <param name="system">The device, with its sources.</param>
    /// <returns>The differences: those of the manifest in its order, then those of packages that came or went along.</returns>
    /// <exception cref="IOException">The sources cannot be read.</exception>
    public static IReadOnlyList<Difference> Of(UpdateRecord record, AptManifest manifest, DpkgStatus status, AptSystem system)
    {
        var differences = new List<Difference>();
        var listed = new HashSet<string>(StringComparer.Ordinal);
        foreach (AptSource source in manifest.Sources)
        {
            if (!SourceFiles.IsAsWanted(source, system))
                differences.Add(new Difference("source", source.Id, source.IsRemoval ? null : "present", SourceFiles.IsThere(source, system) ? "changed" : null, "manifest"));
        }

        foreach (PackageIntent intent in manifest.Packages)
        {
            string name = intent.Package.ToString();
            listed.Add(name);
            PackageChange? change = record.Packages.FirstOrDefault(change => change.Name == name);
            string? desired = intent.Kind switch
            {
                PackageIntentKind.Remove => null,
                PackageIntentKind.InstallPinned => intent.Version!.Value.Text,

                // What was the newest version then is what is wanted now; where it was there already, any will do.
                _ => change?.After ?? "any",
            };
            Compare(name, intent.Package, desired, "manifest");
        }

        foreach (PackageChange change in record.Packages)
        {
            if (listed.Add(change.Name) && PackageName.TryParse(change.Name, out PackageName package, out _))
                Compare(change.Name, package, change.After, "update");
        }

        return differences;

        void Compare(string name, PackageName package, string? desired, string wantedBy)
        {
            StatusEntry? entry = status.Find(package) is { HoldsFiles: true } there ? there : null;
            string? actual = entry is { IsInstalled: false } broken ? broken.State.ToString() : entry?.Version;
            bool isAsDesired = desired is null ? entry is null
                : entry is { IsInstalled: true } && (desired == "any" || DebianVersion.Compare(entry.Value.Version, desired) == 0);
            if (!isAsDesired)
                differences.Add(new Difference("package", name, desired, actual, wantedBy));
        }
    }
}
