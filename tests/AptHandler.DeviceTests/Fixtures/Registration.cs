using System.Security.Cryptography;
using System.Text.Json;

namespace AptHandler.DeviceTests.Fixtures;

/// <summary>What is registered on a device for an update type.</summary>
/// <param name="Library">The library that the agent is to load.</param>
/// <param name="HasRightHash">Whether the agent would: it compares the hash first.</param>
/// <param name="UpdateType">The update type that the file names.</param>
public sealed record Registration(string Library, bool HasRightHash, string UpdateType)
{
    public static readonly Registration OfProduct = new(
        "/usr/lib/du-apt-handler/libdu_apt_handler.so",
        HasRightHash: true,
        "microsoft/apt:1"
    );
    public static readonly Registration OfAgent = new(
        "/var/lib/adu/extensions/sources/libmicrosoft_apt_1.so",
        HasRightHash: true,
        "microsoft/apt:1"
    );

    /// <summary>Reads it with the agent's rights.</summary>
    public static Registration? Of(Device device, string folder = "microsoft_apt_1")
    {
        var file = $"/var/lib/adu/extensions/update_content_handlers/{folder}/content_handler.json";
        if (!device.Exists(file))
            return null;
        var outcome = device.ShellAsAgent($"cat {file}");
        using var text = JsonDocument.Parse(outcome.Succeeded("read the registration as the agent").Output);
        var library = text.RootElement.GetProperty("fileName").GetString()!;
        var hash = text.RootElement.GetProperty("hashes").GetProperty("sha256").GetString();
        var bytes = File.ReadAllBytes(device.At(library));
        var isRight =
            Convert.ToBase64String(SHA256.HashData(bytes)) == hash
            && text.RootElement.GetProperty("sizeInBytes").GetInt64() == bytes.Length;
        return new Registration(library, isRight, text.RootElement.GetProperty("handlerId").GetString()!);
    }
}
