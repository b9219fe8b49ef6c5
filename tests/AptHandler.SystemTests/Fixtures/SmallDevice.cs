namespace AptHandler.SystemTests.Fixtures;

/// <summary>
/// A device with the handler, the agent's files and the account adu, as it is after the packages were installed: a root of its own whose
/// /usr is that of the host, with a layer above it that takes all changes. Quick to make, and gone with its mounts however the test ends:
/// they are only there for one process, which waits for the end of the test.
/// </summary>
public sealed class SmallDevice : IDisposable
{
    public const string Library = "/usr/lib/du-apt-handler/libdu_apt_handler.so";
    public const string ReferenceLibrary = "/var/lib/adu/extensions/sources/libmicrosoft_apt_1.so";
    public const string Registration = "/var/lib/adu/extensions/update_content_handlers/microsoft_apt_1/content_handler.json";
    public const string AgentProgram = "/usr/bin/AducIotAgent";
    public const string AgentPackage = "deviceupdate-agent";
    public const string AgentConfiguration = "/etc/adu/du-config.json";

    private const string Mounts = """
        root=$1/root over=$1/over
        mkdir "$over"
        mount -t tmpfs none "$over"
        mkdir "$over/changes" "$over/work"
        mount -t overlay -o "lowerdir=/usr,upperdir=$over/changes,workdir=$over/work" none "$root/usr"
        mount --bind /proc "$root/proc"
        for node in null zero full random urandom; do
          : >"$root/dev/$node"
          mount --bind "/dev/$node" "$root/dev/$node"
        done
        [ -z "$2" ] || mount --bind "$2" "$root/srv"
        echo ready
        exec cat
        """;

    // Numbers that no account of the host has, so that nothing works by accident.
    private const string Files = """
        mkdir -p usr proc dev srv tmp root run etc/apt/apt.conf.d etc/apt/preferences.d etc/apt/sources.list.d etc/apt/trusted.gpg.d etc/adu \
          etc/du-apt-handler var/lib/apt/lists/partial var/cache/apt/archives/partial var/log/apt var/log/adu var/lib/dpkg/info \
          var/lib/dpkg/updates var/lib/dpkg/triggers var/lib/adu/extensions/sources var/lib/adu/extensions/update_content_handlers
        chmod 1777 tmp
        cp -P /bin /sbin /lib* .
        cp /etc/ld.so.cache etc
        echo 'passwd: files' >etc/nsswitch.conf
        printf '%s\n' 'root:x:0:0::/root:/bin/sh' '_apt:x:42:65534::/:/bin/false' 'adu:x:1990:1991::/var/lib/adu:/bin/false' \
          'somebody:x:1992:1992::/:/bin/sh' >etc/passwd
        printf '%s\n' 'root:x:0:' 'adu:x:1991:' 'somebody:x:1992:' >etc/group
        : >var/lib/dpkg/status
        : >var/lib/dpkg/available
        echo 1 >var/lib/dpkg/info/format
        echo 'deb [trusted=yes] copy:/srv stable main' >etc/apt/sources.list
        echo '{}' >etc/du-apt-handler/config.json
        cat >etc/adu/du-config.json <<'JSON'
        {
          "schemaVersion": "1.1", "aduShellTrustedUsers": [ "adu", "do" ], "manufacturer": "contoso", "model": "toaster",
          "agents": [ { "name": "main", "runas": "adu", "connectionSource": { "connectionType": "string", "connectionData": "none" },
                        "manufacturer": "contoso", "model": "toaster" } ]
        }
        JSON
        echo 'the reference handler' >var/lib/adu/extensions/sources/libmicrosoft_apt_1.so
        chown -R 1990:1991 var/lib/adu var/log/adu etc/adu
        chmod 0770 var/lib/adu var/lib/adu/extensions var/lib/adu/extensions/*
        chmod 0750 var/log/adu
        """;

