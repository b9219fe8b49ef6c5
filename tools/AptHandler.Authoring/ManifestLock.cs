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
    /// <summary>
    /// The entries of the locked manifest: what goes, then what is there already, then what comes, each package after those that it depends
    /// on, as apt configures them. What the manifest neither names nor changes is left out.
    /// </summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="plan">What it does.</param>
    /// <param name="status">The state that the plan begins with.</param>
    public static IReadOnlyList<ManifestEntry> Of(AptManifest manifest, UpdatePlan plan, DpkgStatus status)
    {
        PackageIntent[] unwanted = [.. manifest.Packages.Where(intent => intent.Kind == PackageIntentKind.Remove)];
        PackageIntent[] wanted = [.. manifest.Packages.Where(intent => intent.Kind != PackageIntentKind.Remove)];
        var entries = new List<ManifestEntry>();
        var names = new HashSet<string>(StringComparer.Ordinal);

        foreach (PlannedRemoval each in plan.Apt.Removals)
            Add($"{NameOf(unwanted, each.Name, each.Architecture, each.QualifiedName)}-", null);
        foreach (PackageIntent each in unwanted.Where(intent => !plan.Apt.Removals.Any(going => Is(intent, going.Name, going.Architecture))))
            Add($"{each.Package}-", null);

        foreach (PackageIntent each in wanted.Where(intent => !plan.Apt.Installations.Any(coming => Is(intent, coming.Name, coming.Architecture))))
        {
            if (status.Find(each.Package) is { } there)
                Add(each.Package.Architecture is null ? PlannedInstallation.QualifiedNameOf(there.Name, there.Architecture) : each.Package.ToString(), there.Version);
        }

        // A pin whose package does not change holds it back all the same.
        foreach (ForcedPin each in plan.ForcedPins.Where(pin => !plan.Apt.Installations.Any(coming => coming.Name == pin.Name)))
            Add(each.Name, each.Version);
        foreach (PlannedInstallation each in InOrder(plan.Apt))
            Add(NameOf(wanted, each.Name, each.Architecture, each.QualifiedName), each.NewVersion);
        return entries;

        void Add(string name, string? version)
        {
            if (names.Add(name))
                entries.Add(new ManifestEntry(name, version));
        }
    }

    // apt prints what it unpacks in one order and what it configures in another one: a package that is installed by itself is configured at once.
    private static List<PlannedInstallation> InOrder(AptPlan plan)
    {
        Dictionary<string, PlannedInstallation> coming = plan.Installations.ToDictionary(Key, StringComparer.Ordinal);
        var ordered = new List<PlannedInstallation>();
        foreach (PlannedInstallation each in plan.Configurations.Concat(plan.Installations))
        {
            if (coming.Remove(Key(each), out PlannedInstallation? next))
                ordered.Add(next);
        }

        return ordered;

        static string Key(PlannedInstallation each) => $"{each.Name}:{each.Architecture}";
    }

    // Whoever has written an architecture has it stay.
    private static string NameOf(PackageIntent[] intents, string name, string? architecture, string qualifiedName) =>
        Array.Find(intents, intent => intent.Package.Architecture is not null && Is(intent, name, architecture))?.Package.ToString() ?? qualifiedName;

    private static bool Is(PackageIntent intent, string name, string? architecture) =>
        intent.Package.Name == name && (intent.Package.Architecture is not { } wanted || architecture is null or "all" || architecture == wanted);
}
