using AptHandler.Debian;
using AptHandler.Processes;
using Microsoft.Extensions.Logging;

namespace AptHandler.Apt;

/// <summary>
/// The command lines of apt. The options that they have in common are in <see cref="FixedOptions"/>. Names and versions that are passed
/// here were checked by Debian's rules before, and follow a <c>--</c>.
/// </summary>
/// <param name="system">The machine or private root.</param>
/// <param name="lockTimeout">How long to wait, in all, for locks that others hold.</param>
/// <param name="log">What was run, and how it ended.</param>
/// <param name="onProgress">Told about progress, and about waiting.</param>
public sealed class AptCommand(AptSystem system, TimeSpan lockTimeout, ILogger log, Action<AptProgress>? onProgress = null) : IPackageIndex
{
    private const string AptGet = AptRun.AptGet;
    private const string AptCache = "/usr/bin/apt-cache";
    private const string AptConfig = "/usr/bin/apt-config";

    private readonly AptSystem _system = system;
    private readonly AptRun _run = new(system, lockTimeout, log, onProgress);

    /// <summary>A folder that takes the place of the device's sources.list.d; null for that one itself.</summary>
    public string? SourceParts
    {
        get => _run.SourceParts;
        init => _run.SourceParts = value;
    }

    /// <summary>Fetches the indexes of the sources.</summary>
    /// <exception cref="AptException">Not all could be fetched.</exception>
    public void Update(CancellationToken cancellation) => Update([], cancellation);

    /// <summary>Fetches the indexes of the sources in one folder, and of no others.</summary>
    /// <exception cref="AptException">Not all could be fetched.</exception>
    public void Update(string sourceParts, CancellationToken cancellation) =>
        Update(["-o", "Dir::Etc::sourcelist=/dev/null", "-o", $"Dir::Etc::sourceparts={sourceParts}"], cancellation);

    // As an option and not as --error-on=any, which apt before 2.1.16 does not know and would refuse.
    private void Update(string[] options, CancellationToken cancellation) =>
        _run.Run(AptGet, [.. FixedOptions.AptGet, "-o", "APT::Update::Error-Mode=any", .. options, "update"], cancellation);

    /// <summary>What apt would do for these words.</summary>
    /// <param name="words"><c>name</c>, <c>name=version</c> and <c>name-</c>.</param>
    /// <param name="cancellation">Ends the simulation.</param>
    /// <exception cref="AptException">apt finds no way.</exception>
    public AptPlan Simulate(IEnumerable<string> words, CancellationToken cancellation) => Simulate([], words, cancellation);

    /// <summary>Tells whether nothing but holds keeps apt from a way.</summary>
    /// <param name="words">As for <see cref="Simulate(IEnumerable{string}, CancellationToken)"/>, which found no way.</param>
    /// <param name="cancellation">Ends the simulation.</param>
    /// <returns>The failure that names what is held; null where it is not because of that.</returns>
    public AptFailure? HeldBy(IEnumerable<string> words, CancellationToken cancellation)
    {
        try
        {
            _ = Simulate(["-o", "APT::Ignore-Hold=true"], words, cancellation);
            return null;
        }
        catch (AptException e)
        {
            return e.Failure.Kind == AptFailureKind.Held ? e.Failure : null;
        }
    }

    private AptPlan Simulate(string[] options, IEnumerable<string> words, CancellationToken cancellation)
    {
        string output = _run.Run(AptGet, [.. FixedOptions.AptGet, .. options, "-s", "install", "--", .. words], cancellation);
        return AptPlan.TryParse(output)
            ?? throw new AptException(new AptFailure(AptFailureKind.Other, null, "the plan that apt-get -s printed cannot be understood"));
    }

    /// <summary>Fetches the archives for these words, and changes nothing.</summary>
    /// <exception cref="AptException">Not all could be fetched.</exception>
    public void Download(IEnumerable<string> words, CancellationToken cancellation) =>
        _run.Run(AptGet, [.. FixedOptions.AptGet, "--download-only", "install", "--", .. words], cancellation);

