using System.Text;
using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Manifests;
using AptHandler.Planning;
using AptHandler.Results;
using AptHandler.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace AptHandler.Authoring.Desks;

/// <summary>
/// Plans manifests for other machines. It uses the same planner as the handler on those machines, but the user chooses the package lists
/// and the state. It writes only a cache folder on this machine, takes no lock of apt or dpkg, and needs no rights.
/// </summary>
public sealed class Desk : IDisposable
{
    // apt itself reads these. On devices, we set apt's whole environment; at a desk behind a proxy, nothing could be fetched without them.
    private static readonly string[] ProxyVariables = ["http_proxy", "https_proxy", "no_proxy"];

    private readonly CacheFolder _cache;
    private readonly UpdatePlanner _planner;

    private Desk(CacheFolder cache, Configuration configuration, DpkgStatus status, string architecture, Action<AptProgress>? onProgress)
    {
        _cache = cache;
        Status = status;
        Architecture = architecture;
        Archives = configuration.System.ArchivesFolder;
        Apt = new AptCommand(configuration.System, Patience(configuration), NullLogger.Instance, onProgress);

        // The check of free space is off: the disk of this machine is not that of the devices.
        _planner = new UpdatePlanner(Apt, new PlanReview(Apt, configuration, configuration.UnlistedRemovals));
    }

    /// <summary>apt with the sources and the state of this desk, for queries.</summary>
    public AptCommand Apt { get; }

    /// <summary>The packages that are installed before a plan.</summary>
    public DpkgStatus Status { get; }

    /// <summary>The architecture of the machines that are planned for.</summary>
    public string Architecture { get; }

    /// <summary>The folder for archives that are fetched, kept for the next time.</summary>
    public string Archives { get; }

    /// <summary>Opens a desk. It must be closed before another one for the same sources can be opened.</summary>
    /// <param name="configuration">The configuration of the handler, with its rules for plans and with the machine or private root.</param>
    /// <param name="sourcesFile">
    /// The sources, in a file <c>*.sources</c> or <c>*.list</c> (sources.list(5)); null for those of the machine.
    /// </param>
    /// <param name="state">The packages that are installed before a plan.</param>
    /// <param name="architecture">
    /// The architecture of the machines that are planned for; null for that of the status file, or else of this machine.
    /// </param>
    /// <param name="onProgress">Called with the progress of fetching the lists, and later the archives.</param>
    /// <param name="cancellation">Cancels waiting and fetching.</param>
    /// <exception cref="InputException">
    /// A file cannot be used, the inputs are of different architectures, or there is no place for caches.
    /// </exception>
    /// <exception cref="UpdateException">The lists cannot be fetched.</exception>
    /// <exception cref="DpkgStatusException">The state of the machine cannot be read.</exception>
    public static Desk Open(
        Configuration configuration,
        string? sourcesFile,
        DeskState state,
        string? architecture = null,
        Action<AptProgress>? onProgress = null,
        CancellationToken cancellation = default
    )
    {
        AptSystem machine = configuration.System;
        byte[]? sources = sourcesFile is null ? null : SourcesFile.Read(sourcesFile);
        DpkgStatus? device = state.File is { } named ? DeskState.Read(named, architecture ?? machine.NativeArchitecture) : null;
        string native = device?.NativeArchitecture ?? architecture ?? machine.NativeArchitecture;
        bool isForeign = native != machine.NativeArchitecture;
        CheckArchitecture(state, native, architecture, isForeign ? machine.NativeArchitecture : null, hasSources: sources is not null);
        string key =
            $"{machine.ConfigurationFile}\n{(sources is null ? "" : Encoding.Latin1.GetString(sources))}{(isForeign ? $"\n{native}" : "")}";
        var cache = CacheFolder.Open(key, Patience(configuration), cancellation);
        try
        {
            var apt = new DeskConfiguration(machine);
            apt.Set("Dir::Cache", cache.Location);
            apt.Set("Dir::Cache::archives", "archives");
            apt.Set("Dir::Cache::pkgcache", "pkgcache.bin");
            apt.Set("Dir::Cache::srcpkgcache", "srcpkgcache.bin");
            _ = Directory.CreateDirectory(cache.At("archives/partial"));

            // Nobody else works in these folders, and lock files beside the status file of a device would be left behind.
            apt.Set("Debug::NoLocking", "true");
            apt.Set("APT::Architecture", native);
            DpkgStatus status = state == DeskState.Installed ? machine.ReadStatus() : Choose(state, device, native, isForeign, cache, apt);
            if (sources is not null)
            {
                // apt recognises the two formats by the extension of the file.
                apt.Set("Dir::Etc::SourceList", cache.WriteUnlessSame($"sources{Path.GetExtension(sourcesFile)}", sources));
                apt.Set("Dir::Etc::SourceParts", "/dev/null");

                // The pins of this machine are for its own sources. The same sources must give the same plan on every machine.
                apt.Set("Dir::Etc::Preferences", "/dev/null");
                apt.Set("Dir::Etc::PreferencesParts", "/dev/null");
                apt.Set("Dir::State::lists", Directory.CreateDirectory(cache.At("lists")).FullName);
                _ = Directory.CreateDirectory(cache.At("lists/partial"));
            }

            var system = AptSystem.Read(cache.Write("apt.conf", apt.ToBytes()), Proxies());
            var desk = new Desk(cache, configuration with { System = system }, status, native, onProgress);
            if (sources is not null)
            {
                // Otherwise an update would delete apt's caches and compute them again, even if no list has changed.
                apt.Set("pkgCacheFile::Generate", "false");
                var update = AptSystem.Read(cache.Write("update.conf", apt.ToBytes()), Proxies());
                var command = new AptCommand(update, Patience(configuration), NullLogger.Instance, onProgress);
                Fetch(sourcesFile!, native, cache.At("lists"), command, cancellation);
            }

            return desk;
        }
        catch
        {
            cache.Dispose();
            throw;
        }
    }

