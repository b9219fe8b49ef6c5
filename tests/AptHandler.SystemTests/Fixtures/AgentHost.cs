namespace AptHandler.SystemTests.Fixtures;

/// <summary>Runs a step handler in the C++ stand-in for the agent. What to run, in the order of `agent-host --help`.</summary>
public sealed record AgentHost
{
    /// <summary>The functions of the agent are exported by the host program itself.</summary>
    public const string GlobalSteps = "global";

    /// <summary>There are no functions of the agent anywhere.</summary>
    public const string NoSteps = "none";

    public const string Deploy = "deploy";

    /// <summary>A deployment of <see cref="UpdateSteps"/>.</summary>
    public const string DeploySteps = "deploy-steps";

    public const string IsInstalled = "is-installed";
    public const string CancelDuringDownload = "cancel-during-download";
    public const string CancelDuringInstall = "cancel-during-install";
    public const string ConcurrentCancel = "concurrent-cancel";
    public const string NullHandle = "null-handle";
    public const string MissingFunctions = "missing-functions";

    /// <summary>Cancel is called by another thread while Download runs.</summary>
    public const string CancelCallDuringDownload = "cancel-call-during-download";

    /// <summary>A deployment during which another thread calls Cancel all the time.</summary>
    public const string CancelAnytime = "cancel-anytime";

    /// <summary>A deployment, and IsInstalled once more in the same process.</summary>
    public const string DeployAndAsk = "deploy-and-ask";

    /// <summary>IsInstalled <see cref="Repeat"/> times in a row, measured together.</summary>
    public const string IsInstalledLoop = "is-installed-loop";

    /// <summary>The library is opened and closed, and nothing in it called.</summary>
    public const string LoadOnly = "load-only";

    public const string CreateOnly = "create-only";
    public const string CreateMany = "create-many";

    /// <summary>Null: the library that was built.</summary>
    public string? Handler { get; init; }

    /// <summary>A steps library, <see cref="GlobalSteps"/> or <see cref="NoSteps"/>.</summary>
    public string Steps { get; init; } = NativePrograms.Steps;

    public string? Criteria { get; init; } = "1.0";

    /// <summary>The criteria as bytes, which need not be text.</summary>
    public byte[]? CriteriaBytes { get; init; }

    public string Id { get; init; } = "update-1";

    /// <summary>The steps of the update: criteria and manifest of each.</summary>
    public IReadOnlyList<(string Criteria, string Manifest)> UpdateSteps { get; init; } = [];

    /// <summary>Payload files, usually the one manifest.</summary>
    public IReadOnlyList<string> Payloads { get; init; } = [];

    /// <summary>Declared for the first payload instead of the name of its file.</summary>
    public string? TargetName { get; init; }

    /// <summary>Declared instead of the true hash.</summary>
    public string? PayloadHash { get; init; }

    /// <summary>Content that lies in the place of the first payload before it is downloaded.</summary>
    public string? StalePayload { get; init; }

    /// <summary>Where a symbolic link leads to that lies there instead.</summary>
    public string? StaleLink { get; init; }

    /// <summary>Where a symbolic link leads to that takes the place of the payload after the download.</summary>
    public string? SwappedLink { get; init; }

    /// <summary>What the downloader fetches instead of the payload, and calls a success.</summary>
    public string? Served { get; init; }

    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Handler properties that are no strings, as JSON.</summary>
    public IReadOnlyDictionary<string, string> RawProperties { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What the agent's downloader answers instead of downloading.</summary>
    public (int Code, uint Extended)? DownloadResult { get; init; }

    public TimeSpan DownloadDelay { get; init; }

    /// <summary>When the cancel scenarios cancel, counted from the start of the phase.</summary>
    public TimeSpan CancelAfter { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>A file that must be there before the cancel scenarios cancel; then the host prints "cancelled".</summary>
    public string? CancelWhen { get; init; }

    /// <summary>How often is-installed and the loop ask.</summary>
    public int Repeat { get; init; } = 1;

    public bool IgnoreChildren { get; init; }

    public bool ReapChildren { get; init; }

    /// <summary>The host starts no children of its own: all that there are come from the handler.</summary>
    public bool HasNoChildren { get; init; }

    /// <summary>
    /// Shell commands that run before the host in a mount namespace of its own: what they mount nobody else sees, and it ends with the
    /// host.
    /// </summary>
    public string? Mounts { get; init; }

    /// <summary>Added to the host's environment.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    /// <summary>Starts the host, which is the agent's process: a second run is the agent after a restart.</summary>
    /// <param name="root">Where the handler finds its configuration and the update its work folder (ROOT/work).</param>
    public AgentReport Run(PrivateRoot root, string scenario = Deploy, TimeSpan? timeout = null)
    {
        using var running = Start(root, scenario);
        running.CloseInput();
        return AgentReport.Read(running.Wait(timeout));
    }

    /// <summary>The same, for tests that interfere. Read the end with <see cref="AgentReport.Read"/>.</summary>
    public RunningCommand Start(PrivateRoot root, string scenario = Deploy)
    {
        var environment = new Dictionary<string, string?>(Environment, StringComparer.Ordinal)
        {
            ["DU_APT_HANDLER_CONFIG"] = root.Configuration,
        };
        return Mounts is null
            ? new RunningCommand(NativePrograms.AgentHost, Arguments(root, scenario), environment)
            : new RunningCommand(
                "unshare",
                ["--mount", "sh", "-ec", $"{Mounts}\nexec \"$0\" \"$@\"", NativePrograms.AgentHost, .. Arguments(root, scenario)],
                environment
            );
    }

    /// <summary>The command line of the host, for tests that start it in some other way.</summary>
    public IReadOnlyList<string> Arguments(PrivateRoot root, string scenario)
    {
        List<string> words =
        [
            "--handler",
            Handler ?? SourceTree.HandlerLibrary,
            "--steps",
            Steps,
            "--scenario",
            scenario,
            "--workdir",
            root.At("work"),
            "--id",
            Id,
            "--download-delay-ms",
            Milliseconds(DownloadDelay),
            "--after-ms",
            Milliseconds(CancelAfter),
            "--repeat",
            $"{Repeat}",
        ];
        foreach (var (criteria, manifest) in UpdateSteps)
            words.AddRange(["--step", $"{criteria}={manifest}"]);
        foreach (var payload in Payloads)
            words.AddRange(["--payload", payload]);
        foreach (var (name, value) in Properties)
            words.AddRange(["--property", $"{name}={value}"]);
        foreach (var (name, value) in RawProperties)
            words.AddRange(["--raw-property", $"{name}={value}"]);
        if (DownloadResult is var (code, extended))
            words.AddRange(["--download-result", $"{code}:0x{extended:x8}"]);
        foreach (
            var (option, value) in new[]
            {
                ("--criteria", Criteria),
                ("--criteria-hex", CriteriaBytes is null ? null : Convert.ToHexString(CriteriaBytes)),
                ("--target-name", TargetName),
                ("--payload-hash", PayloadHash),
                ("--stale-payload", StalePayload),
                ("--stale-link", StaleLink),
                ("--swapped-link", SwappedLink),
                ("--served", Served),
                ("--when", CancelWhen),
            }
        )
        {
            if (value is not null)
                words.AddRange([option, value]);
        }

        if (IgnoreChildren)
            words.AddRange(["--sigchld", "ignore"]);
        if (ReapChildren)
            words.Add("--reaper");
        if (HasNoChildren)
            words.Add("--no-children");
        return words;
    }

    private static string Milliseconds(TimeSpan time) => $"{(int)time.TotalMilliseconds}";
}
