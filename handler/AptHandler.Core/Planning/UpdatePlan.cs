using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Files;
using AptHandler.Manifests;
using AptHandler.Planning.Pins;
using AptHandler.Results;

namespace AptHandler.Planning;

/// <summary>How to bring a machine to the state that a manifest asks for.</summary>
public sealed record UpdatePlan
{
    /// <summary>The words for <c>apt-get install</c>, in the manifest's order, then the forced pins.</summary>
    public required IReadOnlyList<string> Words { get; init; }

    /// <summary>What apt will do for these words.</summary>
    public required AptPlan Apt { get; init; }

    /// <summary>Pins that the manifest does not name, but that dependencies of its packages force.</summary>
    public required IReadOnlyList<ForcedPin> ForcedPins { get; init; }

    // More warnings would leave no room in the line for the plan itself.
    private const int MostExplained = 2;

    /// <summary>Packages that the manifest wants and that an earlier run has left unpacked: they only have to be configured.</summary>
    public IReadOnlyList<string> Unfinished { get; init; } = [];

    /// <summary>Removals of packages that neither the sources nor dpkg know, most likely misspelt. Nothing is done for them.</summary>
    public IReadOnlyList<MissingPackage> UnknownRemovals { get; init; } = [];

    /// <summary>Packages whose newest version is wanted and that no source has; the installed version stays.</summary>
    public IReadOnlyList<PackageIntent> Unsourced { get; init; } = [];

    /// <summary>Which package lists are missing, in words, where the plan could differ with them; else empty.</summary>
    public string Gap { get; init; } = "";

    /// <summary>What is most likely a mistake in the manifest, in a line; empty where there is nothing of the kind.</summary>
    public string Warning
    {
        get
        {
            var parts = new List<string>();
            if (UnknownRemovals.Count > MostExplained)
                parts.Add(
                    $"{Enumeration.Some([.. UnknownRemovals.Select(each => $"{each.Intent.Package}-")])} remove nothing: neither "
                        + "the sources nor dpkg know these names"
                );
            else
                parts.AddRange(UnknownRemovals.Select(WarningOf));
            string unsourced = Enumeration.Some([.. Unsourced.Select(intent => intent.Package.ToString())]);
            if (Gap.Length > 0 && unsourced.Length > 0)
                parts.Add($"no source has {unsourced}, and what is installed stays");
            if (Gap.Length > 0)
                parts.Add(Gap);
            return string.Join("; ", parts);
        }
    }

    /// <summary>The control paragraphs of the packages that are installed or removed, from the sources or dpkg.</summary>
    public IReadOnlyList<ControlParagraph> Paragraphs { get; init; } = [];

    /// <summary>How the sources of the machine change, in a line; empty where they are as the manifest asks.</summary>
    public string Sources { get; init; } = "";

    /// <summary>The files of the sources that the manifest names.</summary>
    public IReadOnlyList<WantedFile> SourceFiles { get; init; } = [];

    /// <summary>Whether there is nothing to do.</summary>
    public bool IsEmpty => !ChangesPackages && Sources.Length == 0;

    /// <summary>Whether there is something to do for apt.</summary>
    public bool ChangesPackages => !Apt.IsEmpty || Unfinished.Count > 0;

    /// <summary>The plan in a line, for the operator. Warnings come first: a long line is cut at its end.</summary>
    public string Summary
    {
        get
        {
            var parts = new List<string>();
            if (Warning.Length > 0)
                parts.Add(Warning);
            if (IsEmpty)
                parts.Add("every package is as the manifest asks");
            if (!Apt.IsEmpty)
                parts.Add(Describe(Changes));
            if (Unfinished.Count > 0)
                parts.Add($"to be configured, as an earlier run has left it: {string.Join(", ", Unfinished)}");
            AddPins("pinned by strict dependencies", ForcedPins.Where(pin => pin.Reason is null));
            AddPins("pinned to fit together", ForcedPins.Where(pin => pin.Reason is not null));
            if (Sources.Length > 0)
                parts.Add($"sources: {Sources}");
            return string.Join("; ", parts);

            void AddPins(string what, IEnumerable<ForcedPin> pins)
            {
                string all = string.Join(", ", pins.Select(pin => $"{pin.Name} {pin.Version} ({pin.Reason ?? $"for {pin.By}"})"));
                if (all.Length > 0)
                    parts.Add($"{what}: {all}");
            }
        }
    }

    /// <summary>The packages that will change, with the versions before and after.</summary>
    public IReadOnlyList<PackageChange> Changes =>
        [
            .. Apt.Removals.Select(removal => new PackageChange(removal.QualifiedName, removal.OldVersion, null)),
            .. Apt.Installations.Select(installation => new PackageChange(
                installation.QualifiedName,
                installation.OldVersion,
                installation.NewVersion
            )),
        ];

    private static string WarningOf(MissingPackage removal)
    {
        string instead = removal.Instead is { } other ? $"; {other}" : "";
        return $"{removal.Intent.Package}- removes nothing: neither the sources nor dpkg know this name{instead}";
    }

    /// <summary>Changes in a line: <c>+new 1.0, -old 1.0, other 1.0 -> 2.0</c>.</summary>
    public static string Describe(IEnumerable<PackageChange> changes) =>
        string.Join(
            ", ",
            changes.Select(change =>
                (change.Before, change.After) switch
                {
                    (null, var after) => $"+{change.Name} {after}",
                    (var before, null) => $"-{change.Name} {before}",
                    var (before, after) => $"{change.Name} {before} -> {after}",
                }
            )
        );
}
