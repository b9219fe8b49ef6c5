using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Manifests;
using AptHandler.Rollback;

namespace AptHandler.Planning;

/// <summary>
/// The marks (automatic or manual) that packages should have after an update. A package that the manifest names is wanted for its own sake,
/// so it is marked as manual. The manifest does not name forced pins. So they keep their mark, and new ones are automatic. apt cannot tell
/// both kinds apart, because both are on its command line. Before 3.0 apt marks both as manual. Since 3.0 a package stays automatic if it
/// already is, or if another package needs it. apt decides on all other packages.
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
