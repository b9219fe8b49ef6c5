using System.Text.Json;
using AptHandler.Files;
using AptHandler.Native;
using AptHandler.Plugin.Agent;
using AptHandler.Processes;
using AptHandler.Records;
using AptHandler.Requests;
using AptHandler.Results;
using AptHandler.Settings;
using Microsoft.Extensions.Logging;

namespace AptHandler.Plugin;

/// <summary>
/// The worker process (<c>du-apt worker</c>) that does one step as root. It gets its request as the first line of its input, and perhaps a
/// line <c>cancel</c> later. It writes its result to a file that only root can write. A failure of the worker cannot harm the agent. An
/// agent that is not root starts the worker through adu-shell.
/// </summary>
internal sealed unsafe class Worker : IDisposable
{
    private const string Program = "du-apt";
    private const string InstalledFolder = "/usr/lib/du-apt-handler";
    private const string RootProgram = $"{InstalledFolder}/du-apt-root";
    private const string AgentFolder = "/etc/adu";
    private const int LongestLastWords = 400;
    private const int LargestResult = 4 << 20;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);
    private static int _count;

    private readonly UpdateStep _step;
    private readonly string _resultFile;
    private readonly Descriptor _input;
    private readonly Descriptor _output;
    private readonly ChildProcess _process;
    private byte[] _unsent = [];

    private Worker(UpdateStep step, string resultFile, Descriptor input, Descriptor output, ChildProcess process) =>
        (_step, _resultFile, _input, _output, _process) = (step, resultFile, input, output, process);

    /// <summary>Starts a worker for a step.</summary>
    /// <exception cref="UpdateException">The worker cannot be started.</exception>
    public static Worker Start(UpdateRequest request, Configuration configuration, ILogger log)
    {
        // Each request has a name of its own, so that the result of another request is never taken for its result.
        string id = $"{Environment.ProcessId}-{Interlocked.Increment(ref _count)}-{DateTime.UtcNow.Ticks:x}";
        byte[] line =
        [
            .. JsonSerializer.SerializeToUtf8Bytes(new WorkerRequest(id, request, request.Manifest.Length), CoreJson.Default.WorkerRequest),
            (byte)'\n',
        ];
        if (line.Length > WorkerRequest.LongestLine || request.WorkflowId.Length > WorkerRequest.LongestWorkflowId)
            throw new UpdateException(ExtendedResult.Initialization, "the agent's names for the workflow and its work folder are too long");
        (string program, string[] arguments) = Libc.EffectiveUser() == 0 ? (FindProgram(), ["worker"]) : ThroughAduShell();
        List<string> environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8"];
        if (Configuration.FileOfEnvironment is { } file)
            environment.Add($"{Configuration.FileVariable}={file}");

        Descriptor input = default;
        Descriptor output = default;
        try
        {
            output = Descriptor.InMemory("worker");
            (Descriptor readEnd, input) = Descriptor.NonBlockingPipe();
            ChildProcess process;
            // Only the worker holds the reading end: writing to a worker that has died must fail, not wait.
            using (readEnd)
                process = ChildProcess.Spawn(
                    new ChildStart(program, arguments, environment)
                    {
                        Input = readEnd.Number,
                        Output = output.Number,
                        Error = output.Number,
                    }
                );
            log.LogInformation("{Step}: {Program} runs as process {Id}", request.Step, program, process.Id);
            var worker = new Worker(request.Step, WorkerResults.PathOf(configuration, id), input, output, process);
            worker.Send([.. line, .. request.Manifest.Span]);
            return worker;
        }
        catch (IOException e)
        {
            input.Dispose();
            output.Dispose();
            throw new UpdateException(ExtendedResult.Initialization, e.Message);
        }
    }

    /// <summary>
    /// Waits for the result of the worker. It is the last thing that a worker writes. So a process that does not end after that is not
    /// waited for: adu-shell waits for every process that holds its child's output.
    /// </summary>
    /// <param name="isCancelRequested">Asked ten times a second. The first yes asks the worker to stop at its next safe point.</param>
    public UpdateResult Wait(Func<bool> isCancelRequested)
    {
        bool isCancelled = false;
        while (true)
        {
            if (!isCancelled && isCancelRequested())
            {
                isCancelled = true;
                Send([.. "cancel\n"u8]);
            }

            ExitStatus? exit = _process.Wait(Tick);
            Flush();
            if (TryReadResult() is { } result)
            {
                _ = _process.Wait(Farewell);
                return result;
            }

            if (exit is not null)
                return UpdateResult.Failure(
                    _step,
                    ExtendedResult.WorkerLost,
                    $"the worker ended without a result ({exit}{LastWords()}); {Remedy(exit.Value)}"
                );
        }
    }

    /// <summary>Closes the worker's input.</summary>
    public void Dispose()
    {
        _input.Dispose();
        _output.Dispose();
        _process.Dispose();
    }

    private UpdateResult? TryReadResult()
    {
        if (!File.Exists(_resultFile))
            return null;
        try
        {
            return JsonSerializer.Deserialize(BoundedFile.Read(_resultFile, LargestResult), CoreJson.Default.UpdateResult);
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            // Reported as a missing result when the worker ends.
            return null;
        }
    }

    // A worker that has started always ends with one of its own statuses.
    private static string Remedy(ExitStatus exit) =>
        exit is { Code: >= 0 and <= (int)UpdateOutcome.Cancelled } or { Signal: Libc.SIGTERM }
            ? "see its log, and run du-apt doctor"
            : "it may not have been able to start: look for low limits in the agent's unit (LimitAS, LimitDATA, LimitNPROC, "
                + "LimitNOFILE, MemoryMax), and run du-apt doctor";

    // The last output of adu-shell, the loader or the runtime.
    private string LastWords()
    {
        string text = _output.ReadEnd(LongestLastWords).Trim();
        return text.Length == 0 ? "" : $": {text}";
    }

    private void Send(byte[] bytes)
    {
        _unsent = [.. _unsent, .. bytes];
        Flush();
    }

    // A worker that does not read must not block the agent: bytes that do not fit into the pipe are sent later.
    private void Flush()
    {
        try
        {
            _unsent = _unsent[_input.WriteSome(_unsent, "the worker's input")..];
        }
        catch (IOException)
        {
            // The worker has ended; Wait reports how.
            _unsent = [];
        }
    }

    // The agent's own way to become root (agent-contract.md, 5). The group and the environment stay the agent's, so adu-shell does not
    // start du-apt itself.
    private static (string Program, string[] Arguments) ThroughAduShell()
    {
        string shell = Path.Combine(
            AgentFile.Text($"{AgentFolder}/du-config.json", "aduShellFolder") is { } folder && Path.IsPathFullyQualified(folder)
                ? folder
                : "/usr/bin",
            "adu-shell"
        );
        if (!File.Exists(shell))
            throw new UpdateException(
                ExtendedResult.Initialization,
                $"the agent does not run as root, and there is no {shell} to become root; reinstall deviceupdate-agent"
            );
        if (!File.Exists(RootProgram))
            throw new UpdateException(
                ExtendedResult.Initialization,
                $"cannot find {RootProgram}; install the Debian package du-apt-handler"
            );
        return (
            shell,
            [
                "--config-folder",
                AgentFolder,
                "--update-type",
                "microsoft/script",
                "--update-action",
                "execute",
                "--target-data",
                RootProgram,
            ]
        );
    }

    private static string FindProgram()
    {
        string? beside = DynamicLinker.FolderOf((delegate* unmanaged<uint*, AducResult>)&Exports.GetContractInfo);
        foreach (string? folder in new[] { beside, InstalledFolder })
        {
            if (folder is not null && File.Exists(Path.Combine(folder, Program)))
                return Path.Combine(folder, Program);
        }

        throw new UpdateException(
            ExtendedResult.Initialization,
            $"cannot find {Program} beside the library or in {InstalledFolder}; reinstall du-apt-handler"
        );
    }
}