    /// <summary>Plans like the handler on a device with these sources and this state.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="wasKnown">Whether an earlier manifest has a package of this name; null where there are none.</param>
    /// <param name="cancellation">Cancels the planning.</param>
    /// <exception cref="UpdateException">
    /// There is no plan that does exactly what the manifest asks for, or apt would not fetch one of its archives.
    /// </exception>
    /// <exception cref="AptException">apt finds no solution.</exception>
    public UpdatePlan Plan(AptManifest manifest, Func<string, bool>? wasKnown, CancellationToken cancellation)
    {
        UpdatePlan plan = PlanOnly(manifest, wasKnown, cancellation);
        if (plan.Apt.Installations.Count > 0)
            _ = Origins(plan.Words, cancellation);
        return plan;
    }

    /// <summary>Plans without checking that apt would fetch the archives, for callers that use <see cref="Origins"/> themselves.</summary>
    internal UpdatePlan PlanOnly(AptManifest manifest, Func<string, bool>? wasKnown, CancellationToken cancellation)
    {
        try
        {
            return _planner.Plan(manifest, Status, wasKnown ?? (_ => false), cancellation);
        }
        catch (MissingPackagesException e) when (manifest.Sources.Any(source => !source.IsRemoval))
        {
            string gap = e.Gap.Length > 0 ? $"{e.Gap}; " : "";
            throw new MissingPackagesException(
                e.Missing,
                $"{gap}the sources that the manifest itself names were not looked into: name them in a file with --sources"
            );
        }
    }

    /// <summary>Where the archives for these words of apt's command line come from, even if they were fetched before.</summary>
    /// <exception cref="UpdateException">apt would not fetch one of them.</exception>
    /// <exception cref="AptException">apt finds no solution.</exception>
    internal IReadOnlyList<ArchiveOrigin> Origins(IEnumerable<string> words, CancellationToken cancellation)
    {
        string nowhere = _cache.At("nowhere");
        _ = Directory.CreateDirectory(Path.Combine(nowhere, "partial"));
        IReadOnlyList<ArchiveOrigin> origins = Apt.Origins(words, nowhere, cancellation);
        var weak = new List<string>();
        foreach (ArchiveOrigin origin in origins)
        {
            if (origin.Hash.Length == 0)
                weak.Add(origin.PublicUri);
        }

        // apt finds a plan even with such an index, but does not fetch the archive.
        string others = weak.Count > 1 ? $" and {weak.Count - 1} more" : "";
        return weak.Count == 0
            ? origins
            : throw new UpdateException(
                ExtendedResult.Download,
                $"apt does not fetch {weak[0]}{others}: the index of the source has no SHA-256 and no SHA-512 of it; "
                    + "make the index with SHA256, or use another source"
            );
    }

