using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Manifests;

namespace AptHandler.Updates;

/// <summary>What dpkg's status says after a transaction, against what was to become of it.</summary>
internal static class Verification
{
    /// <summary>Whether every package of the plan and of the manifest is in the state <c>installed</c> in the right version, or gone.</summary>
    public static InstalledAnswer Check(AptManifest manifest, AptPlan plan, DpkgStatus after)
    {
        foreach (PlannedInstallation each in plan.Installations)
        {
            StatusEntry? entry = after.Find(new PackageName(each.Name, each.Architecture == "all" ? null : each.Architecture));
            if (entry is not { IsInstalled: true } installed)
                return InstalledAnswer.No($"{each.Name} is {(entry is { } there ? there.State.ToString() : "not there")} instead of installed");
            if (installed.Version != each.NewVersion)
                return InstalledAnswer.No($"{each.Name} is {installed.Version} instead of {each.NewVersion}");
        }

        foreach (PlannedRemoval each in plan.Removals)
        {
            if (after.Find(new PackageName(each.Name, each.Architecture)) is { HoldsFiles: true } entry && entry.Version == each.OldVersion)
                return InstalledAnswer.No($"{each.Name} is still there");
        }

        return InstalledCheck.Compare(manifest, after);
    }

    /// <summary>The package that an earlier failure left broken and that this failure is about, or null when it is about this update.</summary>
    public static string? BrokenBefore(AptFailure failure, UpdatePlan plan, DpkgStatus before) =>
        before.Unfinished.FirstOrDefault(name => failure.Subject?.Split(':')[0] == name && !IsPartOf(plan, name));

    /// <summary>What differs between two states of a machine, outside the plan: somebody else was at work, or apt did more than it had said.</summary>
    public static IReadOnlyList<PackageChange> Unplanned(UpdatePlan plan, DpkgStatus before, DpkgStatus after)
    {
        Dictionary<string, StatusEntry> old = Whole(before), now = Whole(after);
        var changes = new List<PackageChange>();
        foreach (string key in old.Keys.Union(now.Keys, StringComparer.Ordinal))
        {
            string? versionBefore = old.TryGetValue(key, out StatusEntry was) ? was.Version : null;
            string? versionAfter = now.TryGetValue(key, out StatusEntry entry) ? entry.Version : null;
            string name = versionAfter is null ? was.Name : entry.Name;
            if (versionBefore != versionAfter && !IsPartOf(plan, name))
                changes.Add(new PackageChange(name, versionBefore, versionAfter));
        }

        return changes;
    }

    private static Dictionary<string, StatusEntry> Whole(DpkgStatus status)
    {
        var entries = new Dictionary<string, StatusEntry>(StringComparer.Ordinal);
        foreach (StatusEntry entry in status.Entries)
        {
            if (entry.HoldsFiles)
                entries.TryAdd($"{entry.Name}:{entry.Architecture}", entry);
        }

        return entries;
    }

    private static bool IsPartOf(UpdatePlan plan, string name) =>
        plan.Apt.Installations.Any(each => each.Name == name)
        || plan.Apt.Removals.Any(each => each.Name == name)
        || plan.Unfinished.Any(each => each.Split(':')[0] == name);
}
