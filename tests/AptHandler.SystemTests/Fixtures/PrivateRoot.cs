namespace AptHandler.SystemTests.Fixtures;

/// <summary>A machine in a folder: real apt and dpkg with a database, caches and locks of their own. Nothing of the host changes.</summary>
public sealed class PrivateRoot : IDisposable
{
    private readonly TemporaryFolder _folder = new("root");

    private PrivateRoot()
    {
        Environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["APT_CONFIG"] = AptConfiguration,
            ["LC_ALL"] = "C.UTF-8",
            ["DEBIAN_FRONTEND"] = "noninteractive",
        };
    }

    public string Location => _folder;

    /// <summary>To be named by APT_CONFIG.</summary>
    public string AptConfiguration => At("apt.conf");

    /// <summary>The product's configuration file, with everything moved into this root.</summary>
    public string Configuration => At("config.json");

    /// <summary>What du-apt keeps for the next time lies here, and not in the home of whoever runs the tests.</summary>
    public string Caches => At("home/cache");

    /// <summary>With it, apt's programs work on this root.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; }

    private string DpkgFolder => At("var/lib/dpkg");

    /// <summary>
    /// A root that takes packages from a repository; the lists are not read yet: call <see cref="AptGet"/> with "update".
    /// </summary>
    /// <param name="server">Null: straight from the folder, with apt's copy method.</param>
    public static PrivateRoot Create(Repository repository, HttpServer? server = null)
    {
        var root = new PrivateRoot();
        string[] keyring = repository.IsSigned ? [repository.Keyring] : [];
        PrivateRootScript.Run(["create", root._folder, server?.Uri ?? repository.CopyUri, .. keyring]);
        return root;
    }

    /// <summary>Another root that is like this one. Only its configuration names the place of a root that no update has seen.</summary>
    public PrivateRoot Copy()
    {
        var copy = new PrivateRoot();
        Command.Run("cp", ["-a", $"{_folder}/.", copy._folder]).Succeeded("copy a root");
        foreach (var file in new[] { copy.AptConfiguration, copy.Configuration })
            File.WriteAllText(file, File.ReadAllText(file).Replace(_folder, copy._folder, StringComparison.Ordinal));
        return copy;
    }

    /// <summary>Adds a second repository.</summary>
    /// <param name="keyring">Null: the repository's own.</param>
    public void AddSource(string name, Repository repository, HttpServer? server = null, string? keyring = null) =>
        PrivateRootScript.Run("source", _folder, name, server?.Uri ?? repository.CopyUri, keyring ?? repository.Keyring);

    /// <summary>The path of a file in this root.</summary>
    public string At(string relative) => Path.Combine(_folder, relative);

    /// <summary>apt-get for set-up: it must succeed.</summary>
    public Outcome AptGet(params string[] arguments) => TryAptGet(arguments).Succeeded($"apt-get {string.Join(' ', arguments)}");

    /// <summary>apt-get, however it ends.</summary>
    public Outcome TryAptGet(params string[] arguments) => PrivateRootScript.Try(["apt", _folder, .. arguments]);

    /// <summary>Reads the lists and installs: "name" or "name=version".</summary>
    public void Install(params string[] packages)
    {
        AptGet("update");
        AptGet(["-y", "--allow-downgrades", "install", .. packages]);
    }

    /// <summary>dpkg, however it ends.</summary>
    public Outcome Dpkg(params string[] arguments) => PrivateRootScript.Try(["dpkg", _folder, .. arguments]);

    public void Hold(string package) =>
        PrivateRootScript.Try(["dpkg", _folder, "--set-selections"], stdin: $"{package} hold\n").Succeeded($"hold {package}");

    /// <summary>The version of an installed package, by dpkg-query; null in every other state.</summary>
    public string? Installed(string package) =>
        Query(package, "${db:Status-Status} ${Version}") is { } answer && answer.Split(' ') is ["installed", var version] ? version : null;

    /// <summary>dpkg's three words, such as "install ok installed"; null when dpkg does not know the package.</summary>
    public string? Status(string package) => Query(package, "${Status}");

    /// <summary>Every package that dpkg knows: "name version state", in the order of names.</summary>
    public IReadOnlyList<string> Packages() => Lines(PrivateRootScript.Run("status", _folder));

    /// <summary>What apt counts as installed for the sake of other packages.</summary>
    public IReadOnlyList<string> AutoMarks() => Lines(Command.Run("apt-mark", ["showauto"], Environment).Succeeded("read the auto marks"));

    /// <summary>du-apt with this root's configuration.</summary>
    public Outcome DuApt(params string[] arguments)
    {
        using var running = StartDuApt(arguments);
        running.CloseInput();
        return running.Wait();
    }

    /// <summary>The same, for tests that interfere.</summary>
    public RunningCommand StartDuApt(params string[] arguments) =>
        new(
            SourceTree.DuApt,
            ["--config", Configuration, .. arguments],
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["XDG_CACHE_HOME"] = Caches }
        );

    /// <summary>Kills all programs that work on this root, as a power cut would.</summary>
    /// <param name="except">A process that lives on.</param>
    public void KillPrograms(int except = 0) =>
        Command.Run(
            "sh",
            [
                "-c",
                $$"""
                for process in /proc/[0-9]*; do
                    [ $process != /proc/{{except}} ] || continue
                    tr '\0' '\n' <$process/environ 2>/dev/null | grep -qE '^(APT_CONFIG|DU_APT_HANDLER_CONFIG)={{Location}}/' && kill -9 ${process#/proc/}
                done
                """,
            ]
        );

    /// <returns>The path of the manifest.</returns>
    public string WriteManifest(string json, string name = "apt-manifest.json")
    {
        var path = At(name);
        File.WriteAllText(path, json);
        return path;
    }

    /// <summary>Another process takes a lock and keeps it until disposed, or for a time.</summary>
    public HeldLock HoldLock(AptLock which, TimeSpan? time = null) => new(LockFile(which), time);

    public string LockFile(AptLock which) =>
        At(
            which switch
            {
                AptLock.DpkgFrontend => "var/lib/dpkg/lock-frontend",
                AptLock.Dpkg => "var/lib/dpkg/lock",
                AptLock.Lists => "var/lib/apt/lists/lock",
                _ => "var/cache/apt/archives/lock",
            }
        );

    /// <summary>Leaves a package unpacked and not configured.</summary>
    public void Unpack(string deb) => Dpkg("--unpack", deb).Succeeded($"unpack {deb}");

    /// <summary>
    /// Kills a dpkg command at its N-th rename, where its database is between two states. Deterministic; count up to try them all.
    /// </summary>
    /// <returns>False when dpkg came to its end before.</returns>
    public bool KillDpkgAtRename(int count, params string[] arguments)
    {
        const string Renames = "?rename,?renameat,?renameat2";
        string[] words =
        [
            "-qq",
            "-o",
            "/dev/null",
            "-e",
            $"trace={Renames}",
            "-e",
            $"inject={Renames}:signal=SIGKILL:when={count}",
            "dpkg",
            $"--root={_folder}",
            "--force-script-chrootless",
            $"--log={At("var/log/dpkg.log")}",
            .. arguments,
        ];
        var outcome = Command.Run("strace", words, Environment);
        const int KilledBySignal = 128 + RunningCommand.Kill;
        return outcome.ExitStatus == KilledBySignal || outcome.Succeeded("run dpkg under strace").ExitStatus != 0;
    }

    /// <summary>Whether dpkg's journal holds entries: "dpkg was interrupted", says apt then.</summary>
    public bool IsDpkgInterrupted() =>
        Directory.EnumerateFiles(Path.Combine(DpkgFolder, "updates")).Any(file => Path.GetFileName(file).All(char.IsAsciiDigit));

    /// <summary>A dpkg that was killed while it installed a package, with its journal still to be merged.</summary>
    public void InterruptDpkg(string deb)
    {
        for (var count = 1; KillDpkgAtRename(count, "--install", deb); count++)
            if (IsDpkgInterrupted())
                return;
        throw new InvalidOperationException($"cannot interrupt dpkg while it installs {deb}: no rename left a journal");
    }

    public void Dispose() => _folder.Dispose();

    private static string[] Lines(Outcome outcome) => outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private string? Query(string package, string format)
    {
        var outcome = Command.Run("dpkg-query", [$"--admindir={DpkgFolder}", "--show", $"--showformat={format}", package]);
        return outcome.ExitStatus == 0 ? outcome.Output : null;
    }
}
