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
        before.Entries
            .Where(entry => entry.HoldsFiles && !entry.IsInstalled)
            .Select(entry => entry.Name)
            .FirstOrDefault(name => failure.Subject?.Split(':')[0] == name && !IsPartOf(plan, name));

    /// <summary>What differs between two states of a machine, outside the plan: somebody else was at work, or apt did more than it had said.</summary>
    public static IReadOnlyList<PackageChange> Unplanned(UpdatePlan plan, DpkgStatus before, DpkgStatus after)
    {
        Dictionary<(string Name, string Architecture), string> old = Versions(before);
        Dictionary<(string Name, string Architecture), string> now = Versions(after);
        return
        [
            .. old.Keys.Union(now.Keys)
                .Where(key => old.GetValueOrDefault(key) != now.GetValueOrDefault(key) && !IsPartOf(plan, key.Name))
                .Select(key => new PackageChange(key.Name, old.GetValueOrDefault(key), now.GetValueOrDefault(key))),
        ];
    }

    private static Dictionary<(string Name, string Architecture), string> Versions(DpkgStatus status) => status.Entries
        .Where(entry => entry.HoldsFiles)
        .DistinctBy(entry => (entry.Name, entry.Architecture))
        .ToDictionary(entry => (entry.Name, entry.Architecture), entry => entry.Version);

    private static bool IsPartOf(UpdatePlan plan, string name) =>
        plan.Apt.Installations.Any(each => each.Name == name)
        || plan.Apt.Removals.Any(each => each.Name == name)
        || plan.Unfinished.Any(each => each.Split(':')[0] == name);
}
