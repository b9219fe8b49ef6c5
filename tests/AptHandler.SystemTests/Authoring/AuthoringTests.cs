using System.Text.Json;
using AptHandler.SystemTests.Fixtures;
using AptHandler.SystemTests.Updates;

namespace AptHandler.SystemTests.Authoring;

/// <summary>Tests of the commands that write manifests, each with a device.</summary>
/// <typeparam name="TPackages">What is in the repository.</typeparam>
public abstract class AuthoringTests<TPackages>(TPackages packages) : DeviceTests<TPackages>(packages)
    where TPackages : PublishedPackages
{
    /// <summary>du-apt manifest, with the configuration of the device.</summary>
    protected Outcome Manifest(params string[] words) => Root.DuApt(["manifest", .. words]);

    /// <summary>The text of a manifest that the words of the command make.</summary>
    protected string Made(params string[] words) => Manifest(words).Succeeded(string.Join(' ', words)).Output;

    /// <summary>The entries of a locked manifest: "foo 1.0" and "foo-".</summary>
    protected IReadOnlyList<string> Locked(string manifest, params string[] options) => Entries(Made(["lock", manifest, .. options]));

    protected static IReadOnlyList<string> Entries(string manifest)
    {
        using var document = JsonDocument.Parse(manifest);
        return
        [
            .. document
                .RootElement.GetProperty("packages")
                .EnumerateArray()
                .Select(entry =>
                    entry.TryGetProperty("version", out var version)
                        ? $"{entry.GetProperty("name").GetString()} {version.GetString()}"
                        : entry.GetProperty("name").GetString()!
                ),
        ];
    }

    /// <summary>The commands that plan at a desk.</summary>
    protected static string[][] Planning(string manifest) =>
        [
            ["manifest", "lock", manifest],
            ["manifest", "lint", manifest],
            ["state", "expected", "--manifest", manifest],
        ];

    /// <summary>A file of sources with one source.</summary>
    protected string SourcesOf(string uri, string keyring) =>
        Write("other.sources", $"Types: deb\nURIs: {uri}\nSuites: stable\nComponents: main\nSigned-By: {keyring}\n");

    /// <summary>The same in the format of one line.</summary>
    protected string OneLineOf(string uri, string keyring) => Write("other.list", $"deb [signed-by={keyring}] {uri} stable main\n");

    protected string Write(string name, string text)
    {
        File.WriteAllText(Root.At(name), text);
        return Root.At(name);
    }
}
