using System.Text.Json;
using System.Text.Json.Serialization;
using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Files;
using AptHandler.Native;

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

    private static readonly string[] Members =
    [
        "aptConfig", "stateDir", "runDir", "logDir", "installedCriteriaFile", "unlistedRemovals", "protectedPackages", "lockTimeoutSeconds",
        "updateType",
    ];

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

    /// <summary>The update type that the library is registered for in the agent.</summary>
    public string UpdateType { get; set; } = "microsoft/apt:1";

    /// <summary>The machine or private root.</summary>
    [JsonIgnore]
    public AptSystem System { get; private init; } = AptSystem.Host;

    /// <summary>
    /// The file that the environment names, or null. It counts only for a caller that is root itself: a user's variable must not redirect what
    /// a root worker will be told.
    /// </summary>
    public static string? FileOfEnvironment =>
        Libc.EffectiveUser() == 0 && Environment.GetEnvironmentVariable(FileVariable) is { Length: > 0 } file ? file : null;

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
                ?? throw new InvalidDataException("it holds null instead of an object; the README lists the members");
            read.Validate();
            return read.AptConfig is null ? read : read with { System = AptSystem.Read(read.AptConfig) };
        }
        catch (JsonException e)
        {
            throw new UpdateException(
                ExtendedResult.Configuration, $"cannot use {path}, line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}: {CauseOf(e)}; the README lists the members");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new UpdateException(ExtendedResult.Configuration, $"cannot use {path}: {e.Message}");
        }
    }

    // What the runtime says of a value names its own types. Where the text is no JSON its sentence is good, but for its end, which tells the place again.
    private static string CauseOf(JsonException failure)
    {
        if (failure.InnerException is JsonException)
            return failure.Message.Split(" Path: ")[0].Split(" LineNumber: ")[0].TrimEnd('.');
        string member = (failure.Path ?? "$").TrimStart('$', '.').Split('[')[0];
        if (member.Length == 0)
            return "it holds something else than an object";
        return Members.Contains(member, StringComparer.Ordinal) ? $"{member} has a value of the wrong kind" : $"there is no member \"{member}\"";
    }

    // The generated code sets null where the text says null, whatever the types of the members promise.
    private void Validate()
    {
        foreach ((string name, string? value, bool isOptional) in new[]
        {
            ("aptConfig", AptConfig, true), ("stateDir", StateDir, false), ("runDir", RunDir, false), ("logDir", LogDir, false),
            ("installedCriteriaFile", InstalledCriteriaFile, false),
        })
        {
            bool isUsable = value is null ? isOptional : Path.IsPathFullyQualified(value) && !value.Any(char.IsControl);
            if (!isUsable)
                throw new InvalidDataException($"{name} is {(value is null ? "null" : $"\"{value}\"")}; write an absolute path, or leave it out");
        }

        if (LockTimeoutSeconds is < 0 or > 86400)
            throw new InvalidDataException($"lockTimeoutSeconds is {LockTimeoutSeconds}; write a number from 0 to 86400");
        if (!Enum.IsDefined(UnlistedRemovals))
            throw new InvalidDataException($"unlistedRemovals is {UnlistedRemovals}; write refuse or allow");
        if (ProtectedPackages is null || ProtectedPackages.Any(name => !IsName(name)))
            throw new InvalidDataException("protectedPackages holds something else than names of packages; write a list such as [\"openssh-server\"], without architectures");
        if (!IsUpdateType(UpdateType))
            throw new InvalidDataException($"updateType is {(UpdateType is null ? "null" : $"\"{UpdateType}\"")}; write <provider>/<name>:<number>, such as microsoft/apt:1");
    }

    private static bool IsName(string? text) => PackageName.TryParse(text, out PackageName name, out _) && name.Architecture is null;

    // The agent makes the name of a folder of it.
    private static bool IsUpdateType(string? text) =>
        text?.Split('/') is [var provider, var rest] && rest.Split(':') is [var name, var number]
        && IsWord(provider) && IsWord(name) && number.Length > 0 && number.All(char.IsAsciiDigit);

    private static bool IsWord(string text) => text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> text) => text.StartsWith("\uFEFF"u8) ? text[3..] : text;
}
