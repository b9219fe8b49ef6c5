using System.Text;
using System.Text.Json.Nodes;
using AptHandler.FaultTests.Faults;
using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Rollback.WayBack;

namespace AptHandler.FaultTests.Machines;

/// <summary>
/// A place for one private root after the other. The place stays the same because records of updates may name it. Beside the root lie
/// stand-ins for dpkg and for what maintainer scripts call, and the plan that they read: which fault is to happen.
/// </summary>
public sealed class Machine : IDisposable
{
    /// <summary>dpkg's system calls that change what others see.</summary>
    public const string SystemCalls = "?rename,?unlink,?link,fsync,?mkdir,?rmdir";

    /// <summary>The same of the worker, and the start of its children.</summary>
    public const string OwnSystemCalls =
        "?rename,?renameat,?renameat2,?unlink,?unlinkat,?link,?linkat,fsync,?mkdir,?mkdirat,?rmdir,?clone,?clone3,?vfork";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new("faults");
    private readonly string _deployed;
    private readonly PreparedRoots _prepared;

    public Machine(PreparedRoots prepared)
    {
        _prepared = prepared;
        _deployed = Path.Combine(_folder, "deployed");
        Directory.CreateDirectory(_deployed);
    }

    public string Root => At("root");

    /// <summary>
    /// All of it that an update is about. dpkg's status alone would not do: a removal that was cut off can look perfectly clean there.
    /// </summary>
    public MachineImage Image
    {
        get
        {
            const string Sources = "/etc/apt/sources.list.d/du-apt-contoso.sources";
            var image = MachineImage.Of(Root, "/apt.conf", "/config.json", "/manifest.json", "/tmp", "/var/lib/dpkg/status-new");

            // It names the folder of its key, which is another one on each machine.
            return image.With(Sources, image.At(Sources)?.Replace(Root, "", StringComparison.Ordinal));
        }
    }

    /// <summary>What du-apt, apt-get, dpkg and maintainer scripts of this machine have in their environment, and nobody else.</summary>
    private string Mark => $"{_folder.Location}/";

    /// <summary>Brings the machine to where the operation of a scenario begins.</summary>
    public void Reset(Scenario scenario)
    {
        Clear();
        var deployed = Path.Combine(_deployed, scenario.Name);
        if (scenario.IsRestore && Directory.Exists(deployed))
        {
            Command.Run("cp", ["-a", deployed, Root]).Succeeded("copy a root");
            return;
        }

        PreparedRoots.Copy(_prepared.Of(scenario), Root);
        var apt = Path.Combine(Root, "apt.conf");
        File.WriteAllText(
            apt,
            File.ReadAllText(apt).Replace("\"/usr/bin/dpkg\"", $"\"{At("dpkg.sh")}\"", StringComparison.Ordinal)
                + $"DPkg::Pre-Invoke {{ \"exec {At("pre-invoke.sh")}\"; }};\n"
        );
        if (scenario.IsRestore)
        {
            DuApt("deploy", Path.Combine(Root, "manifest.json")).Succeeded("deploy an undisturbed update");
            Clear(andRoot: false);
            Command.Run("cp", ["-a", Root, deployed]).Succeeded("copy a root");
        }
    }

    /// <summary>What dpkg.sh and script.sh shall do.</summary>
    /// <param name="shell">Assignments; empty: nothing.</param>
    public void Plan(string shell) => File.WriteAllText(At("plan"), shell);

    /// <summary>du-apt, undisturbed.</summary>
    public Outcome DuApt(params string[] arguments) => Run([], arguments);

    /// <summary>du-apt, and strace counts the system calls of its own.</summary>
    public Outcome CountOwn(params string[] arguments) =>
        Run(["strace", "-qq", "-o", At("calls.own"), "-e", $"trace={OwnSystemCalls}"], arguments);

    /// <summary>du-apt with a fault. Afterwards, whoever is to die is dead.</summary>
    public Outcome DuApt(Fault fault, params string[] arguments)
    {
        Plan(fault.ToShell());
        var inject = $"inject={fault.SystemCall}:signal=SIGKILL:when={fault.Number}";
        var outcome = Run(
            fault.Place == Place.Own ? ["strace", "-qq", "-o", At("trace"), "-e", $"trace={fault.SystemCall}", "-e", inject] : [],
            arguments
        );
        if (fault.Victim == Victim.Everything)
            WaitForSilence();
        Plan("");
        return outcome;
    }

    /// <summary>Whether the fault happened: a point may lie behind the end of a run.</summary>
    public bool IsHit =>
        File.Exists(At("hit")) || (File.Exists(At("trace")) && Trace("trace").Contains("killed by SIGKILL", StringComparison.Ordinal));

    /// <summary>The calls of dpkg so far: their arguments, without those that are always the same.</summary>
    public IReadOnlyList<string> DpkgCalls =>
        Read("calls", line => string.Join(' ', line.Replace(Root, "", StringComparison.Ordinal).Split(' ').Where(word => !IsUsual(word))));

