using System.CommandLine;
using System.Text;
using System.Text.Json;
using AptHandler.CommandLine.Shared;
using AptHandler.Processes;
using AptHandler.Records;
using AptHandler.Requests;
using AptHandler.Results;
using AptHandler.Settings;
using Microsoft.Extensions.Logging;

namespace AptHandler.CommandLine.Commands.Device;

/// <summary>
/// What the plugin starts: one step, asked for by the first line of standard input (JSON) and the manifest behind it, with its result in a
/// file. A later line <c>cancel</c> gives it up; the end of the input means that the agent is gone, and the step goes on and finishes.
/// Whoever writes here may have fewer rights than the worker, so no file is opened that the input names.
/// </summary>
internal static class WorkerCommand
{
    public static Command Make()
    {
        var command = new Command("worker", "Do a step for the plugin; the request is read from standard input.") { Hidden = true };
        command.SetGuardedAction(parsed => Work(SharedOptions.Configuration(parsed)));
        return command;
    }

    private static int Work(Configuration configuration)
    {
        Inheritance.Shed();

        // So that stopping the agent's unit ends neither this worker nor apt and dpkg. Commands that a person types stay where they are:
        // systemd does not end what runs in a session.
        string? whyNoScope = WorkerScope.IsWanted ? WorkerScope.Enter(Environment.GetCommandLineArgs()[1..]) : null;
        Stream input = Console.OpenStandardInput();
        if (ReadRequest(input) is not { } asked)
            throw new UpdateException(ExtendedResult.Internal, "the worker's request is not valid; it is made by the plugin, not by hand");
        OwnFolders.Make(configuration);

        using var runner = new StepRunner(configuration, asked.Request.WorkflowId);
        if (whyNoScope is not null)
            runner.Log.LogWarning(
                "cannot move to a scope of systemd of its own, so stopping the agent's unit would end this update, too: {Reason}",
                whyNoScope
            );
        var listener = new Thread(() => Listen(input, runner)) { IsBackground = true, Name = "cancel" };
        listener.Start();
        UpdateResult result = runner.Run(runner.Quietly(), asked.Request);
        WorkerResults.Write(configuration, asked.Id, result);
        return (int)result.Outcome;
    }

    /// <summary>Reads a request with its manifest, and nothing of what follows.</summary>
    /// <returns>The request; null where the input does not begin with a whole one.</returns>
    internal static WorkerRequest? ReadRequest(Stream input) =>
        ReadLine(input) is { } line && TryParse(line) is { IsComplete: true } asked && ReadManifest(input, asked) is { } manifest
            ? asked with
            {
                Request = asked.Request with { Manifest = manifest },
            }
            : null;

    private static void Listen(Stream input, StepRunner runner)
    {
        try
        {
            while (ReadLine(input) is { } line)
            {
                if (line == "cancel")
                    runner.Cancel();
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The same as the end of the input.
        }
    }

    private static WorkerRequest? TryParse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, CoreJson.Default.WorkerRequest);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static byte[]? ReadManifest(Stream input, WorkerRequest asked)
    {
        var manifest = new byte[asked.ManifestLength];
        return input.ReadAtLeast(manifest, manifest.Length, throwOnEndOfStream: false) == manifest.Length ? manifest : null;
    }

    // Byte by byte: what follows the line belongs to the next reader. Null at the end, and for a line without one.
    private static string? ReadLine(Stream input)
    {
        var line = new List<byte>();
        for (int read; (read = input.ReadByte()) >= 0; )
        {
            if (read == '\n')
                return Encoding.UTF8.GetString([.. line]);
            if (line.Count == WorkerRequest.LongestLine)
                return null;
            line.Add((byte)read);
        }

        return null;
    }
}
