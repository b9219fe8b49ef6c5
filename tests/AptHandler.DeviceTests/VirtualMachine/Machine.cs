using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using AptHandler.SystemTests.Fixtures;

namespace AptHandler.DeviceTests.VirtualMachine;

/// <summary>
/// A whole device in an emulator: a kernel, systemd, a disk that outlives power cuts. All that appears on its console is kept in
/// artifacts/virtual-machine.
/// </summary>
public sealed class Machine : IDisposable
{
    /// <summary>Longer than the emulator takes on a busy machine for anything that ends.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    // What the emulator, and the lines to the guest, may take longer than the guest's own clock says.
    private static readonly TimeSpan Allowance = TimeSpan.FromSeconds(30);

    // Seconds, on a machine at rest. Once in some hundred starts the emulator says nothing for minutes; until here nothing of the disk runs
    // but the kernel.
    private static readonly TimeSpan PatienceForKernel = TimeSpan.FromMinutes(1);
    private const string InitBegins = "] Run /sbin/init";
    private const int Starts = 3;

    // The emulator ends with its input, so with the tests, however those end. In a process namespace of its own there is no other to be
    // hit.
    private const string Emulate = """
        exec 3<&0
        "$@" & emulator=$!
        { cat <&3 >/dev/null; kill -KILL "$emulator"; } &
        wait "$emulator"
        """;

    private readonly TemporaryFolder _folder = new("machine");
    private RunningCommand? _emulator;
    private Socket? _commands;
    private StreamReader? _answers;
    private int _count;

    /// <summary>Makes a machine, which is not started yet.</summary>
    /// <param name="name">The name of the file with its log, without extension.</param>
    /// <param name="disk">
    /// A disk that another machine has left, to begin with a copy of it; null: the one with which every machine begins.
    /// </param>
    public Machine(string name, string? disk = null)
    {
        MachineDisk.Copy(disk ?? MachineDisk.Original, Disk);
        var logs = Path.Combine(SourceTree.Root, "artifacts", "virtual-machine");
        Directory.CreateDirectory(logs);
        LogFile = Path.Combine(logs, $"{name}.log");
        File.WriteAllText(LogFile, "");
    }

    /// <summary>
    /// The file with what appeared on the console, of all starts, and between that the commands of the test and their output.
    /// </summary>
    public string LogFile { get; }

    private string Disk => Path.Combine(_folder, "disk.img");

    private string Log => File.ReadAllText(LogFile);

    /// <summary>Starts the machine from its disk, and waits until it takes commands.</summary>
    public void Start()
    {
        for (var start = 1; ; start++)
        {
            var begun = Log.Length;
            StartEmulator();
            if (start == Starts || BeginsInit(begun))
                break;
            CutPower();
            File.AppendAllText(LogFile, $"[test] the kernel did not come as far as init within {PatienceForKernel}; it is started again\n");
        }

        if (ReadLine(Patience) != "ready")
            throw new InvalidOperationException($"the commands of the machine did not begin with 'ready'; {Evidence}");
    }

    /// <summary>Runs shell commands as root, however they end.</summary>
    /// <param name="timeout">After that the guest ends them, and the exit status is 124.</param>
    public Outcome Try(string script, TimeSpan? timeout = null)
    {
        var watch = Stopwatch.StartNew();
        var limit = timeout ?? Patience;
        var id = $"{++_count}";
        _commands!.Send(
            Encoding.ASCII.GetBytes($"{id} {(int)limit.TotalSeconds} {Convert.ToBase64String(Encoding.UTF8.GetBytes(script))}\n")
        );
        for (; ; )
        {
            // The answer to a command that was given up may still come.
            if (ReadLine(limit + Allowance)?.Split(' ') is not [var answered, var status, var output])
                throw new InvalidOperationException($"the machine went away while it ran '{script}'; {Evidence}");
            if (answered != id)
                continue;
            var outcome = new Outcome(int.Parse(status), Encoding.UTF8.GetString(Convert.FromBase64String(output)), "", watch.Elapsed);
            File.AppendAllText(
                LogFile,
                $"[test] {script}\n[test] exit status {status} after {watch.Elapsed.TotalSeconds:0.0} s\n{outcome.Output}\n"
            );
            return outcome;
        }
    }

    /// <summary>Runs shell commands as root that must succeed, and ends at the first that does not.</summary>
    /// <returns>What they print.</returns>
    public string Run(string script, TimeSpan? timeout = null) =>
        Try($"set -e\n{script}", timeout).Succeeded($"run '{script}' on the machine").Output;

    /// <summary>Waits until a shell condition holds in the guest.</summary>
    public void WaitUntil(string condition)
    {
        if (Try($"until {condition}; do sleep 0.5; done", Patience).ExitStatus != 0)
            throw new TimeoutException($"waited in vain for '{condition}' on the machine; {Evidence}");
    }