    /// <summary>The runs of maintainer scripts so far.</summary>
    public IReadOnlyList<string> Scripts => Read("scripts", line => line);

    /// <summary>What strace wrote.</summary>
    /// <param name="name">"calls.3" of the third call of dpkg, "calls.own" of the worker's, "trace".</param>
    public string Trace(string name) => File.Exists(At(name)) ? File.ReadAllText(At(name)) : "";

    /// <summary>The state of the newest update, in small letters; null when there was none yet.</summary>
    public string? UpdateState
    {
        get
        {
            try
            {
                return UpdateJson is { } text ? JsonNode.Parse(text)!["state"]!.GetValue<string>() : null;
            }
            catch (Exception e) when (e is System.Text.Json.JsonException or InvalidOperationException or NullReferenceException)
            {
                return $"damaged ({UpdateJson})";
            }
        }
    }

    /// <summary>The record of the newest update. A folder without one is no update: it is made before anything else.</summary>
    public string? UpdateJson
    {
        get
        {
            var updates = Path.Combine(Root, "var/lib/du-apt-handler/updates");
            var newest = Directory.Exists(updates)
                ? Directory
                    .EnumerateFiles(updates, "update.json", SearchOption.AllDirectories)
                    .Order(StringComparer.Ordinal)
                    .LastOrDefault()
                : null;
            return newest is null ? null : File.ReadAllText(newest);
        }
    }

    /// <summary>
    /// The command lines of what still changes the machine. Whoever only fetches packages does no harm, nor does the stand-in for dpkg that
    /// ends after it: the dpkg that it runs is a process of its own.
    /// </summary>
    public IReadOnlyList<string> Running() =>
        [
            .. Processes("DU_APT_HANDLER_UPDATE=")
                .Select(process => process.CommandLine)
                .Where(line => !line.StartsWith($"/bin/sh {At("dpkg.sh")} ", StringComparison.Ordinal)),
        ];

    /// <summary>Ends what still runs.</summary>
    public void KillAll()
    {
        for (var attempt = 0; attempt < 100 && Processes() is { Count: > 0 } processes; attempt++)
        {
            foreach (var (id, _) in processes)
                Command.Run("kill", ["-KILL", $"{id}"]);
            Thread.Sleep(10);
        }
    }

    /// <summary>Keeps a copy to look at.</summary>
    public void CopyTo(string folder) => Command.Run("cp", ["-a", _folder.Location, folder]).Succeeded("copy a machine");

    public void Dispose()
    {
        KillAll();
        _folder.Dispose();
    }

    private static bool IsUsual(string word) =>
        word.StartsWith("--root", StringComparison.Ordinal)
        || word.StartsWith("--log", StringComparison.Ordinal)
        || word == "--force-script-chrootless";

    private string At(string name) => Path.Combine(_folder, name);

    private void Clear(bool andRoot = true)
    {
        foreach (var entry in new DirectoryInfo(_folder).EnumerateFileSystemInfos())
        {
            if (entry is FileInfo)
                entry.Delete();
            else if (andRoot && entry.Name == "root")
                ((DirectoryInfo)entry).Delete(recursive: true);
        }

        foreach (var script in new[] { "dpkg.sh", "pre-invoke.sh", "script.sh", "victims.sh" })
            File.CreateSymbolicLink(At(script), Path.Combine(AppContext.BaseDirectory, "Machines", script));
    }

    // The shell leaves the id that du-apt has, even where strace stands in between.
    private Outcome Run(string[] before, string[] arguments) =>
        Command.Run(
            "/usr/bin/env",
            [
                .. before,
                "sh",
                "-c",
                "echo $$ >\"$0\"; exec \"$@\"",
                At("worker"),
                SourceTree.DuApt,
                "--config",
                Path.Combine(Root, "config.json"),
                .. arguments,
            ],
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["FAULT_MACHINE"] = Mark },
            timeout: Patience
        );

    private void WaitForSilence()
    {
        for (var attempt = 0; attempt < 1000 && Processes().Count > 0; attempt++)
            Thread.Sleep(5);
    }

    private List<(int Id, string CommandLine)> Processes(string variable = "")
    {
        var mark = Encoding.UTF8.GetBytes(Mark);
        var other = Encoding.UTF8.GetBytes(variable);
        var found = new List<(int, string)>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out var id))
                continue;
            try
            {
                var environment = File.ReadAllBytes($"{folder}/environ").AsSpan();
                if (environment.IndexOf(mark) >= 0 && environment.IndexOf(other) >= 0)
                    found.Add((id, File.ReadAllText($"{folder}/cmdline").Replace('\0', ' ')));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has ended meanwhile, or is a thread of the kernel.
            }
        }

        return found;
    }

    private string[] Read(string name, Func<string, string> line) =>
        [.. Trace(name).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line)];
}
