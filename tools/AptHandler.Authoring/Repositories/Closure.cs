using System.Text;
using AptHandler.Apt;
using AptHandler.Authoring.Desks;
using AptHandler.Authoring.Manifests;
using AptHandler.Debian;
using AptHandler.Manifests;
using AptHandler.Planning;
using AptHandler.Processes;
using AptHandler.Results;

namespace AptHandler.Authoring.Repositories;

/// <summary>
/// All packages that devices need to become what manifests ask, in exact versions: chosen and fetched by apt itself, each checked. The
/// desks stay open as long as it is, because the archives lie in their folders.
/// </summary>
public sealed class Closure : IDisposable
{
    // A mirror that is being updated is consistent again after seconds. What differs after that stays different.
    private const int MostAttempts = 3;

    private readonly List<Desk> _desks = [];
    private readonly List<WantedArchives> _wanted = [];
    private readonly Dictionary<string, FetchedArchive> _archives = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _architectures = new(StringComparer.Ordinal);
    private readonly List<string> _assumed = [];

    private Closure(IReadOnlyList<AptManifest> manifests) =>
        Manifests = Array.ConvertAll([.. manifests], each => new SnapshotManifest { Name = each.Name, Version = each.Version });

    /// <summary>The manifests that it was made for.</summary>
    public SnapshotManifest[] Manifests { get; }

    /// <summary>The architectures that it has packages for.</summary>
    public string[] Architectures => [.. _architectures];

    /// <summary>Dependencies that are not in it, because the devices have them.</summary>
    public string[] Assumed => [.. _assumed];

    /// <summary>The archives, in the order of their names.</summary>
    public IReadOnlyList<FetchedArchive> Archives { get; private set; } = [];

    /// <summary>The entries of the locked manifest for each of the architectures that were asked for.</summary>
    public IReadOnlyList<IReadOnlyList<ManifestEntry>> Locks { get; private set; } = [];

    /// <summary>The SHA-256 of all that it consists of.</summary>
    public string Content { get; private set; } = "";

    /// <summary>Finds and fetches the closure of manifests.</summary>
    /// <param name="manifests">The manifests, which must be possible together.</param>
    /// <param name="architectures">The architectures of the devices.</param>
    /// <param name="open">Opens a desk for one of them; its lists are read anew.</param>
    /// <param name="isWhole">Whether the devices have nothing yet, so that every dependency has to be there.</param>
    /// <param name="approve">Told what the closure will be, before anything of it is fetched; throws where that will not do.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="InputException">The manifests contradict each other, or an archive is not what its source says.</exception>
    /// <exception cref="UpdateException">There is no plan that does exactly what the manifests ask.</exception>
    /// <exception cref="AptException">apt finds no way, or cannot fetch.</exception>
    public static Closure Of(
        IReadOnlyList<AptManifest> manifests,
        IReadOnlyList<string> architectures,
        Func<string, Desk> open,
        bool isWhole,
        Action<Closure> approve,
        CancellationToken cancellation
    )
    {
        AptManifest[] unions = Array.ConvertAll([.. architectures], architecture => ManifestUnion.Of(manifests, architecture));
        for (int attempt = 1; ; attempt++)
        {
            var closure = new Closure(manifests);
            bool isWanted = false;
            try
            {
                string? broken = closure.Plan(unions, architectures, open, isWhole, cancellation);
                if (broken is null)
                {
                    approve(closure);
                    broken = closure.Fetch(cancellation);
                }

                isWanted = broken is null;
                if (isWanted)
                    return closure;
                if (attempt == MostAttempts)
                    throw new InputException($"cannot take {broken}: it is not what its source says; mend the source, or use another one");
            }
            catch (AptException e) when (attempt < MostAttempts && HasChanged(e.Failure))
            {
                // The source changed while it was read. Try once more, with new lists.
            }
            finally
            {
                if (!isWanted)
                    closure.Dispose();
            }
        }
    }

    /// <summary>Leaves the folders to others.</summary>
    public void Dispose()
    {
        foreach (Desk desk in _desks)
            desk.Dispose();
    }

