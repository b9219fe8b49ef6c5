using System.Text;
using AptHandler.Apt;
using AptHandler.Debian;

namespace AptHandler.DesiredState;

/// <summary>The packages of a device with their versions, as they are, or as a plan will leave them: what fingerprints are made of.</summary>
public sealed class PackageVersions
{
    private readonly Dictionary<string, StatusLine> _lines = new(StringComparer.Ordinal);
    private bool _leavesOpenWhatIsLeft;

    private PackageVersions()
    {
    }

    /// <summary>The packages that dpkg knows.</summary>
    public static PackageVersions Of(DpkgStatus status)
    {
        var versions = new PackageVersions();
        foreach (StatusEntry entry in status.Entries)
        {
            if (entry.State != PackageState.NotInstalled)
                versions.Set(new StatusLine(entry.Name, entry.Architecture, entry.Version, entry.IsInstalled));
        }

        return versions;
    }

    /// <summary>Brings them to what a plan makes of them.</summary>
    /// <param name="plan">What comes and goes.</param>
    /// <param name="unfinished">Packages that are only configured.</param>
    public PackageVersions After(AptPlan plan, IReadOnlyList<string> unfinished)
    {
        foreach (string name in unfinished)
        {
            StatusLine? line = _lines.GetValueOrDefault(name) ?? _lines.GetValueOrDefault($"{name}:{DebianArchitecture.OfThisProcess}") ?? _lines.GetValueOrDefault($"{name}:all");
            if (line is not null)
                Set(line with { IsInstalled = true });
        }

        foreach (PlannedRemoval each in plan.Removals)
        {
            Remove(each.Name, each.Architecture ?? DebianArchitecture.OfThisProcess);

            // Whether dpkg remembers it depends on the files that it has in /etc, which a plan does not say.
            _leavesOpenWhatIsLeft = true;
        }

        foreach (PlannedInstallation each in plan.Installations)
        {
            Remove(each.Name, each.Architecture);
            Set(new StatusLine(each.Name, each.Architecture, each.NewVersion, true));
        }

        return this;
    }

    /// <summary>Lines <c>name:architecture=version</c> of all that is installed, in the order of their bytes.</summary>
    internal byte[] Canonical()
    {
        var lines = new List<string>(_lines.Count);
        foreach (StatusLine each in _lines.Values)
        {
            if (each.IsInstalled)
                lines.Add($"{each.Name}:{each.Architecture}={each.Version}\n");
        }

        lines.Sort(StringComparer.Ordinal);
        return Encoding.UTF8.GetBytes(string.Concat(lines));
    }

    /// <summary>Lines <c>name (=version)</c> as <c>dpkg-query --show</c> prints them, removed packages whose configuration is left included; null where a plan leaves open which those are.</summary>
    internal byte[]? AsOSConfig()
    {
        if (_leavesOpenWhatIsLeft)
            return null;
        var lines = new List<string>(_lines.Count);
        foreach (StatusLine each in _lines.Values)
            lines.Add($"{each.Name}\0{each.Architecture}\0{each.Name} (={each.Version})\n");
        lines.Sort(StringComparer.Ordinal);
        var text = new StringBuilder();
        foreach (string line in lines)
            text.Append(line.AsSpan(line.LastIndexOf('\0') + 1));
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private void Set(StatusLine line) => _lines[$"{line.Name}:{line.Architecture}"] = line;

    // A package that becomes one for all architectures, or is one no longer, is still the same package.
    private void Remove(string name, string architecture)
    {
        _lines.Remove($"{name}:{architecture}");
        if (architecture == "all")
            _lines.Remove($"{name}:{DebianArchitecture.OfThisProcess}");
        else if (architecture == DebianArchitecture.OfThisProcess)
            _lines.Remove($"{name}:all");
    }

    private sealed record StatusLine(string Name, string Architecture, string Version, bool IsInstalled);
}
