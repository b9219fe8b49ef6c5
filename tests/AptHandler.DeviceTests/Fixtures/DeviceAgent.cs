using AptHandler.SystemTests.Fixtures;

namespace AptHandler.DeviceTests.Fixtures;

/// <summary>
/// The agent's process on a device: user adu, the handler that is registered, its hash verified. What is to be run, in the words of
/// <c>agent-host --help</c>.
/// </summary>
public sealed record DeviceAgent(Device Device)
{
    public const string Registration = "/var/lib/adu/extensions/update_content_handlers/microsoft_apt_1/content_handler.json";

    private const string Host = "/usr/lib/adu/agent-host";
    public const string Steps = "/var/lib/adu/extensions/sources/libmicrosoft_steps_1.so";

    /// <summary>The apt manifest.</summary>
    public required string Manifest { get; init; }

    public string Criteria { get; init; } = "1.0";

    /// <summary>The id of the workflow.</summary>
    public string Id { get; init; } = "workflow-1";

    /// <summary>A file of the device that must be there before the scenarios of cancelling cancel.</summary>
    public string? CancelWhen { get; init; }

    /// <summary>Whether it is root, as on some images, instead of user adu.</summary>
    public bool IsRoot { get; init; }

    /// <summary>Added to the agent's environment.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <summary>Starts the agent, which ends with its deployment: a second run is the agent after a restart.</summary>
    public AgentReport Run(string scenario = "deploy", TimeSpan? timeout = null)
    {
        using var running = Start(scenario);
        running.CloseInput();
        return Checked(running, timeout);
    }

    /// <summary>The same, for tests that interfere.</summary>
    public RunningCommand Start(string scenario)
    {
        var manifest = Device.Write($"/tmp/{Id}.json", Manifest);
        List<string> words =
        [
            Host,
            "--registration",
            Registration,
            "--steps",
            Steps,
            "--scenario",
            scenario,
            "--workdir",
            $"/var/lib/adu/downloads/{Id}",
            "--id",
            Id,
            "--payload",
            manifest,
            "--criteria",
            Criteria,
        ];
        if (CancelWhen is not null)
            words.AddRange(["--when", CancelWhen]);
        return IsRoot ? Device.Start(words, Environment) : Device.StartAsAgent(words, Environment);
    }

    /// <summary>What the agent says at its end; it must find nothing amiss, whatever the update's fate is.</summary>
    public static AgentReport Checked(RunningCommand running, TimeSpan? timeout = null)
    {
        var report = AgentReport.Read(running.Wait(timeout));
        report.Process.ExitStatus.Should().Be(0, report.Process.Text);
        return report;
    }

    /// <summary>Whether the handler says that the update is installed: 900 or 901.</summary>
    public int IsInstalled() => Run("is-installed").Call("IsInstalled").Result.Code;
}