    private string? Plan(
        AptManifest[] unions,
        IReadOnlyList<string> architectures,
        Func<string, Desk> open,
        bool isWhole,
        CancellationToken cancellation
    )
    {
        var locks = new List<IReadOnlyList<ManifestEntry>>();
        for (int i = 0; i < unions.Length; i++)
        {
            _architectures.Add(architectures[i]);
            Desk desk = open(architectures[i]);
            _desks.Add(desk);
            UpdatePlan plan = desk.PlanOnly(unions[i], null, cancellation);
            if (FindArchives(desk, plan, cancellation) is { } broken)
                return broken;
            if (!isWhole)
                _assumed.AddRange(DependencyCheck.Missing([.. plan.Paragraphs.Where(each => Comes(plan.Apt, each))], []));
            locks.Add(ManifestLock.Of(unions[i], plan, desk));
        }

        Locks = locks;
        Finish();
        return null;
    }

    private static bool Comes(AptPlan plan, ControlParagraph paragraph)
    {
        foreach (PlannedInstallation each in plan.Installations)
        {
            if (
                each.Name == paragraph["Package"]
                && each.NewVersion == paragraph["Version"]
                && each.Architecture == paragraph["Architecture"]
            )
                return true;
        }

        return false;
    }

    private static bool HasChanged(AptFailure failure) =>
        failure.Kind == AptFailureKind.FetchFailed
        && (
            failure.Evidence.Contains("unexpected size", StringComparison.Ordinal)
            || failure.Evidence.Contains("Hash Sum mismatch", StringComparison.Ordinal)
        );

    private string? FindArchives(Desk desk, UpdatePlan plan, CancellationToken cancellation)
    {
        if (plan.Apt.Installations.Count == 0)
            return null;
        var wanted = WantedArchives.Of(desk, plan, cancellation);

        // A SHA-256 that a source does not tell is computed from the archive, which has to be fetched at once for that.
        if (wanted.HaveSha256)
            _wanted.Add(wanted);
        else if (wanted.Fetch(cancellation) is { } broken)
            return broken;
        foreach (FetchedArchive archive in wanted.Archives())
            Add(archive);
        return null;
    }

    // Returns the archive that is not what its source says; null where all are.
    private string? Fetch(CancellationToken cancellation)
    {
        foreach (WantedArchives wanted in _wanted)
        {
            if (wanted.Fetch(cancellation) is { } broken)
                return broken;
        }

        return null;
    }

    private void Add(FetchedArchive archive)
    {
        SnapshotPackage package = archive.Package;
        if (package.Architecture != "all")
            _architectures.Add(package.Architecture);
        foreach (FetchedArchive each in _archives.Values)
        {
            // Devices take the higher one, whichever was planned for them.
            SnapshotPackage other = each.Package;
            if (
                other.Name == package.Name
                && other.Version != package.Version
                && (other.Architecture == package.Architecture || other.Architecture == "all" || package.Architecture == "all")
            )
                throw new InputException(
                    $"cannot put {other.Name} {other.Version} and {package.Name} {package.Version} into one snapshot: devices of "
                        + "one architecture would see both; make a snapshot for each architecture"
                );
        }

        string key = $"{package.Name} {package.Version} {package.Architecture}";
        if (!_archives.TryAdd(key, archive) && _archives[key].Package.Sha256 != package.Sha256)
            throw new InputException(
                $"cannot put two packages {key} with different content into one snapshot: {_archives[key].Package.From} and "
                    + $"{package.From}; use one source for them"
            );
    }

    private void Finish()
    {
        if (_archives.Count == 0)
            throw new InputException(
                "cannot make a snapshot without packages: there is nothing that the devices would have to fetch; name other "
                    + "manifests, or another --status"
            );
        string[] keys = [.. _archives.Keys];
        Array.Sort(keys, StringComparer.Ordinal);
        Archives = Array.ConvertAll(keys, key => _archives[key]);
        var text = new StringBuilder().AppendJoin(' ', Architectures).Append('\n');
        for (int i = 0; i < keys.Length; i++)
            text.Append(keys[i]).Append(' ').Append(Archives[i].Package.Sha256).Append('\n');
        Content = FileHash.Sha256([Encoding.UTF8.GetBytes(text.ToString())])[0];
    }
}
