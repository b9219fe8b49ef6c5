using AptHandler.SystemTests.Fixtures;

namespace AptHandler.DeviceTests.Fixtures;

/// <summary>
/// A machine for one test: a real Debian with its own processes, mounts and (no) network. Nothing of it is on the disk of the machine that
/// runs the tests, and nothing is left of it.
/// </summary>
public sealed class Device : IDisposable
{
    /// <summary>Where the repository of the tests is to be found there.</summary>
    public const string Repository = "/opt/repository";

    /// <summary>How the agent starts the worker.</summary>
    public const string AduShell =
        "adu-shell --config-folder /etc/adu --update-type microsoft/script --update-action execute --target-data "
        + "/usr/lib/du-apt-handler/du-apt-root";

    private static readonly IReadOnlyDictionary<string, string> None = new Dictionary<string, string>(StringComparer.Ordinal);

    // With the emulator comes a user namespace.
    private static readonly string[] Namespaces = Architecture.IsEmulated ? ["--user", "--mount"] : ["--mount"];

    private readonly RunningCommand _running;
    private readonly int _first;

    private Device(DeviceImage image, params IEnumerable<string> layers)
        : this([
            "--target",
            $"{image.Holder}",
            .. Namespaces,
            "unshare",
            "--mount",
            "--pid",
            "--net",
            "--fork",
            "--kill-child",
            Script("device.sh"),
            Published.Folder,
            .. layers,
        ]) { }

    private Device(params IEnumerable<string> words)
    {
        _running = new RunningCommand("nsenter", words);
        _running.WaitForText("ready");
        for (var next = $"{_running.ProcessId}"; next.Length > 0; next = File.ReadAllText($"/proc/{next}/task/{next}/children").Trim())
            _first = int.Parse(next);
        // All that follows is done as root in this place: it must not be the machine of the tests.
        if (!Exists($"{Repository}/key.gpg") || Exists(AppContext.BaseDirectory))
            throw new InvalidOperationException("cannot go on: the device has not its own root");
    }

    /// <summary>A device that has none of the packages of the tests.</summary>
    public static Device Bare(string suite) => From(DeviceImage.Bare(suite));

    /// <summary>A device with the agent and this product.</summary>
    public static Device Installed(string suite) => From(DeviceImage.Installed(suite));

    /// <summary>A device of Debian 12 with the agent and this product, whose sources have packages of Debian.</summary>
    public static Device WithDebian() => From(DeviceImage.WithDebian());

    /// <summary>A device that was flashed with an image: the folder of this one where the image is mounted is its root.</summary>
    public Device Flashed(string image) =>
        new([
            "--target",
            $"{_first}",
            .. Namespaces,
            "--pid",
            "--net",
            "--root",
            "--wd",
            "unshare",
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
            "sh",
            "-c",
            File.ReadAllText(Script("boot.sh")),
            "boot.sh",
            image,
        ]);

    /// <summary>The path, for the process of the tests, of a file of the device.</summary>
    public string At(string path) => $"/proc/{_first}/root{path}";

    public bool Exists(string path) => File.Exists(At(path)) || Directory.Exists(At(path));

    public string Read(string path) => File.ReadAllText(At(path));

    /// <summary>Writes a file as root, readable by all.</summary>
    public string Write(string path, string text)
    {
        File.WriteAllText(At(path), text);
        return path;
    }

    /// <summary>Runs a program as root, however it ends.</summary>
    public Outcome Try(string program, params IEnumerable<string> arguments)
    {
        using var running = Start([program, .. arguments]);
        running.CloseInput();
        return running.Wait();
    }

    /// <summary>Runs a program as root that must succeed.</summary>
    public Outcome Run(string program, params IEnumerable<string> arguments) =>
        Try(program, arguments).Succeeded($"run {program} {string.Join(' ', arguments)}");

    /// <summary>Runs shell commands as root that must succeed.</summary>
    public string Shell(string commands) => Run("sh", "-ec", commands).Output;

    /// <summary>Runs shell commands with the agent's rights, however they end.</summary>
    public Outcome ShellAsAgent(string commands)
    {
        using var running = StartAsAgent(["sh", "-c", commands]);
        running.CloseInput();
        return running.Wait();
    }

    /// <summary>Hands a text to the worker as the agent does, through adu-shell, but without the library.</summary>
    public Outcome AskWorker(string input, string options = "", IReadOnlyDictionary<string, string>? environment = null)
    {
        using var running = StartAsAgent(["sh", "-c", $"exec {AduShell} {options}"], environment);
        running.Write(input);
        running.CloseInput();
        return running.Wait(TimeSpan.FromSeconds(60));
    }

    /// <summary>Starts a program with the agent's rights and environment.</summary>
    public RunningCommand StartAsAgent(IEnumerable<string> command, IReadOnlyDictionary<string, string>? environment = null) =>
        Start(["setpriv", "--reuid=adu", "--regid=adu", "--init-groups", .. command], environment);

    /// <summary>Starts a program as root.</summary>
    /// <param name="environment">Added to a usual one; of the tests' own nothing is passed on.</param>
    public RunningCommand Start(IEnumerable<string> command, IReadOnlyDictionary<string, string>? environment = null)
    {
        var variables = new Dictionary<string, string>(environment ?? None, StringComparer.Ordinal);
        variables.TryAdd("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        variables.TryAdd("LC_ALL", "C.UTF-8");
        variables.TryAdd("DEBIAN_FRONTEND", "noninteractive");
        string[] words =
        [
            "--target",
            $"{_first}",
            .. Namespaces,
            "--pid",
            "--net",
            "--root",
            "--wd",
            "/usr/bin/env",
            "-i",
            .. variables.Select(variable => $"{variable.Key}={variable.Value}"),
            .. command,
        ];
        return new RunningCommand("nsenter", words);
    }

    /// <summary>Installs "name" or "name=version" by hand; it must succeed.</summary>
    public Outcome Install(params IEnumerable<string> packages) =>
        Run("apt-get", ["-q", "-y", "--allow-downgrades", "-o", "Dpkg::Options::=--force-confold", "install", .. packages]);

    /// <summary>The version of an installed package; null in every other state.</summary>
    public string? Version(string package) =>
        Try("dpkg-query", "--show", "--showformat=${db:Status-Status} ${Version}", package).Output.Split(' ') is ["installed", var version]
            ? version
            : null;

    /// <summary>dpkg's three words, such as "install ok installed"; null when dpkg does not know the package.</summary>
    public string? Status(string package) =>
        Try("dpkg-query", "--show", "--showformat=${Status}", package) is { ExitStatus: 0, Output: var status } ? status : null;

    /// <summary>Every package with version and state, which must not change where nothing should.</summary>
    public string Packages() => Run("dpkg-query", "--show", "--showformat=${Package} ${Version} ${Status}\n").Output;

    /// <summary>"root:adu 2750" of a file or folder.</summary>
    public string Rights(string path) => Run("stat", "--format=%U:%G %a", path).Output.Trim();

    /// <summary>The names of the programs that run there.</summary>
    public IReadOnlyList<string> Programs() =>
        Shell("cat /proc/[0-9]*/comm 2>/dev/null || true").Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public void Dispose()
    {
        _running.CloseInput();
        _running.Wait();
        _running.Dispose();
    }

    /// <summary>A device whose changes become those of the image.</summary>
    internal static Device Prepare(DeviceImage image) => new(image, image.Layers, "/mnt/image");

    private static string Script(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", name);

    private static Device From(DeviceImage image) => new(image, $"/mnt/image/upper:{image.Layers}");
}