    // What AducIotAgent does to register a handler, and its adu-shell as far as it can be looked at (agent-contract.md, 1 and 5).
    private const string Agent = """
        cat >/usr/bin/AducIotAgent <<'SCRIPT'
        #!/bin/sh
        set -e
        [ "$1 $2 $3 $4 $5 $7" = "-l 2 --extension-type updateContentHandler --extension-id --register-extension" ] || exit 64
        echo "$@" >>/var/log/AducIotAgent.calls
        parent=/var/lib/adu/extensions/update_content_handlers
        folder=$parent/$(printf %s "$6" | sed 's/[^a-zA-Z0-9-]/_/g')
        mkdir -p "$folder"
        chown adu:adu "$parent" "$folder"
        chmod 0770 "$parent" "$folder"
        hash=$(sha256sum "$8" | cut -c-64)
        printf '{\n   "fileName":"%s",\n   "sizeInBytes":%s,\n   "hashes": {\n        "sha256":"%s"\n   },\n   "handlerId":"%s"\n}\n' \
          "$8" "$(stat -c %s "$8")" "$(perl -e 'print pack "H*", shift' "$hash" | base64 -w 0)" "$6" >"$folder/content_handler.json"
        SCRIPT
        chmod 0755 /usr/bin/AducIotAgent
        echo '#!/bin/sh' >/usr/bin/adu-shell
        chown root:adu /usr/bin/adu-shell
        chmod 04550 /usr/bin/adu-shell
        mkdir -p /usr/lib/systemd/system
        printf '[Unit]\nDescription=Agent\n[Service]\nType=simple\nUser=adu\nGroup=adu\nExecStart=/usr/bin/AducIotAgent\n' \
          >/usr/lib/systemd/system/deviceupdate-agent.service
        """;

    private const string Handler = """
        mkdir -p /usr/lib/du-apt-handler
        mv /tmp/du-apt /tmp/libdu_apt_handler.so /tmp/du-apt-root /usr/lib/du-apt-handler
        ln -s ../lib/du-apt-handler/du-apt /usr/bin/du-apt
        """;

    private readonly TemporaryFolder _folder = new("device");
    private readonly RunningCommand _mounts;

    /// <param name="repository">What the device's sources hold, at copy:/srv; they are not read yet. Null: an empty folder.</param>
    public SmallDevice(Repository? repository = null)
    {
        var root = Path.Combine(_folder, "root");
        Directory.CreateDirectory(root);
        Command.Run("sh", ["-ec", $"cd \"$1\"\n{Files}", "sh", root]).Succeeded("make the files of a device");
        File.Copy(SourceTree.DuApt, At("/tmp/du-apt"));
        File.Copy(SourceTree.HandlerLibrary, At("/tmp/libdu_apt_handler.so"));
        File.Copy(SourceTree.Script("package/du-apt-root"), At("/tmp/du-apt-root"));
        _mounts = new RunningCommand("unshare", ["--mount", "sh", "-ec", Mounts, "sh", _folder, repository?.Location ?? ""]);
        _mounts.WaitForText("ready");
        Shell(Handler);
        Shell(Agent);
    }

    private string[] InMounts => ["--mount", "--target", $"{_mounts.ProcessId}"];

    /// <summary>Where a file of the device is for this process; not below /usr, and not through absolute links.</summary>
    public string At(string path) => _folder + "/root" + path;

    /// <summary>The content of a file; null where there is none.</summary>
    public string? Read(string path) => File.Exists(At(path)) ? File.ReadAllText(At(path)) : null;

    /// <summary>Writes a file; it belongs to root.</summary>
    public void Write(string path, string content) => File.WriteAllText(At(path), content);

    /// <summary>Runs a script on the device, as root; it must succeed.</summary>
    public string Shell(string script) => Run("sh", ["-ec", script]).Succeeded($"run on the device: {script}").Output;

    /// <summary>Puts an empty file system in memory over a folder of the device.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="options">As for mount(8): "size=50m".</param>
    public void Mount(string path, string options) =>
        Command.Run("nsenter", [.. InMounts, "mount", "-t", "tmpfs", "-o", options, "none", At(path)]).Succeeded($"mount over {path}");

    /// <summary>owner:group mode, such as "root:adu 2750".</summary>
    public string Rights(string path) => Shell($"stat -c '%U:%G %a' '{path}'").TrimEnd();

    /// <summary>du-apt as root.</summary>
    public Outcome DuApt(params string[] arguments) => Run("/usr/bin/du-apt", arguments);

    /// <summary>A program of the device.</summary>
    /// <param name="program">Its name.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="user">Another user than root, with the group of that name.</param>
    public Outcome Run(string program, IEnumerable<string> arguments, string user = "root")
    {
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["DU_APT_HANDLER_CONFIG"] = null,
            ["LC_ALL"] = "C.UTF-8",
        };
        return Command.Run("nsenter", [.. InMounts, "chroot", $"--userspec={user}:{user}", At(""), program, .. arguments], environment);
    }

    public void Dispose()
    {
        _mounts.CloseInput();
        _mounts.Wait();
        _mounts.Dispose();
        _folder.Dispose();
    }
}
