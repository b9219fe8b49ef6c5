using System.Text;
using AptHandler.Debian;
using AptHandler.Files;
using AptHandler.Processes;
using Microsoft.Extensions.Logging;

namespace AptHandler.Apt;

/// <summary>
/// The command lines of apt: the only place that starts it. Every option has a reason in <see cref="Options"/>; names and versions that are
/// passed here were validated by Debian's rules before, and stand behind <c>--</c>.
/// </summary>
/// <param name="system">The machine or private root.</param>
/// <param name="lockTimeout">How long to wait, in all, for locks that others hold.</param>
/// <param name="log">What was run, and how it ended.</param>
/// <param name="onProgress">Told about progress, and about waiting.</param>
public sealed class AptCommand(AptSystem system, TimeSpan lockTimeout, ILogger log, Action<AptProgress>? onProgress = null) : IPackageIndex
{
    private const string AptGet = "/usr/bin/apt-get";
    private const string AptCache = "/usr/bin/apt-cache";
    private const string AptConfig = "/usr/bin/apt-config";

    // The dependencies and versions of some hundred packages at once are a few million bytes.
    private const int LargestOutput = 24 << 20;
    private const int LargestTail = 1 << 20;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    // An unknown name is never a regular expression.
    private static readonly string[] ExactNames = ["-o", "APT::Cmd::Pattern-Only=true"];

    private static readonly string[] Options =
    [
        "-y",
        "-q=1", // not -qq, which would hide the plan; with the number, because -q alone adds to what apt.conf says, and hides it, too
        "-o",
        "DPkg::Lock::Timeout=0", // it would wait for one lock of four, and not listen to a cancellation: see LockWait
        "-o",
        "Dpkg::Use-Pty=0", // the transcript is a file
        .. ExactNames,
        "-o",
        "Acquire::Retries=3", // networks of devices are what they are; a stalled one is given up in time
        "-o",
        "Acquire::http::Timeout=30",
        "-o",
        "Acquire::https::Timeout=30",
        "-o",
        "Dpkg::Options::=--force-confdef", // nobody is there to answer: a changed configuration file stays
        "-o",
        "Dpkg::Options::=--force-confold",
        "--allow-downgrades", // a manifest may ask for an older version
        // What apt.conf may say for people at a terminal. It would have apt do something else than it is asked here, or nothing:
        "-o",
        "APT::Get::AutomaticRemove=false", // only what the manifest lists goes
        "-o",
        "APT::Get::AutomaticRemove::Kernels=false", // counts even where the one before is false
        "-o",
        "APT::Get::Purge=false", // a removal leaves the configuration
        "-o",
        "APT::Get::Remove=true", // "remove is disabled"; whether something may go is decided by the plan
        "-o",
        "APT::Get::Upgrade=true", // else what is installed stays in its version, with status 0
        "-o",
        "APT::Get::Only-Upgrade=false", // else what is not installed is passed over, with status 0
        "-o",
        "APT::Get::ReInstall=false", // else there is always something to do
        "-o",
        "APT::Get::Simulate=false", // with these three nothing is done, with status 0
        "-o",
        "APT::Get::Download-Only=false",
        "-o",
        "APT::Get::Print-URIs=false",
        "-o",
        "APT::Get::Trivial-Only=false", // "not a trivial operation"
        "-o",
        "APT::Get::Download=true", // else no archive is fetched
        "-o",
        "DPkg::ConfigurePending=true", // else packages stay unpacked, with status 0
    ];

    private static readonly string[] StatusOption = ["-o", "APT::Status-Fd=3"];

    // For questions: neither locks nor new caches.
    private static readonly string[] WithoutTraces =
    [
        "-o",
        "Debug::NoLocking=true",
        "-o",
        "Dir::Cache::pkgcache=",
        "-o",
        "Dir::Cache::srcpkgcache=",
    ];

    /// <summary>A folder that takes the place of the device's sources.list.d; null for that one itself.</summary>
    public string? SourceParts { get; init; }

    // The lists of what stands in the device's own folder alone are not for us to clean up.
    private string[] SourceOptions =>
        SourceParts is null ? [] : ["-o", $"Dir::Etc::sourceparts={SourceParts}", "-o", "APT::Get::List-Cleanup=0"];

    /// <summary>Fetches the indexes of the sources.</summary>
    /// <exception cref="AptException">Not all could be fetched.</exception>
    public void Update(CancellationToken cancellation) => Update([], cancellation);

    /// <summary>Fetches the indexes of the sources in one folder, and of no others.</summary>
    /// <exception cref="AptException">Not all could be fetched.</exception>
    public void Update(string sourceParts, CancellationToken cancellation) =>
        Update(["-o", "Dir::Etc::sourcelist=/dev/null", "-o", $"Dir::Etc::sourceparts={sourceParts}"], cancellation);

