using AptHandler.DeviceTests.Fixtures;
using AptHandler.SystemTests.Fixtures;

namespace AptHandler.DeviceTests.VirtualMachine.PowerCuts;

/// <summary>
/// An update that does to packages all that dpkg can do: some come, some go, others are upgraded, downgraded or replaced, with conffiles,
/// maintainer scripts, a trigger, and a file that moves from one package to another. And the agent is upgraded, which is started again by
/// its own script.
/// </summary>
public static class WideUpdate
{
    /// <summary>Where the manifest lies on a machine that was <see cref="Prepare">prepared</see>.</summary>
    public const string Manifest = "/root/parts.json";

    // Large enough to be written in more than one go, and of a text that zeros, or the file of another version, could not be taken for.
    private const int Lines = 1500;

    private static readonly string[] Names =
    [
        "sensor",
        "libpart",
        "panel",
        "table",
        "codec",
        "legacy",
        "weed",
        "plant",
        "fresh",
        "libfresh",
        "frozen",
        "index",
        Published.Agent,
    ];

    /// <summary>Prints what an update can change; equal on equal machines.</summary>
    public static string Snapshot(Machine machine) => machine.Run($"/usr/local/lib/snapshot {string.Join(' ', Names)}");

    /// <summary>The files on which a snapshot says that they are not as their package ships them.</summary>
    public static string NotAsShipped(string snapshot) =>
        snapshot[(snapshot.IndexOf("== not as shipped\n", StringComparison.Ordinal) + 18)..];

    /// <summary>Adds the packages.</summary>
    public static void AddTo(Repository repository)
    {
        // Upgraded, and with it what it strictly depends on, which nobody has asked for by name. Its configuration is edited on the device.
        Package("sensor", "1.0", depends: "libpart (= 1.0)", conffile: "sensor.conf");
        Package("sensor", "2.0", depends: "libpart (= 2.0)", conffile: "sensor.conf");
        Package("libpart", "1.0");
        Package("libpart", "2.0");

        // Upgraded, and parted: a file of it is in another package from then on.
        Package("panel", "1.0", conffile: "panel.conf", file: "rows");
        Package("panel", "2.0", conffile: "panel.conf", depends: "table (= 2.0)");
        Package("table", "2.0", file: "rows", fields: ["Replaces: panel (<< 2.0)", "Breaks: panel (<< 2.0)"]);

        Package("codec", "2.0", conffile: "codec.conf");
        Package("codec", "1.0", conffile: "codec.conf");

        // Removed; its configuration, which is edited, stays.
        Package("legacy", "1.0", conffile: "legacy.conf");

        // Replaced, with the file of the same name that both have.
        Package("weed", "1.0", file: "growth");
        Package("plant", "1.0", file: "growth", fields: ["Conflicts: weed", "Replaces: weed"]);

        Package("fresh", "1.0", conffile: "fresh.conf", fields: "Pre-Depends: libfresh");
        Package("libfresh", "1.0");

        // On hold, and no part of the update.
        Package("frozen", "1.0");
        Package("frozen", "2.0");

        repository.Package(
            "index",
            "1.0",
            triggers: "interest /usr/share/parts",
            postinst: Write("index", "$(ls /usr/share/parts | grep -v dpkg)")
        );

        void Package(
            string name,
            string version,
            string? depends = null,
            string? conffile = null,
            string? file = null,
            params string[] fields
        ) =>
            repository.Package(
                name,
                version,
                depends,
                preinst: "true",
                postinst: $"[ $1 != configure ] || {{ {Write(name, version)}; }}",
                prerm: "true",
                postrm: $"case $1 in remove | purge) rm -f /var/lib/parts/{name} ;; esac",
                conffile: conffile is null ? null : $"/etc/parts/{conffile}=of {name} {version}",
                file: $"/usr/share/parts/{file ?? name}={string.Concat(Enumerable.Range(0, Lines).Select(line => $"line {line} of {name} {version}\n"))}",
                fields: fields
            );
    }

    // dpkg syncs what it writes itself; that a package is configured is worth no more than what its script has done to that end.
    private static string Write(string name, string text) =>
        $"mkdir -p /var/lib/parts; echo \"{text}\" >/var/lib/parts/{name}; sync /var/lib/parts/{name} /var/lib/parts";

    /// <summary>Makes a machine one that the update is for.</summary>
    public static void Prepare(Machine machine) =>
        machine.Run(
            $$"""
            export DEBIAN_FRONTEND=noninteractive
            apt-get -qq update
            apt-get -qq -y install sensor=1.0 libpart=1.0 panel=1.0 codec=2.0 legacy weed frozen=1.0 index
            apt-mark auto libpart
            apt-mark hold frozen
            echo edited >>/etc/parts/sensor.conf
            echo edited >>/etc/parts/legacy.conf
            cat >{{Manifest}} <<'JSON'
            {
              "name": "parts", "version": "2",
              "packages": [
                { "name": "sensor", "version": "2.0" }, { "name": "panel", "version": "2.0" }, { "name": "codec", "version": "1.0" },
                { "name": "legacy-" }, { "name": "plant" }, { "name": "fresh" },
                { "name": "{{Published.Agent}}" }
              ]
            }
            JSON
            """
        );
}
