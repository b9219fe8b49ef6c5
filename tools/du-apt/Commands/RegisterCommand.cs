using System.CommandLine;
using AptHandler.CommandLine.Installation;
using AptHandler.CommandLine.Output;
using AptHandler.Native;
using AptHandler.Updates;

namespace AptHandler.CommandLine.Commands;

/// <summary>Puts the library into the agent's registration, and takes it out again.</summary>
internal static class RegisterCommand
{
    /// <summary>register</summary>
    public static Command Make() => Make(
        "register",
        "Register the library in the Device Update agent, and set owners and modes of the handler's own files.",
        (configuration, agent, say) =>
        {
            Rights.Set(configuration, agent.Owner, say);
            return new Registrar(configuration, agent, say).Register();
        });

    /// <summary>unregister</summary>
    public static Command MakeUndo() => Make(
        "unregister",
        "Give the update type back to the handler that had it before.",
        (configuration, agent, say) =>
        {
            new Registrar(configuration, agent, say).Unregister();
            return false;
        });

    private static Command Make(string name, string description, Func<Configuration, DeviceUpdateAgent, Action<string>, bool> work)
    {
        var command = new Command(name, description);
        command.SetAction(parsed => Failures.Guard(parsed, () =>
        {
            Configuration configuration = SharedOptions.Configuration(parsed);
            if (Libc.EffectiveUser() != 0)
                throw new UpdateException(ExtendedResult.StateUnusable, $"cannot {name} without root's rights; run sudo du-apt {name}");
            bool asJson = parsed.GetValue(SharedOptions.Json);
            var details = new List<string>();
            bool isRegistered = work(configuration, DeviceUpdateAgent.Find(), sentence =>
            {
                details.Add(sentence);
                if (!asJson)
                    Console.Out.WriteLine(Terminal.Plain(sentence));
            });
            if (asJson)
                Results.PrintJson(writer =>
                {
                    writer.WriteString("updateType", configuration.UpdateType);
                    writer.WriteBoolean("isRegistered", isRegistered);
                    writer.WriteStartArray("details");
                    foreach (string sentence in details)
                        writer.WriteStringValue(sentence);
                    writer.WriteEndArray();
                });
            return (int)UpdateOutcome.Done;
        }));
        return command;
    }
}
