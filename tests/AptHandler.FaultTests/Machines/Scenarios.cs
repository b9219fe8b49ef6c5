using AptHandler.SystemTests.Fixtures;

namespace AptHandler.FaultTests.Machines;

/// <summary>The scenarios, and the packages that they are made of.</summary>
public static class Scenarios
{
    private static readonly Scenario[] Updates =
    [
        new("install", [], ["fresh=1.0"]),
        new("upgrade", ["edge=1.0", "edge-lib=1.0", "indexer"], ["edge=2.0"])
        {
            Automatic = ["edge-lib"],
            Edited = ["/etc/edge/edited.conf"],
        },
        new("downgrade", ["tool=2.0"], ["tool=1.0"]) { Automatic = ["tool"], Edited = ["/etc/tool.conf"] },
        new("removal", ["legacy", "legacy-plugin", "legacy-lib"], ["legacy-", "legacy-plugin-"])
        {
            Automatic = ["legacy-lib"],
            Edited = ["/etc/legacy.conf"],
        },
        new("replacement", ["old-mail", "mail-user"], ["new-mail"]) { Edited = ["/etc/mail.conf"] },
        new("return", ["gone=1.0"], ["gone=1.0"]) { Removed = ["gone"], Edited = ["/etc/gone.conf"] },
        new("rivals", ["rival-old=1.0"], ["rival-old=2.0"]) { Removed = ["rival-old", "rival-new+"], Edited = ["/etc/rival-old.conf"] },
        new(
            "mix",
            ["edge=1.0", "edge-lib=1.0", "indexer", "tool=2.0", "legacy", "legacy-lib", "gone=1.0"],
            ["edge=2.0", "tool=1.0", "legacy-", "fresh=1.0", "gone=2.0"]
        )
        {
            ChangesSources = true,
            Automatic = ["edge-lib", "legacy-lib"],
            Removed = ["gone"],
            Edited = ["/etc/edge/edited.conf", "/etc/gone.conf"],
        },
    ];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [.. Updates, .. Updates.Select(update => update with { Name = $"restore-{update.Name}", IsRestore = true })];

    /// <summary>An update of sources, and of no package: there is nothing for dpkg to do, and only the worker can die.</summary>
    public static Scenario SourcesAlone { get; } = new("sources", ["tool=2.0"], ["tool"]) { ChangesSources = true };

    /// <summary>The scenario of a name.</summary>
    /// <exception cref="FormatException">There is none.</exception>
    public static Scenario Of(string name) =>
        All.FirstOrDefault(each => each.Name == name)
        ?? throw new FormatException($"cannot find the scenario '{name}': there are {string.Join(", ", All.Select(each => each.Name))}");