    // As an option and not as --error-on=any, which apt before 2.1.16 does not know and would refuse.
    private void Update(string[] options, CancellationToken cancellation) =>
        Run(AptGet, [.. Options, "-o", "APT::Update::Error-Mode=any", .. options, "update"], cancellation);

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
        string output = Run(AptGet, [.. Options, .. options, "-s", "install", "--", .. words], cancellation);
        return AptPlan.TryParse(output)
            ?? throw new AptException(new AptFailure(AptFailureKind.Other, null, "the plan that apt-get -s printed cannot be understood"));
    }

    /// <summary>Fetches the archives for these words, and changes nothing.</summary>
    /// <exception cref="AptException">Not all could be fetched.</exception>
    public void Download(IEnumerable<string> words, CancellationToken cancellation) =>
        Run(AptGet, [.. Options, "--download-only", "install", "--", .. words], cancellation);

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
            string[] options = [.. Options, "-o", $"Acquire::ForceHash={kind}", "-o", $"Dir::Cache::archives={nowhere}"];
            string output = Run(AptGet, [.. options, "--print-uris", "install", "--", .. words], cancellation);
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
        Run(AptGet, [.. Options, "download", "--", .. words], cancellation, folder);

    /// <summary>Deletes the archives that were fetched, and apt's other caches.</summary>
    /// <exception cref="AptException">They cannot be deleted.</exception>
    public void Clean(CancellationToken cancellation) => Run(AptGet, [.. Options, "clean"], cancellation);

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
            .. SourceOptions,
            .. StatusOption,
            .. Options,
            "-o",
            "Dpkg::Options::=--no-force-unsafe-io",
            .. mayRemove ? Array.Empty<string>() : ["--no-remove"],
            "install",
            "--",
            .. words,
        ];
        (ExitStatus exit, string output) = run.Run(AptGet, arguments, line => Report(line, dpkg));
        if (exit.IsSuccess)
            return;
        AptFailure failure = (dpkg.Failure ?? AptFailure.Classify(output, isTransactionBegun: dpkg.HasBegun)).WithLastWords(output);
        if (exit.Signal is not null)
            failure = new AptFailure(AptFailureKind.Interrupted, null, $"apt-get was {exit}");
        throw Failed(
            AptGet,
            arguments,
            exit,
            run.Scripts.Ended is { } script
                ? failure with
                {
                    Evidence = $"{script} took too long and was ended: {failure.Evidence}",
                }
                : failure
        );
    }

    /// <summary>Waits, again and again, for others to give their locks back.</summary>
    public LockWait WaitForLocks() => new(lockTimeout, onProgress);

    /// <inheritdoc/>
    public RepositoryVersions Versions(IEnumerable<string> names, CancellationToken cancellation) =>
        RepositoryVersions.Parse(Run(AptCache, [.. ExactNames, "policy", "--", .. names], cancellation));

    /// <inheritdoc/>
    public IReadOnlyList<ControlParagraph> ShowAll(IEnumerable<string> names, CancellationToken cancellation) =>
        ControlParagraph.ParseAll(Run(AptCache, [.. ExactNames, "show", "--all-versions", "--", .. names], cancellation));

    /// <inheritdoc/>
    public IReadOnlyList<string> Providers(IEnumerable<string> names, CancellationToken cancellation) =>
        [.. Known(names, cancellation).SelectMany(known => known.Providers).Distinct(StringComparer.Ordinal)];

    /// <inheritdoc/>
    public IReadOnlyList<ControlParagraph> Installed() => ControlParagraph.ReadAll(system.StatusFile);

    /// <summary>What the sources have under names, be it that packages provide them.</summary>
    /// <param name="names">Names without architecture.</param>
    /// <param name="cancellation">Ends the query.</param>
    public IReadOnlyList<KnownName> Known(IEnumerable<string> names, CancellationToken cancellation) =>
        KnownName.ParseAll(Run(AptCache, [.. ExactNames, "showpkg", "--", .. names], cancellation));

    /// <summary>The control paragraphs of packages in exact versions, from the sources or from dpkg's status.</summary>
    /// <param name="words"><c>name=version</c>.</param>
    /// <param name="cancellation">Ends the query.</param>
    public IReadOnlyList<ControlParagraph> Show(IEnumerable<string> words, CancellationToken cancellation) =>
        ControlParagraph.ParseAll(Run(AptCache, ["show", "--no-all-versions", "--", .. words], cancellation));

    /// <summary>The names of all packages that the sources or dpkg's status have, without architecture.</summary>
    public IReadOnlyList<string> Names(CancellationToken cancellation) =>
        Run(AptCache, ["pkgnames"], cancellation).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The architectures that the machine takes packages of, its own first.</summary>
    public IReadOnlyList<string> Architectures(CancellationToken cancellation) =>
        Run(AptConfig, ["dump", "--no-empty", "--format", "%v%n", "APT::Architectures"], cancellation)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Which package lists there are of the sources.</summary>
    /// <exception cref="AptException">apt cannot read the configuration of its sources.</exception>
    public SourceLists Lists(CancellationToken cancellation)
    {
        string[] words =
        [
            "-o",
            "APT::Get::IndexTargets::ReleaseInfo=false",
            "indextargets",
            "--format",
            SourceLists.Format,
            "Created-By: Packages",
        ];
        (string targets, string warnings) = RunWhole(AptGet, [.. Options, .. WithoutTraces, .. words], null, cancellation);
        return SourceLists.Parse(targets, warnings, FilesOf(system.ListsFolder), name => TextOf(Path.Combine(system.ListsFolder, name)));
    }

    private static string TextOf(string file)
    {
        const int Largest = 4 << 20;
        try
        {
            return Encoding.UTF8.GetString(BoundedFile.Read(file, Largest));
        }
        catch (IOException)
        {
            return "";
        }
    }

    // Lists that may not be read are none to apt, too.
    private static string[] FilesOf(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Checks that the installed packages fit together, and changes nothing, not even apt's caches.</summary>
    /// <exception cref="AptException">They do not, or apt cannot tell.</exception>
    public void Check(CancellationToken cancellation) => Run(AptGet, [.. Options, .. WithoutTraces, "-s", "check"], cancellation);

    /// <summary>
    /// The sources that are configured, whether or not their indexes were fetched: one line each, with address and suite.
    /// </summary>
    /// <exception cref="AptException">apt cannot read their configuration.</exception>
    public IReadOnlyList<string> Sources(CancellationToken cancellation) =>
        [
            .. Run(
                    AptGet,
                    [
                        .. Options,
                        .. WithoutTraces,
                        "-o",
                        "APT::Get::IndexTargets::ReleaseInfo=false",
                        "indextargets",
                        "--format",
                        "$(REPO_URI) $(RELEASE)",
                        "Created-By: Packages",
                    ],
                    cancellation
                )
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Distinct(StringComparer.Ordinal),
        ];

    private string Run(string program, string[] arguments, CancellationToken cancellation, string? folder = null) =>
        RunWhole(program, arguments, folder, cancellation).Output;

    // Four locks, of which three fail at once: so all of them are waited for here, by running again what found one held.
    private (string Output, string Errors) RunWhole(string program, string[] arguments, string? folder, CancellationToken cancellation)
    {
        for (LockWait locks = WaitForLocks(); ; )
        {
            (ExitStatus exit, string output, string errors) = RunOnce(program, arguments, folder, cancellation);
            cancellation.ThrowIfCancellationRequested();
            if (exit.IsSuccess)
                return (output, errors);
            locks.Wait(Failed(program, arguments, exit, AptFailure.Classify(errors + "\n" + output)), cancellation);
        }
    }

    private AptException Failed(string program, string[] arguments, ExitStatus exit, AptFailure failure)
    {
        log.LogWarning("{Program} {Verb}: {Exit}: {Kind}: {Evidence}", program, Verb(arguments), exit, failure.Kind, failure.Evidence);
        return new AptException(failure);
    }

    private (ExitStatus Exit, string Output, string Errors) RunOnce(
        string program,
        string[] arguments,
        string? folder,
        CancellationToken cancellation
    )
    {
        log.LogDebug("run {Program} {Arguments}", program, string.Join(' ', arguments));
        using var output = Descriptor.InMemory("output");
        using var errors = Descriptor.InMemory("errors");
        using var status = Descriptor.InMemory("progress");
        using var child = ChildProcess.Spawn(
            new ChildStart(
                program,
                program == AptGet ? [.. SourceOptions, .. StatusOption, .. arguments] : [.. SourceOptions, .. arguments],
                system.Environment
            )
            {
                Folder = folder,
                Output = output.Number,
                Error = errors.Number,
                Extra = status.Number,
            }
        );

        var progress = new GrowingText(status);
        ExitStatus? exit;
        while ((exit = child.Wait(Tick)) is null)
        {
            progress.ReadLines(line => Report(line));
            if (output.Status().Size + errors.Status().Size + status.Status().Size > LargestOutput)
            {
                child.Terminate(Grace);
                throw new AptException(
                    new AptFailure(
                        AptFailureKind.Other,
                        null,
                        $"{program} {Verb(arguments)} printed more than {LargestOutput >> 20} MB and was ended"
                    )
                );
            }

            if (cancellation.IsCancellationRequested)
            {
                exit = child.Terminate(Grace);
                break;
            }
        }

        progress.ReadLines(line => Report(line));
        return (exit.Value, output.ReadEnd(LargestOutput), errors.ReadEnd(LargestTail));
    }

    private void Report(string line, DpkgReport? dpkg = null)
    {
        AptProgress? progress = AptProgress.TryParse(line);
        dpkg?.Add(line, progress);
        if (progress is not null)
            onProgress?.Invoke(progress);
    }

    private static string Verb(string[] arguments) =>
        Array.Find(arguments, argument => char.IsAsciiLetterLower(argument[0])) ?? arguments[0];
}
