using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Manifests;
using AptHandler.Rollback;

namespace AptHandler.Planning;

/// <summary>
/// What apt's marks of packages are to be after an update. Whoever names a package wants it for its own sake, so it is marked as manual.
/// Nobody has asked for the forced pins by name, so they are, or would be without the pin, automatic. To apt both are named: before 3.0 it
/// makes both manual, since then it leaves as automatic what is so already and what another package needs. For all others apt decides.
/// </summary>
internal static class PlannedMarks
{
    /// <summary>The marks before and after, of all packages that the plan changes or the manifest names.</summary>
    public static IReadOnlyList<KeptMark> Of(AptManifest manifest, UpdatePlan plan, DpkgStatus status, AutoMarks marks)
    {
        var all = new Dictionary<string, KeptMark>(StringComparer.Ordinal);
        foreach (PlannedRemoval each in plan.Apt.Removals)
            all[each.QualifiedName] = new KeptMark(each.QualifiedName, Now(each.QualifiedName), null, IsByApt: true);
        foreach (PlannedInstallation each in plan.Apt.Installations)
            all[each.QualifiedName] = new KeptMark(
                each.QualifiedName,
                Now(each.QualifiedName),
                Now(each.QualifiedName) ?? true,
                IsByApt: true
            );
        foreach (string name in plan.ForcedPins.Select(pin => pin.Name))
            all[name] = new KeptMark(name, Now(name), Now(name) ?? true, IsByApt: false);
        foreach (PackageIntent intent in manifest.Packages.Where(intent => intent.Kind != PackageIntentKind.Remove))
        {
            string name = status.NameOf(intent.Package);
            all[name] = new KeptMark(name, Now(name), false, IsByApt: false);
        }

        return [.. all.Values];

        bool? Now(string name)
        {
            var package = PackageName.Known(name);
            return status.Find(package) is { HoldsFiles: true } ? marks.IsAutomatic(package) : null;
        }
    }
}