    /// <summary>Where the archives for these words come from, those included that are there already. Changes nothing.</summary>
    /// <param name="words">As for <see cref="Simulate(IEnumerable{string}, CancellationToken)"/>.</param>
    /// <param name="nowhere">
    /// An empty folder, with an empty folder <c>partial</c> in it: what is in apt's own one would be left out.
    /// </param>
    /// <param name="cancellation">Ends the query.</param>
    /// <exception cref="AptException">apt finds no way.</exception>
    public IReadOnlyList<ArchiveOrigin> Origins(IEnumerable<string> words, string nowhere, CancellationToken cancellation)
    {
        // apt prints one kind of hash, and without this option the weakest one.
        var origins = new List<ArchiveOrigin>();
        foreach (string kind in ArchiveOrigin.HashKinds)
        {
            string[] options = [.. FixedOptions.AptGet, "-o", $"Acquire::ForceHash={kind}", "-o", $"Dir::Cache::archives={nowhere}"];
            string output = _run.Run(AptGet, [.. options, "--print-uris", "install", "--", .. words], cancellation);
            foreach (ArchiveOrigin origin in ArchiveOrigin.ParseAll(output))
            {
                int known = origins.FindIndex(each => each.Uri == origin.Uri);
                if (known < 0)
                    origins.Add(origin);
                else if (origins[known].Hash.Length == 0)
                    origins[known] = origin;
            }

            if (origins.TrueForAll(origin => origin.Hash.Length > 0))
                break;
        }

        return origins;
    }

    /// <summary>Fetches the archives of packages in exact versions into a folder, whatever is installed.</summary>
    /// <param name="words"><c>name=version</c>.</param>
    /// <param name="folder">The folder; it exists.</param>
    /// <param name="cancellation">Ends the fetching.</param>
    /// <exception cref="AptException">Not all could be fetched.</exception>
    public void Fetch(IEnumerable<string> words, string folder, CancellationToken cancellation) =>
        _run.Run(AptGet, [.. FixedOptions.AptGet, "download", "--", .. words], cancellation, folder);

    /// <summary>Deletes the archives that were fetched, and apt's other caches.</summary>
    /// <exception cref="AptException">They cannot be deleted.</exception>
    public void Clean(CancellationToken cancellation) => _run.Run(AptGet, [.. FixedOptions.AptGet, "clean"], cancellation);

    /// <summary>
    /// Changes the machine, in one transaction that nothing stops. A held lock is not waited for: by then the plan may be another.
    /// </summary>
    /// <param name="words">As for <see cref="Simulate(IEnumerable{string}, CancellationToken)"/>.</param>
    /// <param name="mayRemove">Whether the plan removes packages. If not, apt is told to give up rather than to remove one.</param>
    /// <param name="run">How it is run, and where all is printed.</param>
    /// <exception cref="AptException">apt or dpkg failed; what has changed is to be seen in dpkg's status.</exception>
    public void Install(IEnumerable<string> words, bool mayRemove, ChangeRun run)
    {
        var dpkg = new DpkgReport();
        string[] arguments =
        [
            .. _run.SourceOptions,
            .. FixedOptions.Status,
            .. FixedOptions.AptGet,
            "-o",
            "Dpkg::Options::=--no-force-unsafe-io",
            .. mayRemove ? Array.Empty<string>() : ["--no-remove"],
            "install",
            "--",
            .. words,
        ];
        (ExitStatus exit, string output) = run.Run(AptGet, arguments, line => _run.Report(line, dpkg));
        if (exit.IsSuccess)
            return;
        AptFailure failure = (dpkg.Failure ?? AptFailure.Classify(output, isTransactionBegun: dpkg.HasBegun)).WithLastWords(output);
        if (exit.Signal is not null)
            failure = new AptFailure(AptFailureKind.Interrupted, null, $"apt-get was {exit}");
        if (run.Scripts.Ended is { } script)
            failure = failure with { Evidence = $"{script} took too long and was ended: {failure.Evidence}" };
        throw _run.Failed(AptGet, arguments, exit, failure);
    }

