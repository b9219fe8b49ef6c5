using AptHandler.Files;

namespace AptHandler.CommandLine.Installation.Checks;

/// <summary>Checks whether the agent loads this handler.</summary>
internal static class RegistrationChecks
{
    public static Finding OfOurs(ExaminedDevice device)
    {
        string type = device.Configuration.UpdateType;
        var file = new RegistrationFile(device.Agent, type);
        if (!device.Agent.IsThere)
            return Finding.Ok("there is no agent that would load the library");
        if (!file.Exists)
        {
            return Finding.Problem(
                $"no handler is registered for {type}: there is no {file.Path}",
                device.Agent.IsSetUp
                    ? device.Register
                    : $"reinstall {DeviceUpdateAgent.Package}, which makes that folder, then {device.Register}"
            );
        }

        if (file.Read() is not { } there)
            return Finding.Problem($"the agent cannot use {file.Path}: it is damaged", device.Register);
        if (!HandlerFiles.IsInstalledCopy && there.Library == HandlerFiles.InstalledLibrary)
            return Finding.Ok($"{type} belongs to {there.Library}, which is the installed copy");
        if (there.Library != HandlerFiles.Library)
        {
            return Finding.Problem(
                $"{type} belongs to {there.Library}",
                $"{device.Register}, and again after each upgrade of the agent, unless the Debian package does that"
            );
        }

        if (there != Registration.Of(HandlerLibrary.Own()))
            return Finding.Problem($"the agent refuses {there.Library}: it has another hash than {file.Path} says", device.Register);
        return file.FirstClosedTo(device.Agent.Owner) is { } closed
            ? Finding.Problem($"the agent cannot read {file.Path}: {closed} is closed to it", RemedyFor(device, closed, file))
            : Finding.Ok($"{type} belongs to {there.Library}, with the right hash");
    }

    public static Finding OfOtherTypes(ExaminedDevice device)
    {
        var file = new RegistrationFile(device.Agent, device.Configuration.UpdateType);
        string[] others = [.. file.OthersWith(HandlerFiles.Library).Order(StringComparer.Ordinal)];
        string folder = Path.GetDirectoryName(Path.GetDirectoryName(file.Path))!;
        return others.Length == 0
            ? Finding.Ok("the library is registered for no other update type")
            : Finding.Warning(
                $"the library is also registered in {string.Join(", ", others)} below {folder}, and nobody keeps that hash up to date",
                "remove these folders"
            );
    }

    // The agent's user can write the agent's configuration. So that user must not get a folder only because the configuration names it.
    private static string RemedyFor(ExaminedDevice device, string closed, RegistrationFile file) =>
        closed == file.Path ? device.Register
        : closed == DeviceUpdateAgent.DefaultDataFolder
        || $"{closed}/".StartsWith($"{DeviceUpdateAgent.DefaultExtensionsFolder}/", StringComparison.Ordinal)
            ? $"sudo chown -h {Account.OfAgent}:{Account.OfAgent} {closed} && sudo -u {Account.OfAgent} chmod 0770 {closed}"
        : $"see why {DeviceUpdateAgent.ConfigurationFile} names a folder that the agent cannot enter";
}
