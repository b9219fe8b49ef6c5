using AptHandler.Logging;
using AptHandler.Processes;
using AptHandler.Updates;
using Microsoft.Extensions.Logging;

namespace AptHandler.CommandLine;

/// <summary>
/// A control group of the worker's own, so that stopping the agent's unit ends neither it nor apt and dpkg. Commands that a person types stay
/// where they are: systemd does not end what runs in a session.
/// </summary>
internal static class OwnScope
{
    /// <summary>Starts this program again in a scope of its own where systemd runs. It returns there, or where that cannot be done.</summary>
    public static void Enter(Configuration configuration)
    {
        if (!WorkerScope.IsWanted)
            return;
        string reason = WorkerScope.Enter(Environment.GetCommandLineArgs()[1..]);
        new AgentLog(configuration.LogDir, "du-apt", LogLevel.Information, TimeProvider.System).LogWarning(
            "cannot move to a scope of systemd of its own, so stopping the agent's unit would end this update, too: {Reason}", reason);
    }
}
