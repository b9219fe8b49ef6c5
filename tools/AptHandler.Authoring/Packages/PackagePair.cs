using System.Globalization;
using System.Text;
using AptHandler.Debian;
using AptHandler.Logging;
using AptHandler.Manifests;

namespace AptHandler.Authoring.Packages;

/// <summary>
/// Two packages by which apt alone brings a device to what a manifest asks. The pinning package makes apt choose the manifest's versions,
/// whatever else the sources have; the dependency package has them installed. apt reads its pins before it plans: the pinning package
/// is to be installed first, in a run of its own.
/// </summary>
public sealed class PackagePair
{
    // apt_preferences(5): above 1000 it is chosen even where that is a downgrade; below 0 it is never chosen.
    private const int AlsoDowngrade = 1001,
        Never = -1;

    // Every version, but not a package that only provides the name (Policy 7.5): the successor of what is removed often does.
    private const string Installed = "(>= 0~~)";

    private readonly AptManifest _manifest;
    private readonly string _dependencies;
    private readonly string _pinning;

    /// <summary>The pair of a manifest. Name and version are those of the manifest.</summary>
    /// <exception cref="InputException">
    /// No package can be called so, or have that version, or the manifest names the pair itself.
    /// </exception>
    public PackagePair(AptManifest manifest)
    {
        string name = NameOf(manifest.Name);
        if (!DebianVersion.TryParse(manifest.Version, out _, out string? problem))
            throw new InputException(
                $"cannot make a package of version {Quotation.Of(manifest.Version)}, which is the manifest's: it {problem}; give "
                    + $"the manifest a version by Debian's rules"
            );
        (_manifest, _dependencies, _pinning) = (manifest, $"{name}-dependencies", $"{name}-pinning");
        if (manifest.Packages.FirstOrDefault(each => each.Package.Name == _dependencies || each.Package.Name == _pinning) is { } own)
            throw new InputException(
                $"cannot make packages of a manifest that names {own.Package.Name}, which is one of them; take it out of the "
                    + $"manifest, or rename the manifest"
            );
    }

    /// <summary>The packages that the manifest installs without a version: apt is free to choose one.</summary>
    public IReadOnlyList<string> Unpinned =>
        [.. _manifest.Packages.Where(each => each.Kind == PackageIntentKind.InstallNewest).Select(each => each.Package.ToString())];

    /// <summary>Whether the manifest says anything that apt can be held to: a version, or a removal.</summary>
    public bool HasPins => Unpinned.Count < _manifest.Packages.Count;

    /// <summary>
    /// The dependency package: exact versions of all that the manifest pins, the names of what it leaves open, conflicts with what it
    /// removes.
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

        // No dependency on the pinning package: the next one of those, which comes first, would have to remove this one.
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

    /// <summary>The pinning package: preferences of apt for all that the manifest pins or removes, and for the pair itself.</summary>
    public BinaryPackage PinningPackage()
    {
        var pins = new StringBuilder(
            $"# The versions of {_manifest.Name} {_manifest.Version}, an apt manifest. This file comes, changes and goes with the "
                + $"package {_pinning}.\n"
        );

        // Or a newer pair would be taken by whoever upgrades everything.
        Pin(_pinning, _manifest.Version, AlsoDowngrade);
        Pin(_dependencies, _manifest.Version, AlsoDowngrade);
        foreach (PackageIntent each in _manifest.Packages)
        {
            // Without it, apt-get install of what the manifest removes would remove the dependency package instead.
            if (each.Kind == PackageIntentKind.Remove)
                Pin(each.Package.ToString(), "*", Never);
            else if (each.Version is { } version)
                Pin(each.Package.ToString(), version.Text, AlsoDowngrade);
        }

        // No conffile: the pins of a removed package would stay, and edited ones would outlive an upgrade. apt ignores files with '+' in
        // their names, and packages have no '_' in theirs.
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

        // No version that DebianVersion takes is a pattern to apt.
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

    // As apt names it where it keeps archives: dpkg-deb leaves the epoch out, and 2.0 would replace 1:2.0.
    private string Archive(string name) => $"{name}_{_manifest.Version.Replace(":", "%3a", StringComparison.Ordinal)}_all.deb";

    // In one line: only source packages may fold these fields (Policy 7.1).
    private static string Relations(string field, List<string> relations) =>
        relations.Count == 0 ? "" : $"{field}: {string.Join(", ", relations)}\n";

    // A maintainer is compulsory, and the manifest names nobody.
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