    /// <summary>All fields of the packages that are installed before a plan, from dpkg's status file.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public IReadOnlyList<ControlParagraph> Installed() => Apt.Installed();

    /// <summary>Closes the desk. What was fetched stays for the next one.</summary>
    public void Dispose() => _cache.Dispose();

    // Everything that a plan uses must be of one architecture: apt would take packages of another one without a warning.
    private static void CheckArchitecture(DeskState state, string native, string? asked, string? ofThisMachine, bool hasSources)
    {
        if (asked is not null && asked != native)
        {
            throw new InputException(
                $"cannot plan for {asked} with {state.File}: it is from a machine of architecture {native}; "
                    + $"name the status file of a device of {asked}, or the architecture {native}"
            );
        }

        if (ofThisMachine is null)
            return;
        if (state == DeskState.Installed)
        {
            throw new InputException(
                $"cannot plan for {native} with what is installed on this machine, which is one of {ofThisMachine}; "
                    + "add --empty, or --status with the status file of a device"
            );
        }

        if (!hasSources)
        {
            string fault = state.File is { } file
                ? $"cannot plan for {file} with the sources of this machine: it is from a machine of architecture {native}, "
                    + $"and this is one of {ofThisMachine}"
                : $"cannot plan for {native} with the sources of this machine, which is one of {ofThisMachine}";
            throw new InputException($"{fault}; name those of the devices in a file with --sources");
        }
    }

    private static DpkgStatus Choose(
        DeskState state,
        DpkgStatus? device,
        string own,
        bool isForeign,
        CacheFolder cache,
        DeskConfiguration apt
    )
    {
        string file = state.File ?? cache.WriteUnlessSame("status", []);
        DpkgStatus status = device ?? DeskState.Read(file, own);
        apt.Set("Dir::State::status", Path.GetFullPath(file));
        apt.Set("Dir::State::extended_states", "/dev/null");

        // A device that has packages of other architectures also accepts more of them.
        var architectures = new List<string> { own };
        foreach (StatusEntry entry in status.Entries)
        {
            string architecture = entry.Architecture;
            if (entry.HoldsFiles && architecture is not ("" or "all") && !architectures.Contains(architecture))
                architectures.Add(architecture);
        }

        if (architectures.Count > 1 || isForeign)
            apt.Set("APT::Architectures", architectures);
        return status;
    }

    private static string[] Proxies()
    {
        var proxies = new List<string>();
        foreach (string variable in ProxyVariables)
        {
            if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value)
                proxies.Add($"{variable}={value}");
        }

        return [.. proxies];
    }

    private static TimeSpan Patience(Configuration configuration) => TimeSpan.FromSeconds(configuration.LockTimeoutSeconds);

    private static void Fetch(string sourcesFile, string architecture, string lists, AptCommand apt, CancellationToken cancellation)
    {
        try
        {
            apt.Update(cancellation);
        }
        catch (AptException e)
        {
            bool isFetching = e.Failure.Kind == AptFailureKind.FetchFailed;
            throw isFetching
                ? new UpdateException(
                    ExtendedResult.FetchFailed,
                    $"cannot fetch the package lists of {sourcesFile}: {e.Message}; check the network and the sources"
                )
                : new InputException(
                    $"cannot use the sources of {sourcesFile}: {e.Message}; check its lines, and that Signed-By names the key of "
                        + "the repository"
                );
        }

        // apt only warns if the repository does not have a component.
        if (!Directory.EnumerateFiles(lists, "*_Packages*").Any())
            throw new InputException($"the sources of {sourcesFile} have no packages for {architecture}; check its suites and components");
    }
}
