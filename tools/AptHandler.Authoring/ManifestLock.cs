using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Manifests;
using AptHandler.Updates;

namespace AptHandler.Authoring;

/// <summary>
/// Makes a manifest in which nothing is left open: every package that changes, dependencies included, in its exact version. Deployed on the
/// state that it was made for it does the same again, whatever else was published meanwhile.
/// </summary>
public static class ManifestLock
{
    private const string Gone = "";

    /// <summary>
    /// The entries of the locked manifest: what goes, then what is there already, then what comes, each package after those that it depends
    /// on, as apt configures them. What the manifest neither names nor changes is left out.
    /// </summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="plan">What it does.</param>
    /// <param name="status">The state that the plan begins with.</param>
    public static IReadOnlyList<ManifestEntry> Of(AptManifest manifest, UpdatePlan plan, DpkgStatus status)
    {
        var names = new List<string>();
        var versions = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (PlannedRemoval each in plan.Apt.Removals)
            Add(NameOf(manifest, each.Name, each.Architecture, each.QualifiedName), Gone);
        foreach (PackageIntent each in manifest.Packages)
        {
            if (each.Kind == PackageIntentKind.Remove)
                Add(each.Package.ToString(), Gone);
        }

        foreach (PackageIntent each in manifest.Packages)
        {
            if (each.Kind != PackageIntentKind.Remove && !IsComing(plan.Apt, each.Package.Name, each.Package.Architecture) && status.Find(each.Package) is { } there)
                Add(each.Package.Architecture is null ? PlannedInstallation.QualifiedNameOf(there.Name, there.Architecture) : each.Package.ToString(), there.Version);
        }

        // A pin whose package does not change holds it back all the same.
        foreach (ForcedPin each in plan.ForcedPins)
        {
            if (!IsComing(plan.Apt, each.Name, null))
                Add(each.Name, each.Version);
        }

        // apt prints what it unpacks in one order and what it configures in another one: a package that is installed by itself is configured at once.
        foreach (PlannedInstallation each in plan.Apt.Configurations)
        {
            if (IsComing(plan.Apt, each.Name, each.Architecture))
                Come(each);
        }

        foreach (PlannedInstallation each in plan.Apt.Installations)
            Come(each);
        return Entries(names, versions);

        void Come(PlannedInstallation each) => Add(NameOf(manifest, each.Name, each.Architecture, each.QualifiedName), each.NewVersion);

        void Add(string name, string version)
        {
            if (versions.TryAdd(name, version))
                names.Add(name);
        }
    }

    // Where a package is named for several architectures the own one must not be taken for all of them.
    private static List<ManifestEntry> Entries(List<string> names, Dictionary<string, string> versions)
    {
        var several = new HashSet<string>(StringComparer.Ordinal);
        foreach (string name in names)
        {
            if (name.Contains(':', StringComparison.Ordinal))
                several.Add(name.Split(':')[0]);
        }

        var entries = new List<ManifestEntry>();
        foreach (string name in names)
        {
            string qualified = several.Contains(name) ? $"{name}:{DebianArchitecture.OfThisProcess}" : name;
            entries.Add(versions[name] == Gone ? new ManifestEntry($"{qualified}-", null) : new ManifestEntry(qualified, versions[name]));
        }

        return entries;
    }

    private static bool IsComing(AptPlan plan, string name, string? architecture)
    {
        foreach (PlannedInstallation each in plan.Installations)
        {
            if (Is(name, architecture, each.Name, each.Architecture))
                return true;
        }

        return false;
    }

    // Whoever has written an architecture has it stay.
    private static string NameOf(AptManifest manifest, string name, string? architecture, string qualifiedName)
    {
        foreach (PackageIntent each in manifest.Packages)
        {
            if (each.Package.Architecture is not null && Is(each.Package.Name, each.Package.Architecture, name, architecture))
                return each.Package.ToString();
        }

        return qualifiedName;
    }

    private static bool Is(string wanted, string? wantedArchitecture, string name, string? architecture) =>
        wanted == name && (wantedArchitecture is null || architecture is null or "all" || architecture == wantedArchitecture);
}
