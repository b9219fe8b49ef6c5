using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using AptHandler.SystemTests.Fixtures;

namespace AptHandler.FaultTests.Machines;

/// <summary>One private root for each scenario, as it is before the update. Machines are copies of them.</summary>
public sealed class PreparedRoots : IDisposable
{
    private readonly TemporaryFolder _folder = new("prepared");
    private readonly Repository _repository = Scenarios.Publish();
    private readonly Lazy<string> _base;
    private readonly ConcurrentDictionary<string, Lazy<string>> _roots = new(StringComparer.Ordinal);

    public PreparedRoots() => _base = new Lazy<string>(MakeBase);

    /// <summary>The root of a scenario; nobody may change it.</summary>
    public string Of(Scenario scenario) => _roots.GetOrAdd(scenario.Name, _ => new Lazy<string>(() => Prepare(scenario))).Value;

    /// <summary>Copies a root. Its configuration is made to fit; nothing else in a root that no update has seen names its place.</summary>
    /// <param name="from">A root.</param>
    /// <param name="to">Does not exist.</param>
    public static void Copy(string from, string to)
    {
        Command.Run("cp", ["-a", from, to]).Succeeded("copy a root");
        foreach (var file in new[] { "apt.conf", "config.json" })
        {
            var path = Path.Combine(to, file);
            File.WriteAllText(path, File.ReadAllText(path).Replace(from, to, StringComparison.Ordinal));
        }
    }

    public void Dispose()
    {
        _folder.Dispose();
        _repository.Dispose();
    }

    private string MakeBase()
    {
        var root = Path.Combine(_folder, "base");
        PrivateRootScript.Run("create", root, _repository.CopyUri, _repository.Keyring);
        // Nobody waits for a lock that a fault has left to somebody who does not end.
        var configuration = JsonNode.Parse(File.ReadAllText(Path.Combine(root, "config.json")))!.AsObject();
        configuration["lockTimeoutSeconds"] = 20;
        configuration["allowSources"] = "any";
        File.WriteAllText(Path.Combine(root, "config.json"), configuration.ToJsonString());
        PrivateRootScript.Run("apt", root, "-qq", "update");
        PrivateRootScript.Run("apt", root, "-qq", "-y", "install", "bystander");
        PrivateRootScript.Try(["dpkg", root, "--set-selections"], stdin: "bystander hold\n").Succeeded("hold a package");
        return root;
    }

    private string Prepare(Scenario scenario)
    {
        var root = Path.Combine(_folder, scenario.Name);
        Copy(_base.Value, root);
        if (scenario.Installed.Length > 0)
            PrivateRootScript.Run(["apt", root, "-qq", "-y", "install", .. scenario.Installed]);
        if (scenario.Automatic.Length > 0)
        {
            var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["APT_CONFIG"] = Path.Combine(root, "apt.conf") };
            Command.Run("apt-mark", ["auto", .. scenario.Automatic], environment).Succeeded("mark packages as automatic");
        }

        foreach (var path in scenario.Edited)
            File.AppendAllText(root + path, "edited by a person\n");
        if (scenario.Removed.Length > 0)
            PrivateRootScript.Run(["apt", root, "-qq", "-y", "remove", .. scenario.Removed]);
        if (scenario.ChangesSources)
            File.WriteAllText(
                Path.Combine(root, "etc/apt/sources.list.d/du-apt-old.sources"),
                "Types: deb\nEnabled: no\nURIs: copy:/nowhere\nSuites: ./\n"
            );
        WriteManifest(root, scenario);
        return root;
    }

    private void WriteManifest(string root, Scenario scenario)
    {
        var packages = new JsonArray();
        foreach (var word in scenario.Update)
        {
            var parts = word.Split('=');
            var package = new JsonObject { ["name"] = parts[0] };
            if (parts.Length > 1)
                package["version"] = parts[1];
            packages.Add(package);
        }

        var manifest = new JsonObject
        {
            ["name"] = scenario.Name,
            ["version"] = "1.0",
            ["packages"] = packages,
        };
        if (scenario.ChangesSources)
        {
            // The same repository, by another name: apt knows only one key for an address.
            var key = Command
                .Run("gpg", ["--batch", "--homedir", Path.Combine(_repository.Location, "keys"), "--armor", "--export"])
                .Succeeded("export a key")
                .Output;
            manifest["sources"] = new JsonObject
            {
                ["contoso"] = new JsonObject
                {
                    ["uris"] = new JsonArray($"{_repository.CopyUri}/."),
                    ["suites"] = new JsonArray("stable"),
                    ["components"] = new JsonArray("main"),
                    ["signingKey"] = key,
                },
                ["old"] = null,
            };
        }

        File.WriteAllText(Path.Combine(root, "manifest.json"), manifest.ToJsonString());
    }
}