    /// <summary>A wait for locks that others hold, up to the time limit in all.</summary>
    public LockWait WaitForLocks() => _run.WaitForLocks();

    /// <inheritdoc/>
    public RepositoryVersions Versions(IEnumerable<string> names, CancellationToken cancellation) =>
        RepositoryVersions.Parse(_run.Run(AptCache, [.. FixedOptions.ExactNames, "policy", "--", .. names], cancellation));

    /// <inheritdoc/>
    public IReadOnlyList<ControlParagraph> ShowAll(IEnumerable<string> names, CancellationToken cancellation) =>
        ControlParagraph.ParseAll(_run.Run(AptCache, [.. FixedOptions.ExactNames, "show", "--all-versions", "--", .. names], cancellation));

    /// <inheritdoc/>
    public IReadOnlyList<string> Providers(IEnumerable<string> names, CancellationToken cancellation) =>
        [.. Known(names, cancellation).SelectMany(known => known.Providers).Distinct(StringComparer.Ordinal)];

    /// <inheritdoc/>
    public IReadOnlyList<ControlParagraph> Installed() => ControlParagraph.ReadAll(_system.StatusFile);

    /// <summary>What the sources have under names: packages, and what packages provide.</summary>
    /// <param name="names">Names without architecture.</param>
    /// <param name="cancellation">Ends the query.</param>
    public IReadOnlyList<KnownName> Known(IEnumerable<string> names, CancellationToken cancellation) =>
        KnownName.ParseAll(_run.Run(AptCache, [.. FixedOptions.ExactNames, "showpkg", "--", .. names], cancellation));

    /// <summary>The control paragraphs of packages in exact versions, from the sources or from dpkg's status.</summary>
    /// <param name="words"><c>name=version</c>.</param>
    /// <param name="cancellation">Ends the query.</param>
    public IReadOnlyList<ControlParagraph> Show(IEnumerable<string> words, CancellationToken cancellation) =>
        ControlParagraph.ParseAll(_run.Run(AptCache, ["show", "--no-all-versions", "--", .. words], cancellation));

    /// <summary>The names of all packages that the sources or dpkg's status have, without architecture.</summary>
    public IReadOnlyList<string> Names(CancellationToken cancellation) =>
        _run.Run(AptCache, ["pkgnames"], cancellation).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The architectures that the machine takes packages of, its own first.</summary>
    public IReadOnlyList<string> Architectures(CancellationToken cancellation) =>
        _run.Run(AptConfig, ["dump", "--no-empty", "--format", "%v%n", "APT::Architectures"], cancellation)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Which package lists there are of the sources.</summary>
    /// <exception cref="AptException">apt cannot read the configuration of its sources.</exception>
    public SourceLists Lists(CancellationToken cancellation)
    {
        (string targets, string warnings) = IndexTargets(SourceLists.Format, cancellation);
        return SourceLists.Read(targets, warnings, _system.ListsFolder);
    }

    /// <summary>Checks that the installed packages fit together, and changes nothing, not even apt's caches.</summary>
    /// <exception cref="AptException">They do not, or apt cannot tell.</exception>
    public void Check(CancellationToken cancellation) =>
        _run.Run(AptGet, [.. FixedOptions.AptGet, .. FixedOptions.WithoutTraces, "-s", "check"], cancellation);

    /// <summary>
    /// The sources that are configured, whether or not their indexes were fetched: one line each, with address and suite.
    /// </summary>
    /// <exception cref="AptException">apt cannot read their configuration.</exception>
    public IReadOnlyList<string> Sources(CancellationToken cancellation)
    {
        string targets = IndexTargets("$(REPO_URI) $(RELEASE)", cancellation).Output;
        return [.. targets.Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal)];
    }

    private (string Output, string Errors) IndexTargets(string format, CancellationToken cancellation)
    {
        string[] words = ["-o", "APT::Get::IndexTargets::ReleaseInfo=false", "indextargets", "--format", format, "Created-By: Packages"];
        return _run.RunWhole(AptGet, [.. FixedOptions.AptGet, .. FixedOptions.WithoutTraces, .. words], null, cancellation);
    }
}
