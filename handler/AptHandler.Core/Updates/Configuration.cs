using System.Text.Json;
using System.Text.Json.Serialization;
using AptHandler.Apt;
using AptHandler.Files;

namespace AptHandler.Updates;

/// <summary>What to do with packages that apt would remove although nobody asked for it.</summary>
public enum UnlistedRemovals
{
    /// <summary>Refuse the update, and name them.</summary>
    Refuse,

    /// <summary>Let them go, and report them. Essential and protected packages stay all the same.</summary>
    Allow,
}

/// <summary>The configuration of the handler: <c>/etc/du-apt-handler/config.json</c>. Every member is optional; an unknown one is an error.</summary>
/// <remarks>Members have setters because generated JSON code drops the default value of a member that can only be initialized.</remarks>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record Configuration
{
    /// <summary>Where it is looked for when nothing else is said.</summary>
    public const string DefaultFile = "/etc/du-apt-handler/config.json";

    /// <summary>The environment variable that names another file. It counts only for callers that are root themselves.</summary>
    public const string FileVariable = "DU_APT_HANDLER_CONFIG";

    private const int LargestFile = 1 << 20;

    /// <summary>A file in the format of apt.conf(5) that describes a private root; without it apt works on this machine.</summary>
    public string? AptConfig { get; set; }

    /// <summary>The folder for records of updates and results.</summary>
    public string StateDir { get; set; } = "/var/lib/du-apt-handler";

    /// <summary>The folder for the lock and the progress of the worker; a reboot may empty it.</summary>
    public string RunDir { get; set; } = "/run/du-apt-handler";

    /// <summary>The folder for logs, which the agent's log collection uploads.</summary>
    public string LogDir { get; set; } = "/var/log/adu";

    /// <summary>The agent's list of installed criteria, shared with the reference handler.</summary>
    public string InstalledCriteriaFile { get; set; } = "/var/lib/adu/installedcriteria";

    /// <summary>What to do with removals that the manifest does not list.</summary>
    public UnlistedRemovals UnlistedRemovals { get; set; }

    /// <summary>Names of packages that are never removed, besides essential ones, apt, dpkg, init, deviceupdate-agent and du-apt-handler.</summary>
    public IReadOnlyList<string> ProtectedPackages { get; set; } = [];

    /// <summary>How many seconds to wait, in all, for the locks of apt and dpkg and for another update.</summary>
    public int LockTimeoutSeconds { get; set; } = 600;

    /// <summary>The machine or private root.</summary>
    [JsonIgnore]
    public AptSystem System { get; private init; } = AptSystem.Host;

    /// <summary>Reads the configuration.</summary>
    /// <param name="file">A file that must exist, or null for <see cref="DefaultFile"/>, which may be missing.</param>
    /// <exception cref="UpdateException">The file cannot be used; the message names file, line and remedy.</exception>
    public static Configuration Load(string? file)
    {
        string path = file ?? DefaultFile;
        try
        {
            if (file is null && !File.Exists(path))
                return new Configuration();
            byte[] text = BoundedFile.Read(path, LargestFile, followLinks: true);
            Configuration read = JsonSerializer.Deserialize(WithoutMark(text), CoreJson.Default.Configuration)
                ?? throw new JsonException("the file holds null instead of an object");
            read.Validate();
            return read.AptConfig is null ? read : read with { System = AptSystem.Read(read.AptConfig) };
        }
        catch (JsonException e)
        {
            // The runtime's own sentence ends with the path and the place, which are told better before it.
            string cause = e.Message.Split(" Path: ")[0].TrimEnd('.');
            throw new UpdateException(
                ExtendedResult.Configuration, $"cannot use {path}, line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}: {cause}; see du-apt --help for the members");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new UpdateException(ExtendedResult.Configuration, $"cannot use {path}: {e.Message}");
        }
    }

    private void Validate()
    {
        foreach ((string name, string? value) in new[]
        {
            ("aptConfig", AptConfig), ("stateDir", StateDir), ("runDir", RunDir), ("logDir", LogDir), ("installedCriteriaFile", InstalledCriteriaFile),
        })
        {
            if (value is null && name != "aptConfig")
                throw new InvalidDataException($"{name} is null; write an absolute path, or leave the member out");
            if (value is not null && !Path.IsPathFullyQualified(value))
                throw new InvalidDataException($"{name} is \"{value}\"; write an absolute path");
        }

        if (!Enum.IsDefined(UnlistedRemovals))
            throw new InvalidDataException("unlistedRemovals is a number; write \"refuse\" or \"allow\"");
        if (ProtectedPackages is null || ProtectedPackages.Any(name => name is null))
            throw new InvalidDataException("protectedPackages is null or holds null; write a list of names of packages");
        if (LockTimeoutSeconds is < 0 or > 86400)
            throw new InvalidDataException($"lockTimeoutSeconds is {LockTimeoutSeconds}; write a number from 0 to 86400");
    }

    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> text) => text.StartsWith("\uFEFF"u8) ? text[3..] : text;
}