    /// <summary>The repository with all packages.</summary>
    public static Repository Publish() =>
        new Repository()
            // Held, and marked as automatic: on every machine, and part of no update.
            .With("bystander", "1.0", "Depends: bystander-lib", Conffile("/etc/bystander.conf", "1"), SharedFile("bystander", "a"))
            .With("bystander-lib", "1.0")
            .With(
                "fresh",
                "1.0",
                "Depends: fresh-lib",
                Conffile("/etc/fresh.conf", "1"),
                SharedFile("fresh", "a"),
                SharedFile("fresh", "b")
            )
            .With("fresh-lib", "1.0", SharedFile("fresh-lib", "a"))
            // A file moves to the library, and each version has configuration files that the other has not.
            .With(
                "edge",
                "1.0",
                "Depends: edge-lib (= 1.0)",
                Conffile("/etc/edge/edited.conf", "1"),
                Conffile("/etc/edge/plain.conf", "1"),
                Conffile("/etc/edge/dropped.conf", "1"),
                SharedFile("edge", "both", "1"),
                SharedFile("edge", "old"),
                SharedFile("edge", "moves", "1")
            )
            .With(
                "edge",
                "2.0",
                "Depends: edge-lib (= 2.0)",
                Conffile("/etc/edge/edited.conf", "2"),
                Conffile("/etc/edge/plain.conf", "2"),
                Conffile("/etc/edge/added.conf", "2"),
                SharedFile("edge", "both", "2"),
                SharedFile("edge", "new")
            )
            .With("edge-lib", "1.0", SharedFile("edge-lib", "a", "1"))
            .With(
                "edge-lib",
                "2.0",
                "Breaks: edge (<< 2.0)",
                "Replaces: edge (<< 2.0)",
                SharedFile("edge-lib", "a", "2"),
                SharedFile("edge", "moves", "2")
            )
            .With("indexer", "1.0", ["--script", "triggers=#!\ninterest-noawait /usr/share/edge\n"])
            .With("tool", "1.0", Conffile("/etc/tool.conf", "1"), SharedFile("tool", "both", "1"), SharedFile("tool", "old"))
            .With("tool", "2.0", Conffile("/etc/tool.conf", "2"), SharedFile("tool", "both", "2"), SharedFile("tool", "new"))
            .With("legacy", "1.0", "Depends: legacy-lib", Conffile("/etc/legacy.conf", "1"), SharedFile("legacy", "a"))
            .With("legacy-plugin", "1.0", "Depends: legacy", SharedFile("legacy-plugin", "a"))
            .With("legacy-lib", "1.0", SharedFile("legacy-lib", "a"))
            // Both ship the same files.
            .With(
                "old-mail",
                "1.0",
                "Provides: mail",
                "Conflicts: mail",
                "Replaces: mail",
                Conffile("/etc/mail.conf", "old"),
                SharedFile("mail", "a", "old")
            )
            .With(
                "new-mail",
                "1.0",
                "Provides: mail",
                "Conflicts: mail",
                "Replaces: mail",
                Conffile("/etc/mail.conf", "new"),
                SharedFile("mail", "a", "new")
            )
            .With("mail-user", "1.0", "Depends: mail")
            // They conflict and nothing else, and what is removed of either is remembered.
            .With("rival-old", "1.0", "Conflicts: rival-new", Conffile("/etc/rival-old.conf", "1"), SharedFile("rival", "a", "old"))
            .With("rival-old", "2.0", "Conflicts: rival-new", Conffile("/etc/rival-old.conf", "2"), SharedFile("rival", "a", "old 2"))
            .With("rival-new", "1.0", "Conflicts: rival-old", Conffile("/etc/rival-new.conf", "1"), SharedFile("rival", "a", "new"))
            .With("gone", "1.0", Conffile("/etc/gone.conf", "1"), SharedFile("gone", "a"))
            .With("gone", "2.0", Conffile("/etc/gone.conf", "2"), SharedFile("gone", "b"))
            .Index();

    // Each script can meet a fault, and each package keeps a file that no package ships.
    private static Repository With(this Repository repository, string name, string version, params object[] words)
    {
        string Script(string script, string then = "") =>
            $"fault=$DPKG_ROOT/../script.sh; [ ! -x \"$fault\" ] || \"$fault\" \"$PPID\" {name} {version} {script} \"$@\"\n{then}";
        var state = $"\"$DPKG_ROOT/var/lib/{name}.state\"";
        return repository.Package(
            name,
            version,
            preinst: Script("preinst"),
            postinst: Script("postinst", $"[ \"$1\" != configure ] || echo {version} >{state}"),
            prerm: Script("prerm"),
            postrm: Script("postrm", $"case $1 in remove | purge) rm -f {state} ;; esac"),
            fields: [.. words.SelectMany(word => word as string[] ?? [(string)word])]
        );
    }

    private static string[] Conffile(string path, string content) => ["--conffile", $"{path}={content}"];

    private static string[] SharedFile(string folder, string name, string content = "") =>
        ["--file", $"/usr/share/{folder}/{name}={content}"];
}