    /// <summary>Waits until the text has appeared on the console.</summary>
    public void WaitForConsole(string text)
    {
        for (var watch = Stopwatch.StartNew(); !Log.Contains(text, StringComparison.Ordinal); Thread.Sleep(50))
        {
            if (watch.Elapsed > Patience || _emulator is not { HasEnded: false })
                throw new TimeoutException($"waited in vain for '{text}' on the console; {Evidence}");
        }
    }

    /// <summary>Whether the machine is not running.</summary>
    public bool IsOff => _emulator is not { HasEnded: false };

    /// <summary>
    /// Waits until the machine has shut itself down. A reboot ends there, too; <see cref="Start"/> is what comes after it.
    /// </summary>
    /// <returns>How long that took.</returns>
    public TimeSpan WaitUntilOff()
    {
        var watch = Stopwatch.StartNew();
        try
        {
            _emulator!.Wait(Patience).Succeeded("run the emulator");
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"the machine did not shut down; {Evidence}", e);
        }

        Close();
        return watch.Elapsed;
    }

    /// <summary>Copies the disk to a file, as a shutdown would leave it now.</summary>
    public void CopyDiskTo(string file)
    {
        if (!IsOff)
            Run("sync; fsfreeze --freeze /");
        MachineDisk.Copy(Disk, file);
        if (!IsOff)
            Run("fsfreeze --unfreeze /");
    }

    /// <summary>Takes the power away: what was not written to the disk is lost.</summary>
    public void CutPower()
    {
        _emulator?.CloseInput();
        _emulator?.Wait();
        Close();
    }

    public void Dispose()
    {
        if (!IsOff)
            CutPower();
        Close();
        _folder.Dispose();
    }

    private string Evidence =>
        $"see {LogFile}, which ends with\n{string.Join('\n', Log.Split('\n').TakeLast(20))}\n{_emulator?.ErrorsSoFar}";

    private void StartEmulator()
    {
        var line = Path.Combine(_folder, $"commands-{++_count}");
        string[] words =
        [
            "--pid",
            "--fork",
            "--kill-child",
            "sh",
            "-c",
            Emulate,
            "sh",
            .. Emulator.Program,
            "-accel",
            "tcg",
            "-m",
            "512",
            "-smp",
            "1",
            "-nodefaults",
            "-display",
            "none",
            "-no-reboot",
            "-kernel",
            MachineDisk.Kernel,
            "-append",
            $"root=/dev/nvme0n1 rw console={Emulator.Console} panic=-1 systemd.journald.forward_to_console=1",
            "-drive",
            $"file={Disk},if=none,id=disk,format=raw,cache=writeback",
            "-device",
            "nvme,drive=disk,serial=disk",
            "-chardev",
            $"file,id=console,path={LogFile},append=on",
            "-serial",
            "chardev:console",
            "-chardev",
            $"socket,id=commands,path={line},server=on,wait=on",
            .. Emulator.SecondLine("commands"),
        ];
        _emulator = new RunningCommand("unshare", words);
        _commands = Connect(line);
        _answers = new StreamReader(new NetworkStream(_commands), Encoding.ASCII);
    }

    private bool BeginsInit(int logBegins)
    {
        for (var watch = Stopwatch.StartNew(); !IsOff && watch.Elapsed < PatienceForKernel; Thread.Sleep(50))
        {
            if (Log.IndexOf(InitBegins, logBegins, StringComparison.Ordinal) >= 0)
                return true;
        }

        return false;
    }

    // The emulator waits for this before it lets the guest begin, so that nothing is said to nobody.
    private Socket Connect(string path)
    {
        for (var watch = Stopwatch.StartNew(); ; Thread.Sleep(20))
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                socket.Connect(new UnixDomainSocketEndPoint(path));
                return socket;
            }
            catch (SocketException e)
            {
                socket.Dispose();
                if (watch.Elapsed > Patience || IsOff)
                    throw new InvalidOperationException($"cannot start the emulator: {e.Message}; {_emulator?.ErrorsSoFar}", e);
            }
        }
    }

    private string? ReadLine(TimeSpan timeout)
    {
        _commands!.ReceiveTimeout = (int)timeout.TotalMilliseconds;
        try
        {
            return _answers!.ReadLine();
        }
        catch (IOException e)
        {
            throw new TimeoutException($"the machine did not answer within {timeout}; {Evidence}", e);
        }
    }

    private void Close()
    {
        _answers?.Dispose();
        _commands?.Dispose();
        _emulator?.Dispose();
        (_answers, _commands, _emulator) = (null, null, null);
    }
}
