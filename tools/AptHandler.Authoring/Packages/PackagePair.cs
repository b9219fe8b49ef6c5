using System.Globalization;
using System.Text;
using AptHandler.Debian;
using AptHandler.Logging;
using AptHandler.Manifests;

namespace AptHandler.Authoring.Packages;

/// <summary>
/// Two packages with which apt alone brings a device to the state that a manifest asks for. The pinning package makes apt choose the
/// manifest's versions, whatever else the sources have. The dependency package installs them. apt reads its pins before it plans, so the
/// pinning package has to be installed first, in a separate run.
/// </summary>
public sealed class PackagePair
{
    // apt_preferences(5): a version with a priority above 1000 is chosen even for a downgrade; below 0 it is never chosen.
    private const int AlsoDowngrade = 1001,
        Never = -1;

    // Every version of the package, but not a package that only provides its name (Policy 7.5). A removed package's successor often does.
    private const string Installed = "(>= 0~~)";

    private readonly AptManifest _manifest;
    private readonly string _dependencies;
    private readonly string _pinning;

    /// <summary>The pair of a manifest. Name and version are those of the manifest.</summary>
    /// <exception cref="InputException">
    /// The name or version is not allowed for a package, or the manifest names the pair itself.
    /// </exception>
    public PackagePair(AptManifest manifest)
    {
        string name = NameOf(manifest.Name);
        if (!DebianVersion.TryParse(manifest.Version, out _, out string? problem))
            throw new InputException(
                $"cannot make a package of version {Quotation.Of(manifest.Version)}, which is the manifest's: it {problem}; give "
                    + "the manifest a version by Debian's rules"
            );
        (_manifest, _dependencies, _pinning) = (manifest, $"{name}-dependencies", $"{name}-pinning");
        if (manifest.Packages.FirstOrDefault(each => each.Package.Name == _dependencies || each.Package.Name == _pinning) is { } own)
            throw new InputException(
                $"cannot make packages of a manifest that names {own.Package.Name}, which is one of them; take it out of the "
                    + "manifest, or rename the manifest"
            );
    }

    /// <summary>The packages that the manifest installs without a version: apt is free to choose one.</summary>
    public IReadOnlyList<string> Unpinned =>
        [.. _manifest.Packages.Where(each => each.Kind == PackageIntentKind.InstallNewest).Select(each => each.Package.ToString())];

    /// <summary>Whether the manifest has anything that apt can be pinned to: a version, or a removal.</summary>
    public bool HasPins => Unpinned.Count < _manifest.Packages.Count;

    /// <summary>
    /// The dependency package: it depends on exact versions of what the manifest pins, depends on the names of what it leaves open, and
    /// conflicts with what it removes.
    /// </summary>
    public BinaryPackage DependencyPackage()
    {
        var depends = new List<string>();
        var conflicts = new List<string>();
        foreach (PackageIntent each in _manifest.Packages)
        {
            if (each.Kind == PackageIntentKind.Remove)
                conflicts.Add($"{each.Package} {Installed}");
            else
                depends.Add(each.Version is { } version ? $"{each.Package} (= {version})" : each.Package.ToString());
        }

        // No dependency on the pinning package: the next pinning package is installed first, and would then have to remove this package.
        return new BinaryPackage(
            Archive(_dependencies),
            Control(
                _dependencies,
                "packages",
                "This package depends on what an apt manifest installs, and conflicts with what it removes. Its pinning package "
                    + "is to be installed first.",
                Relations("Depends", depends)
                    + Relations("Recommends", [$"{_pinning} (= {_manifest.Version})"])
                    + Relations("Conflicts", conflicts)
            )
        );
    }

    /// <summary>The pinning package: apt's preferences for what the manifest pins or removes, and for the pair itself.</summary>
    public BinaryPackage PinningPackage()
    {
        var pins = new StringBuilder(
            $"# The versions of {_manifest.Name} {_manifest.Version}, an apt manifest. This file comes, changes and goes with the "
                + $"package {_pinning}.\n"
        );

        // The pair pins itself. Otherwise an upgrade of all packages would install a newer pair.
        Pin(_pinning, _manifest.Version, AlsoDowngrade);
        Pin(_dependencies, _manifest.Version, AlsoDowngrade);
        foreach (PackageIntent each in _manifest.Packages)
        {
            // Without this pin, apt-get install of a package that the manifest removes would remove the dependency package instead.
            if (each.Kind == PackageIntentKind.Remove)
                Pin(each.Package.ToString(), "*", Never);
            else if (each.Version is { } version)
                Pin(each.Package.ToString(), version.Text, AlsoDowngrade);
        }

        // The file is not a conffile: the pins of a removed package would stay, and edited pins would survive an upgrade. apt ignores files
        // with '+' in their names. Names of packages contain no '_', so it can replace '+'.
        return new BinaryPackage(
            Archive(_pinning),
            Control(
                _pinning,
                "apt preferences",
                "This package makes apt choose exactly the versions of an apt manifest, and never what it removes.",
                ""
            ),
            $"etc/apt/preferences.d/{_pinning.Replace('+', '_')}.pref",
            pins.ToString()
        );

        // apt never takes a version that DebianVersion accepts as a pattern.
        void Pin(string package, string version, int priority) =>
            pins.Append(CultureInfo.InvariantCulture, $"\nPackage: {package}\nPin: version {version}\nPin-Priority: {priority}\n");
    }

    private static string NameOf(string manifest)
    {
        var name = new StringBuilder(manifest.Length);
        foreach (char each in manifest)
        {
            char c =
                each is ' ' or '_' ? '-'
                : char.IsAsciiLetterUpper(each) ? (char)(each - 'A' + 'a')
                : each;
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && (name.Length == 0 || c is not ('+' or '.' or '-')))
                throw new InputException(
                    $"cannot name a package after the manifest {Quotation.Of(manifest)}: {Characters.Describe(each)} at position "
                        + $"{name.Length + 1}; rename the manifest: a letter or digit, then letters, digits, '+', '-' and '.'"
                );
            name.Append(c);
        }

        return name.ToString();
    }

    // The name that apt gives to an archive in its cache. dpkg-deb leaves the epoch out, so that 2.0 would replace 1:2.0.
    private string Archive(string name) => $"{name}_{_manifest.Version.Replace(":", "%3a", StringComparison.Ordinal)}_all.deb";

    // On one line: only source packages may fold these fields (Policy 7.1).
    private static string Relations(string field, List<string> relations) =>
        relations.Count == 0 ? "" : $"{field}: {string.Join(", ", relations)}\n";

    // The field Maintainer is mandatory, but the manifest names nobody.
    private string Control(string name, string content, string description, string relations) =>
        $"""
            Package: {name}
            Version: {_manifest.Version}
            Architecture: all
            Maintainer: {_manifest.Name} <root@localhost>
            Section: admin
            Priority: optional
            {relations}Description: {content} of {_manifest.Name} {_manifest.Version}
             {description}

            """;
}
