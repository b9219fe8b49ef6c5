using AptHandler.Debian;
using AptHandler.Logging;

namespace AptHandler.Manifests;

/// <summary>
/// Makes intents of entries, each package once. An entry with a fault is reported and left out, and the next one is read. "foo" and
/// "foo:amd64" count as two packages here. Whether they are one depends on the architecture of the device, which only apt on that device
/// knows. They are compared later, in the plan that apt makes of the manifest.
/// </summary>
internal sealed class PackageList(ProblemList problems)
{
    private readonly List<PackageIntent> _intents = [];
    private readonly Dictionary<PackageName, int> _earlier = [];

    /// <summary>The intents in the order of the file.</summary>
    public IReadOnlyList<PackageIntent> Intents => _intents;

    /// <summary>Looks for faults in an incomplete entry, because reading stopped inside it.</summary>
    public void Check(in PackageEntry entry) => Interpret(entry);

    /// <summary>Reads an entry.</summary>
    public void Add(in PackageEntry entry)
    {
        if (Interpret(entry) is not PackageIntent intent)
            return;

        if (_earlier.TryAdd(intent.Package, _intents.Count))
            _intents.Add(intent);
        else
            ReportRepetition(entry, intent, _intents[_earlier[intent.Package]]);
    }

    private PackageIntent? Interpret(in PackageEntry entry)
    {
        // A null name or version was missing or unreadable. It has been reported already.
        if (entry.Name is null)
        {
            CheckVersion(entry, isRemoval: false, out _);
            return null;
        }

        (int line, int column) = entry.Position;
        if (PackageNameRule.Read(entry.Name, out PackageName package, out bool isRemoval) is Objection toName)
        {
            problems.Error(toName.Code, entry.Path.Of("name"), entry.NameStart, toName.Message);
            CheckVersion(entry, isRemoval, out _);
            return null;
        }

        if (!CheckVersion(entry, isRemoval, out DebianVersion version))
            return null;
        return isRemoval ? PackageIntent.Remove(package, entry.Path.Index, line, column)
            : entry.HasVersion ? PackageIntent.InstallPinned(package, version, entry.Path.Index, line, column)
            : PackageIntent.InstallNewest(package, entry.Path.Index, line, column);
    }

    private bool CheckVersion(in PackageEntry entry, bool isRemoval, out DebianVersion version)
    {
        version = default;
        if (!entry.HasVersion)
            return true;

        Objection? objection =
            isRemoval
                ? new(
                    ManifestProblemCodes.RemovalWithVersion,
                    $"The package {Quotation.Of(entry.Name)} is to be removed, and a removal has no version; "
                        + "leave out the version or the minus sign."
                )
            : entry.Version is string text ? PackageVersionRule.Read(text, entry.Name, out version)
            : null;
        if (objection is not null)
            problems.Error(objection.Code, entry.Path.Of("version"), entry.VersionStart, objection.Message);
        return objection is null && entry.Version is not null;
    }

    private void ReportRepetition(in PackageEntry entry, PackageIntent intent, PackageIntent earlier)
    {
        bool isSame = intent.WishesTheSameAs(earlier);
        if (isSame && !problems.ListsWarnings)
            return;

        string package = Quotation.Of(intent.Package.ToString());
        string place = $"line {earlier.Line}, column {earlier.Column} ({earlier.Path})";
        if (isSame)
            problems.Warning(
                ManifestProblemCodes.RepeatedPackage,
                entry.Path,
                entry.Start,
                $"The package {package} is listed in {place} with the same wish; remove this entry."
            );
        else
            problems.Error(
                ManifestProblemCodes.ContradictingPackages,
                entry.Path,
                entry.Start,
                $"The package {package} is listed with {intent.Wish} here and with {earlier.Wish} in {place}; keep one of the two."
            );
    }
}
