using AptHandler.Apt;
using AptHandler.CommandLine.Commands.Device;
using AptHandler.Fuzzing.Engine;
using AptHandler.Settings;

namespace AptHandler.Fuzzing.Targets;

/// <summary>What configures the handler, and what asks it to work.</summary>
/// <param name="scratch">Where files are written.</param>
internal sealed class ConfigurationTargets(ScratchFolder scratch)
{
    /// <summary>The configuration file: it is taken, or refused with a message of one line.</summary>
    public static void Configuration(byte[] utf8)
    {
        try
        {
            Configuration configuration = ConfigurationReader.Read(utf8);
            Expect.That(
                Enum.IsDefined(configuration.Rollback) && configuration.HealthTimeoutSeconds > 0 && configuration.ScriptTimeoutMinutes > 0,
                "what is taken is within bounds"
            );
        }
        catch (InvalidDataException e)
        {
            Expect.That(!e.Message.Any(char.IsControl), "a message about the configuration is one line");
        }
    }

    /// <summary>A configuration of apt that describes a private root.</summary>
    public void AptOptions(byte[] text)
    {
        string file = scratch.Write("apt.conf", text);
        try
        {
            AptSystem system = AptSystem.Read(file);
            Expect.That(
                system.StatusFile is not null && system.AdminFolder is not null && system.PathOf("/etc") is not null,
                "a private root has its places"
            );
        }
        catch (IOException)
        {
            // It is refused.
        }
    }

    /// <summary>The input of a worker: a request is taken whole or not at all.</summary>
    public static void Worker(byte[] input)
    {
        using var stream = new MemoryStream(input);
        if (WorkerCommand.ReadRequest(stream) is not { } asked)
            return;
        Expect.That(asked.IsComplete && asked.Request.Manifest.Length == asked.ManifestLength, "a request that is taken is complete");
        Expect.That(asked.Id.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'), "the id of a request is no path");
        Expect.That(
            asked.Request.WorkflowId is not null && asked.Request.Place is not null,
            "a request has no null that its type does not promise"
        );
        Expect.That(
            stream.Position == input.AsSpan().IndexOf((byte)'\n') + 1 + asked.ManifestLength,
            "what follows the manifest is left for the next reader"
        );
    }

    /// <summary>The agent's registration of a handler.</summary>
    public static void Registration(byte[] utf8) =>
        Expect.That(
            CommandLine.Installation.Registration.TryParse(utf8) is null or { Library: not null, Hash: not null },
            "a registration is whole"
        );
}
