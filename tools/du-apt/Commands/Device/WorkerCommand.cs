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
/// What the plugin starts: it runs one step. Standard input has the request in its first line (JSON), and the manifest after it. The result
/// goes into a file. A later line <c>cancel</c> cancels the step. The end of the input means that the agent is gone; the step still goes on
/// and finishes. The sender may have fewer rights than the worker, so the worker opens no file that the input names.
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

        // When the agent's unit is stopped, this worker, apt and dpkg must keep running. Commands that a person types need no scope:
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
    /// <returns>The request; null where the input does not start with a whole request.</returns>
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
            // Treated like the end of the input.
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

    // Reads byte by byte, because the next reader needs what follows the line. Null at the end of the input, and if no line feed follows.
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
