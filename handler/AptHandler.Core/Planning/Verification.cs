using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Manifests;
using AptHandler.Results;

namespace AptHandler.Planning;

/// <summary>Compares dpkg's status after a transaction with the plan and the manifest.</summary>
internal static class Verification
{
    /// <summary>
    /// Whether every package of the plan and of the manifest is in the state <c>installed</c> in the right version, or removed.
    /// </summary>
    public static InstalledAnswer Check(AptManifest manifest, AptPlan plan, DpkgStatus after)
    {
        foreach (PlannedInstallation each in plan.Installations)
        {
            StatusEntry? entry = after.Find(PackageName.Known(each.QualifiedName));
            if (entry is not { IsInstalled: true } installed)
                return InstalledAnswer.No($"{each.QualifiedName} is {entry?.State.ToString() ?? "not there"} instead of installed");
            if (installed.Version != each.NewVersion)
                return InstalledAnswer.No($"{each.QualifiedName} is {installed.Version} instead of {each.NewVersion}");
        }

        foreach (PlannedRemoval each in plan.Removals)
        {
            if (after.Find(PackageName.Known(each.QualifiedName)) is { HoldsFiles: true } entry && entry.Version == each.OldVersion)
                return InstalledAnswer.No($"{each.QualifiedName} is still there");
        }

        return InstalledCheck.Compare(manifest, after);
    }

    /// <summary>
    /// The package that an earlier failure left broken and that this failure is about, or null when it is about this update.
    /// </summary>
    public static string? BrokenBefore(AptFailure failure, UpdatePlan plan, DpkgStatus before)
    {
        string? failed = failure.Subject is { } subject ? before.NameOf(PackageName.Known(subject)) : null;
        return failed is not null && before.Unfinished.Contains(failed, StringComparer.Ordinal) && !IsPartOf(plan, failed) ? failed : null;
    }

    /// <summary>
    /// The packages that differ between two states of a machine and are not in the plan. Another program changed them, or apt did more than
    /// it had planned.
    /// </summary>
    public static IReadOnlyList<PackageChange> Unplanned(UpdatePlan plan, DpkgStatus before, DpkgStatus after)
    {
        Dictionary<string, string> old = Versions(before),
            now = Versions(after);
        var changes = new List<PackageChange>();
        foreach (string name in old.Keys.Union(now.Keys, StringComparer.Ordinal))
        {
            (string? versionBefore, string? versionAfter) = (old.GetValueOrDefault(name), now.GetValueOrDefault(name));
            if (versionBefore != versionAfter && !IsPartOf(plan, name))
                changes.Add(new PackageChange(name, versionBefore, versionAfter));
        }

        return changes;
    }

    private static Dictionary<string, string> Versions(DpkgStatus status)
    {
        var versions = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (StatusEntry entry in status.Entries)
        {
            if (entry.HoldsFiles)
                versions.TryAdd(status.NameOf(entry), entry.Version);
        }

        return versions;
    }

    private static bool IsPartOf(UpdatePlan plan, string name) =>
        plan.Apt.Installations.Any(each => each.QualifiedName == name)
        || plan.Apt.Removals.Any(each => each.QualifiedName == name)
        || plan.Unfinished.Contains(name, StringComparer.Ordinal);
}
