using System.Text;
using AptHandler.Apt;
using AptHandler.Debian;

namespace AptHandler.DesiredState;

/// <summary>
/// The packages of a device with their versions, as they are or as a plan will leave them. Fingerprints are computed from this.
/// </summary>
public sealed class PackageVersions
{
    private readonly List<StatusLine> _lines;
    private bool _leavesOpenWhatIsLeft;

    private PackageVersions(List<StatusLine> lines) => _lines = lines;

    /// <summary>The packages that dpkg knows.</summary>
    public static PackageVersions Of(DpkgStatus status)
    {
        var lines = new List<StatusLine>(status.Entries.Count);
        foreach (StatusEntry entry in status.Entries)
        {
            if (entry.State != PackageState.NotInstalled)
                lines.Add(new StatusLine(status.NameOf(entry), entry.Name, entry.Architecture, entry.Version, entry.IsInstalled));
        }

        return new PackageVersions(lines);
    }

    /// <summary>The packages that a plan will leave.</summary>
    /// <param name="status">The packages before.</param>
    /// <param name="plan">The installations and removals.</param>
    /// <param name="unfinished">Packages that are only configured.</param>
    public static PackageVersions After(DpkgStatus status, AptPlan plan, IReadOnlyList<string> unfinished)
    {
        var versions = Of(status);
        versions.Change(plan, unfinished);
        return versions;
    }

    /// <summary>Lines <c>name:architecture=version</c> of all that is installed, in the order of their bytes.</summary>
    internal byte[] Canonical()
    {
        var lines = new List<string>(_lines.Count);
        foreach (StatusLine each in _lines)
        {
            if (each.IsInstalled)
                lines.Add($"{each.Name}:{each.Architecture}={each.Version}\n");
        }

        lines.Sort(StringComparer.Ordinal);
        return Encoding.UTF8.GetBytes(string.Concat(lines));
    }

    /// <summary>
    /// Lines <c>name (=version)</c> as <c>dpkg-query --show</c> prints them. Removed packages whose configuration is left are included.
    /// Null where a plan leaves open which those are.
    /// </summary>
    internal byte[]? AsOSConfig()
    {
        if (_leavesOpenWhatIsLeft)
            return null;
        _lines.Sort(StatusLine.Compare);
        var text = new StringBuilder();
        foreach (StatusLine each in _lines)
            text.Append(each.Name).Append(" (=").Append(each.Version).Append(")\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private void Change(AptPlan plan, IReadOnlyList<string> unfinished)
    {
        foreach (string name in unfinished)
        {
            int at = _lines.FindIndex(each => each.QualifiedName == name);
            if (at >= 0)
                _lines[at] = _lines[at] with { IsInstalled = true };
        }

        foreach (PlannedRemoval each in plan.Removals)
        {
            Remove(each.QualifiedName);

            // dpkg keeps an entry of a removed package that has files in /etc. A plan does not tell whether it has.
            _leavesOpenWhatIsLeft = true;
        }

        foreach (PlannedInstallation each in plan.Installations)
        {
            Remove(each.QualifiedName);
            _lines.Add(new StatusLine(each.QualifiedName, each.Name, each.Architecture, each.NewVersion, true));
        }
    }

    // A package can change between one architecture and all architectures. It is still the same package.
    private void Remove(string name) => _lines.RemoveAll(each => each.QualifiedName == name);

    private sealed record StatusLine(string QualifiedName, string Name, string Architecture, string Version, bool IsInstalled)
    {
        public static int Compare(StatusLine one, StatusLine other)
        {
            int byName = string.CompareOrdinal(one.Name, other.Name);
            return byName != 0 ? byName : string.CompareOrdinal(one.Architecture, other.Architecture);
        }
    }
}
