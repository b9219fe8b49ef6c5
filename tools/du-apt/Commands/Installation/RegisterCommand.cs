using System.CommandLine;
using System.Runtime.InteropServices;
using AptHandler.CommandLine.Installation;
using AptHandler.CommandLine.Output;
using AptHandler.CommandLine.Shared;
using AptHandler.Files;
using AptHandler.Manifests;
using AptHandler.Native;
using AptHandler.Records;
using AptHandler.Results;
using AptHandler.Settings;

namespace AptHandler.CommandLine.Commands.Installation;

/// <summary>Puts the library into the agent's registration, and takes it out again.</summary>
internal static class RegisterCommand
{
    private static readonly Option<bool> UnlessUnregistered = new("--unless-unregistered")
    {
        Description = "Leave the update type alone where du-apt unregister has given it back: for what registers again by itself.",
    };

    /// <summary>register</summary>
    public static Command Make() =>
        Make(
            "register",
            "Register the library in the Device Update agent, and set owners and modes of the handler's own files.",
            (configuration, agent, say) =>
            {
                Rights.Set(configuration, agent.Owner, say);
                return new Registrar(configuration, agent, say).Register();
            },
            UnlessUnregistered
        );

    /// <summary>unregister</summary>
    public static Command MakeUndo() =>
        Make(
            "unregister",
            "Give the update type back to the handler that had it before.",
            (configuration, agent, say) =>
            {
                new Registrar(configuration, agent, say).Unregister();
                return false;
            }
        );

    private static Command Make(
        string name,
        string description,
        Func<Configuration, DeviceUpdateAgent, Action<string>, bool> work,
        params Option[] options
    )
    {
        var command = new Command(name, description);
        foreach (Option option in options)
            command.Add(option);
        command.SetGuardedAction(parsed =>
        {
            if (Libc.EffectiveUser() != 0)
                throw new UpdateException(ExtendedResult.StateUnusable, $"cannot {name} without root's rights; run sudo du-apt {name}");
            bool asJson = parsed.GetValue(SharedOptions.Json);
            var details = new List<string>();
            Configuration configuration = UsableConfiguration(parsed, Say);
            OwnFolders.Make(configuration);
            using Descriptor turn = TakeTurn(configuration);
            bool isRegistered = false;
            if (parsed.GetValue(UnlessUnregistered) && RegisteredBefore.Read(configuration) is { IsGivenBack: true })
                Say($"{configuration.UpdateType} was given back by du-apt unregister, and stays so until du-apt register.");
            else
                isRegistered = work(configuration, DeviceUpdateAgent.Find(), Say);
            if (asJson)
                ResultOutput.PrintJson(writer =>
                {
                    writer.Text("updateType", configuration.UpdateType);
                    writer.WriteBoolean("isRegistered", isRegistered);
                    writer.Texts("details", details);
                });
            return (int)UpdateOutcome.Done;

            void Say(string sentence)
            {
                details.Add(sentence);
                if (!asJson)
                    Terminal.Print($"{sentence}");
            }
        });
        return command;
    }

    /// <summary>
    /// Waits until no other process registers or unregisters: the package's scripts, its unit and a person may do so at the same time. Each
    /// of them takes a limited time, so this wait is limited, too.
    /// </summary>
    /// <returns>The lock. It ends when this is closed, or with the process.</returns>
    /// <exception cref="IOException">The lock file cannot be opened.</exception>
    private static Descriptor TakeTurn(Configuration configuration)
    {
        string path = Path.Combine(configuration.StateDir, "registration.lock");
        Descriptor file = Descriptor.Open(
            path,
            Libc.O_RDWR | Libc.O_CREAT | Libc.O_NOFOLLOW,
            0x180 /* 0600 */
        );
        while (Libc.FileLock(file.Number, Libc.LOCK_EX) != 0 && Marshal.GetLastPInvokeError() == Libc.EINTR)
            continue;
        return file;
    }

    // A mistake in the device's configuration stops updates, and each update reports it. It must not stop registering, too: the agent would
    // keep the hash of a library that an upgrade has replaced, or the path of one that is about to be removed.
    private static Configuration UsableConfiguration(ParseResult parsed, Action<string> say)
    {
        try
        {
            return SharedOptions.Configuration(parsed);
        }
        catch (UpdateException e) when (parsed.GetValue(SharedOptions.Config) is null && Configuration.FileOfEnvironment is null)
        {
            say($"{e.Message} Going on with the defaults, and with the update type that was registered last.");
            var defaults = new Configuration();
            return RegisteredBefore.Read(defaults) is { } before ? defaults with { UpdateType = before.UpdateType } : defaults;
        }
    }
}
