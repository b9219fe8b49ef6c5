using AptHandler.Files;
using AptHandler.Processes;
using AptHandler.Settings;

namespace AptHandler.CommandLine.Installation;

/// <summary>Adds the library to the agent's registration, and removes it again.</summary>
/// <param name="configuration">The configuration of the device.</param>
/// <param name="agent">The agent of the device.</param>
/// <param name="say">Is called with sentences about what was done.</param>
internal sealed class Registrar(Configuration configuration, DeviceUpdateAgent agent, Action<string> say)
{
    // The update type of the agent's own handler, and where the agent's package puts that handler.
    private const string ReferenceType = "microsoft/apt:1";
    private const string ReferenceLibrary = "sources/libmicrosoft_apt_1.so";

    private const int LongestTalk = 4096;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static readonly string[] Environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C.UTF-8"];

    /// <summary>Registers the library for the configured update type, and remembers the library that it replaces.</summary>
    /// <returns>Whether it is registered now; false where there is no agent yet.</returns>
    /// <exception cref="IOException">It cannot be registered.</exception>
    public bool Register()
    {
        string type = configuration.UpdateType;
        RegisteredBefore? before = RegisteredBefore.Read(configuration) is { IsGivenBack: false } remembered ? remembered : null;
        if (before is not null && before.UpdateType != type)
        {
            GiveBack(before.UpdateType, before.Library);
            RegisteredBefore.Forget(configuration);
            before = null;
        }

        HandlerLibrary own = HandlerLibrary.Own();
        var file = new RegistrationFile(agent, type);
        if (!agent.IsThere)
        {
            say(
                "There is no Device Update agent on this machine yet. Register again when there is one; the Debian package does "
                    + "so by itself."
            );
            return false;
        }

        string? inTheWay = TryRead(file, out Registration? there);
        if (there == Registration.Of(own) && IsForAgent(file))
        {
            if (before is null)
                new RegisteredBefore(type, null).Write(configuration);
            say($"{own.Path} is registered for {type} already.");
            return true;
        }

        // This is written before anything is changed: after a power cut in between, nothing else knows the old library.
        if (there is not null && there.Library != own.Path && HandlerLibrary.IsPlausible(there.Library))
            new RegisteredBefore(type, there.Library).Write(configuration);
        else if (before is null)
            new RegisteredBefore(type, null).Write(configuration);

        // The agent's program follows links, and writes as root to the file that a link leads to.
        string? whyNot =
            !agent.HasProgram ? $"there is no {DeviceUpdateAgent.Program}"
            : inTheWay is not null ? inTheWay
            : AskAgent(type, own, file);
        if (whyNot is null)
        {
            say($"{own.Path} is registered for {type}.");
            return true;
        }

        if (!file.Write(own))
        {
            say($"The Device Update agent is not set up yet ({whyNot}). Register again when it is; the Debian package does so by itself.");
            return false;
        }

        say($"{own.Path} is registered for {type}. {file.Path} was written directly, because {whyNot}.");
        return true;
    }

    /// <summary>Gives back the update type that was taken, and the one that is configured now, to their former libraries.</summary>
    /// <exception cref="IOException">A registration cannot be changed.</exception>
    public void Unregister()
    {
        RegisteredBefore? before = RegisteredBefore.Read(configuration);
        if (before is not null)
            GiveBack(before.UpdateType, before.Library);
        if (before?.UpdateType != configuration.UpdateType)
            GiveBack(configuration.UpdateType, null);
        new RegisteredBefore(configuration.UpdateType, null) { IsGivenBack = true }.Write(configuration);
    }

    private void GiveBack(string type, string? before)
    {
        var file = new RegistrationFile(agent, type);
        _ = TryRead(file, out Registration? there);
        if (there?.Library != HandlerFiles.Library)
        {
            say(there is null ? $"This handler is not registered for {type}." : $"{type} belongs to {there.Library} and is left as it is.");
            return;
        }

        string? reference = type == ReferenceType ? Path.Combine(agent.ExtensionsFolder, ReferenceLibrary) : null;
        foreach (string candidate in new[] { before, reference }.OfType<string>().Distinct(StringComparer.Ordinal))
        {
            try
            {
                if (file.Write(HandlerLibrary.Named(candidate, agent.Owner)))
                {
                    say($"{type} is given back to {candidate}.");
                    return;
                }
            }
            catch (IOException e)
            {
                say($"{type} is not given back to {candidate}: {e.Message}.");
            }
        }

        file.Remove();
        say($"{type} has no handler any more.");
    }

    // Why the registration cannot be read: a part of the path is not a folder, or it is not a file. Null otherwise, also if there is none.
    private static string? TryRead(RegistrationFile file, out Registration? there)
    {
        there = null;
        try
        {
            there = file.Read();
            return null;
        }
        catch (IOException e)
        {
            return e.Message;
        }
    }

    private bool IsForAgent(RegistrationFile file) => file.FirstClosedTo(agent.Owner) is null;

    // Null if it worked. The agent's exit status alone is no proof.
    private string? AskAgent(string type, HandlerLibrary own, RegistrationFile file)
    {
        string[] arguments =
        [
            "-l",
            "2",
            "--extension-type",
            "updateContentHandler",
            "--extension-id",
            type,
            "--register-extension",
            own.Path,
        ];
        using var output = Descriptor.InMemory("agent");
        ExitStatus? exit;
        try
        {
            using ChildProcess child = ChildProcess.Spawn(
                new ChildStart(DeviceUpdateAgent.Program, arguments, Environment) { Output = output.Number, Error = output.Number }
            );
            exit = child.Wait(Patience);
            if (exit is null)
                child.Terminate(TimeSpan.FromSeconds(5));
        }
        catch (IOException e)
        {
            return e.Message;
        }

        if (exit is null)
            return $"{DeviceUpdateAgent.Program} did not end within {Patience.TotalSeconds} seconds";
        if (!exit.Value.IsSuccess)
            return $"{DeviceUpdateAgent.Program} ended with {exit}{LastWords(output)}";
        return TryRead(file, out Registration? there) is null && there == Registration.Of(own) && IsForAgent(file)
            ? null
            : $"{DeviceUpdateAgent.Program} reported success, but the registration is not as it should be";
    }

    private static string LastWords(Descriptor output)
    {
        string text = output.ReadEnd(LongestTalk).TrimEnd();
        string last = text[(text.LastIndexOf('\n') + 1)..].Trim();
        return last.Length > 0 ? $" and said: {last}" : "";
    }
}
