using System.Text.Json.Nodes;
using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Installation;

/// <summary>A device for one test, on which the library was not registered yet.</summary>
public abstract class RegistrationTest : IDisposable
{
    protected const string Memory = "/var/lib/du-apt-handler/registration.json";
    protected const string TypeFolder = "/var/lib/adu/extensions/update_content_handlers/microsoft_apt_1";

    protected SmallDevice Device { get; } = new();

    public void Dispose()
    {
        Device.Dispose();
        GC.SuppressFinalize(this);
    }

    protected string HashOnDevice(string path) =>
        Convert.ToBase64String(Convert.FromHexString(Device.Shell($"sha256sum {path}").Split(' ')[0]));

    protected string Register() => Device.DuApt("register").Succeeded("register").Output;

    protected string Unregister() => Device.DuApt("unregister").Succeeded("unregister").Output;

    // As the agent's package does in its postinst.
    protected void RegisterReference() =>
        Device.Shell(
            "AducIotAgent -l 2 --extension-type updateContentHandler --extension-id microsoft/apt:1 --register-extension "
                + $"{SmallDevice.ReferenceLibrary}"
        );

    protected (string? Library, string? Hash) Registered()
    {
        var content = JsonNode.Parse(Device.Read(SmallDevice.Registration)!)!;
        return ((string?)content["fileName"], (string?)content["hashes"]!["sha256"]);
    }

    protected (string? UpdateType, string? Library) Remembered()
    {
        var content = JsonNode.Parse(Device.Read(Memory)!)!;
        return ((string?)content["updateType"], (string?)content["library"]);
    }
}
