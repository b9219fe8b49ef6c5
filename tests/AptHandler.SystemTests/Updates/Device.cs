using System.Text.Json;
using System.Text.Json.Nodes;
using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Updates;

/// <summary>A device in the hands of the handler: a private root whose packages come over HTTP, and <c>du-apt</c> working on it.</summary>
public sealed class Device : IDisposable
{
    private int _manifests;

    /// <summary>A device with this root, which goes with it.</summary>
    public Device(PrivateRoot root) => Root = root;

    public Device(Repository repository, HttpServer server)
        : this(PrivateRoot.Create(repository, server))
    {
        // Faults are tried again at once: the tests have no reason to wait for a network to recover.
        AptOption("Acquire::Retries::Delay \"false\";");
    }

    public PrivateRoot Root { get; }

    /// <summary>The agent's list of installed criteria.</summary>
    public string CriteriaFile => Root.At("var/lib/adu/installedcriteria");

    /// <summary>
    /// All that an update could change: packages, their files, apt's marks, what dpkg has done, and what counts as installed.
    /// </summary>
    public string State => string.Join("\n--\n", StateFiles().Where(File.Exists).Select(File.ReadAllText));

    /// <summary>What dpkg has done so far, line by line.</summary>
    public IReadOnlyList<string> DpkgLog => File.Exists(Root.At("var/log/dpkg.log")) ? File.ReadAllLines(Root.At("var/log/dpkg.log")) : [];

    public void AptOption(string line) => File.AppendAllText(Root.AptConfiguration, line + "\n");

    /// <summary>Sets a member of the handler's configuration.</summary>
    public void Configure(string member, JsonNode value)
    {
        var configuration = JsonNode.Parse(File.ReadAllText(Root.Configuration))!.AsObject();
        configuration[member] = value;
        File.WriteAllText(Root.Configuration, configuration.ToJsonString());
    }

    /// <summary>Writes a manifest of "foo=1.0" (a version), "foo" (the newest) and "foo-" (a removal); each is another update.</summary>
    public string Manifest(params string[] words) => NamedManifest($"update{++_manifests}", "1.0", words);

    /// <summary>The same, for tests that care about the installed criteria.</summary>
    public string NamedManifest(string name, string version, params string[] words) =>
        NamedManifest(name, version, agentRestart: false, words);

    public string NamedManifest(string name, string version, bool agentRestart, params string[] words)
    {
        var packages = new JsonArray();
        foreach (var word in words)
        {
            var parts = word.Split('=', 2);
            var package = new JsonObject { ["name"] = parts[0] };
            if (parts.Length > 1)
                package["version"] = parts[1];
            packages.Add(package);
        }

        var manifest = new JsonObject
        {
            ["name"] = name,
            ["version"] = version,
            ["packages"] = packages,
        };
        if (agentRestart)
            manifest["agentRestartRequired"] = true;
        return Root.WriteManifest(manifest.ToJsonString(), $"{name}-{version}.json");
    }

    /// <summary>The same as <see cref="Manifest"/>, with sources.</summary>
    public string SourcedManifest(JsonObject sources, params string[] words)
    {
        var path = Manifest(words);
        var manifest = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        manifest["sources"] = sources;
        File.WriteAllText(path, manifest.ToJsonString());
        return path;
    }

    /// <summary>Deploys the words of <see cref="Manifest"/>.</summary>
    public Answer Deploy(params string[] words) => Run("deploy", Manifest(words));

    /// <summary>Deploys, and says so when that is not a success.</summary>
    public Answer Deployed(params string[] words)
    {
        var answer = Deploy(words);
        (answer.ExitStatus, answer.ResultCode, answer.ExtendedResultCode).Should().Be((0, 700, "0x00000000"), answer.Details);
        return answer;
    }

    /// <summary>Deploys what must be refused without a trace.</summary>
    /// <param name="exitStatus">du-apt's.</param>
    /// <param name="extendedResultCode">The cause.</param>
    public Answer Refused(int exitStatus, string extendedResultCode, params string[] words)
    {
        var before = State;
        var answer = Deploy(words);
        answer.Cause.Should().Be((exitStatus, 0, extendedResultCode), answer.Details);
        State.Should().Be(before);
        return answer;
    }

    /// <summary>A command of du-apt that answers with a step's result.</summary>
    public Answer Run(params string[] arguments) => Answer.Of(Root.DuApt([.. arguments, "--json"]));

    /// <summary>A command of du-apt that answers with another JSON object.</summary>
    public JsonDocument Ask(params string[] arguments) => Answer.Json(Root.DuApt([.. arguments, "--json"]));

    /// <summary>du-apt on its way; its progress is on standard error.</summary>
    public RunningCommand Start(params string[] arguments)
    {
        var running = Root.StartDuApt(arguments);
        running.CloseInput();
        return running;
    }

    public void Dispose() => Root.Dispose();

    private IEnumerable<string> StateFiles() =>
        [
            Root.At("var/lib/dpkg/status"),
            Root.At("var/lib/apt/extended_states"),
            Root.At("var/log/dpkg.log"),
            CriteriaFile,
            .. Directory.EnumerateFiles(Root.At("var/lib/dpkg/info")).Order(StringComparer.Ordinal),
        ];
}
