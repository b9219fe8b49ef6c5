using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using AptHandler.Files;
using AptHandler.Native;
using AptHandler.Plugin.Agent;
using AptHandler.Processes;
using AptHandler.Updates;
using Microsoft.Extensions.Logging;

namespace AptHandler.Plugin;

/// <summary>
/// The worker process (<c>du-apt worker</c>) that does one step as root. It gets its request as the first line of its input and a line
/// <c>cancel</c> later; it tells its result in a file that only root can write. Whatever happens to it cannot touch the agent.
/// </summary>
internal sealed unsafe class Worker : IDisposable
{
    private const string Program = "du-apt";
    private const string InstalledFolder = "/usr/lib/du-apt-handler";
    private const int LargestResult = 4 << 20;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);
    private static int _count;

    private readonly UpdateStep _step;
    private readonly ChildProcess _process;
    private readonly Descriptor _input;
    private readonly string _resultFile;

    private Worker(UpdateStep step, ChildProcess process, Descriptor input, string resultFile) =>
        (_step, _process, _input, _resultFile) = (step, process, input, resultFile);

    /// <summary>Starts a worker for a step.</summary>
    /// <exception cref="UpdateException">It cannot be started.</exception>
    public static Worker Start(UpdateRequest request, Configuration configuration, ILogger log)
    {
        if (Libc.EffectiveUser() != 0)
            throw new UpdateException(ExtendedResult.Initialization, "the agent does not run as root, which this version of the handler needs; run the agent as root");

        // A name of its own for each request: a result of another one is never taken for this one's.
        string id = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}-{Interlocked.Increment(ref _count)}-{DateTime.UtcNow.Ticks:x}");
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(new WorkerRequest(id, request), CoreJson.Default.WorkerRequest), (byte)'\n'];
        if (line.Length > WorkerRequest.LongestLine)
            throw new UpdateException(ExtendedResult.Initialization, "the agent's names for the workflow and its work folder are too long");
        string program = FindProgram();
        List<string> environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8"];
        if (Configuration.FileOfEnvironment is { } file)
            environment.Add($"{Configuration.FileVariable}={file}");

        int* ends = stackalloc int[2];
        if (Libc.Pipe(ends, Libc.O_CLOEXEC) != 0)
            throw new UpdateException(ExtendedResult.Initialization, $"cannot make a pipe: {Libc.Describe(Marshal.GetLastPInvokeError())}");
        var input = new Descriptor(ends[1]);
        try
        {
            ChildProcess process;
            // The worker alone holds the reading end: writing to one that has died must fail, not wait.
            using (var readEnd = new Descriptor(ends[0]))
                process = ChildProcess.Spawn(new ChildStart(program, ["worker"], environment) { Input = readEnd.Number });
            log.LogInformation("{Step}: {Program} runs as process {Id}", request.Step, program, process.Id);
            var worker = new Worker(request.Step, process, input, WorkerResults.PathOf(configuration, id));
            worker.Send(line);
            return worker;
        }
        catch (IOException e)
        {
            input.Dispose();
            throw new UpdateException(ExtendedResult.Initialization, e.Message);
        }
    }

    /// <summary>Waits for the end of the worker.</summary>
    /// <param name="isCancelRequested">Asked ten times a second. The first yes asks the worker to give up at its next safe point.</param>
    public UpdateResult Wait(Func<bool> isCancelRequested)
    {
        ExitStatus? exit;
        bool isCancelled = false;
        do
        {
            if (!isCancelled && isCancelRequested())
            {
                isCancelled = true;
                Send("cancel\n"u8);
            }

            exit = _process.Wait(Tick);
        }
        while (exit is null);

        try
        {
            if (JsonSerializer.Deserialize(BoundedFile.Read(_resultFile, LargestResult), CoreJson.Default.UpdateResult) is { } result)
                return result;
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            // Told below, together with how the worker ended.
        }

        return UpdateResult.Failure(_step, ExtendedResult.WorkerLost, $"the worker ended without a result ({exit}); see its log, and run du-apt status");
    }

    /// <summary>Closes the worker's input.</summary>
    public void Dispose()
    {
        _input.Dispose();
        _process.Dispose();
    }

    private void Send(ReadOnlySpan<byte> line)
    {
        try
        {
            _input.Write(line, "the worker's input");
        }
        catch (IOException)
        {
            // It has ended: Wait will see how.
        }
    }

    private static string FindProgram()
    {
        string? beside = DynamicLinker.FolderOf((delegate* unmanaged<uint*, AducResult>)&Exports.GetContractInfo);
        foreach (string? folder in new[] { beside, InstalledFolder })
        {
            if (folder is not null && File.Exists(Path.Combine(folder, Program)))
                return Path.Combine(folder, Program);
        }

        throw new UpdateException(ExtendedResult.Initialization, $"cannot find {Program} beside the library or in {InstalledFolder}; reinstall du-apt-handler");
    }
}
