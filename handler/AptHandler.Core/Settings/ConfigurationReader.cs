using System.Diagnostics;
using System.Text.Json;
using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Logging;
using AptHandler.Manifests;

namespace AptHandler.Settings;

/// <summary>
/// Reads the configuration file as manifests are read, so that its mistakes are told in the same way: all of them, each with its place.
/// </summary>
internal ref struct ConfigurationReader
{
    private const int LongestTimeout = 86400;

    /// <summary>
    /// The members, of which <see cref="ConfigurationMember.All"/> tells more. The texts there need not be in the agent's memory.
    /// </summary>
    internal static readonly MemberNames Members = new(
        "unlistedRemovals",
        "protectedPackages",
        "allowSources",
        "rollback",
        "rollbackDeployment",
        "snapshot",
        "cancelDuringInstall",
        "reboot",
        "scriptTimeoutMinutes",
        "healthDir",
        "healthTimeoutSeconds",
        "lockTimeoutSeconds",
        "updateType",
        "aptConfig",
        "stateDir",
        "runDir",
        "logDir",
        "installedCriteriaFile"
    )
    {
        CodeOfUnknown = ManifestProblemCodes.UnknownMember,
    };

    private readonly ProblemList _problems;
    private JsonTokens _tokens;

    private ConfigurationReader(JsonText text, ProblemList problems)
    {
        _problems = problems;
        _tokens = new JsonTokens(text.Readable, text.IsWhole, problems);
    }

    /// <summary>Reads a configuration.</summary>
    /// <param name="utf8">The whole file.</param>
    /// <exception cref="InvalidDataException">It cannot be used; the message names line, column and remedy.</exception>
    public static Configuration Read(ReadOnlySpan<byte> utf8)
    {
        var problems = new ProblemList();
        var configuration = new Configuration();
        JsonText text = JsonText.Of(utf8, "write {} where nothing is to be set", problems);
        if (!text.Readable.IsEmpty)
            configuration = new ConfigurationReader(text, problems).Read(configuration);
        return problems.HasErrors
            ? throw new InvalidDataException(new ManifestReading(null, problems.InDocumentOrder(text.Readable)).Summary())
            : configuration;
    }

    private Configuration Read(Configuration configuration)
    {
        if (!_tokens.Next())
            return configuration;
        if (_tokens.Type != JsonTokenType.StartObject)
        {
            _tokens.ReportType(JsonPath.Root, "The configuration must be an object such as {}");
            return configuration;
        }

        SeenMembers seen = default;
        while (_tokens.NextMember(Members, ref seen, JsonPath.Root, out int member))
        {
            string name = Members[member];
            configuration = name switch
            {
                "unlistedRemovals" => configuration with { UnlistedRemovals = (UnlistedRemovals)ReadChoice(name, "refuse", "allow") },
                "protectedPackages" => configuration with { ProtectedPackages = ReadPackages(name) },
                "allowSources" => configuration with { AllowSources = (AllowSources)ReadChoice(name, "off", "https", "any") },
                "rollback" => configuration with { Rollback = (RollbackPolicy)ReadChoice(name, "best-effort", "required", "off") },
                "rollbackDeployment" => configuration with { RollbackDeployment = (RollbackScope)ReadChoice(name, "step", "deployment") },
                "snapshot" => configuration with { Snapshot = (SnapshotPolicy)ReadChoice(name, "off", "auto") },
                "cancelDuringInstall" => configuration with { CancelDuringInstall = (CancelDuringInstall)ReadChoice(name, "undo", "keep") },
                "reboot" => configuration with { Reboot = (RebootPolicy)ReadChoice(name, "report", "deferred", "immediate") },
                "lockTimeoutSeconds" => configuration with { LockTimeoutSeconds = ReadNumber(name, 0, LongestTimeout) },
                "scriptTimeoutMinutes" => configuration with { ScriptTimeoutMinutes = ReadNumber(name, 1, LongestTimeout / 60) },
                "healthDir" => configuration with { HealthDir = ReadPath(name) },
                "healthTimeoutSeconds" => configuration with { HealthTimeoutSeconds = ReadNumber(name, 1, LongestTimeout) },
                "updateType" => configuration with { UpdateType = ReadUpdateType(name) },
                "aptConfig" => ReadAptConfig(name, configuration),
                "stateDir" => configuration with { StateDir = ReadPath(name) },
                "runDir" => configuration with { RunDir = ReadPath(name) },
                "logDir" => configuration with { LogDir = ReadPath(name) },
                "installedCriteriaFile" => configuration with { InstalledCriteriaFile = ReadPath(name) },
                _ => throw new UnreachableException($"nothing reads {name}"),
            };
        }

        // One step more: what follows the last brace is a fault.
        _tokens.Next();
        return configuration;
    }

    // The place of the word in the list, which is the value of its enumeration; the first where there was a mistake.
    private int ReadChoice(string name, params ReadOnlySpan<string> words)
    {
        int start = _tokens.Start;
        if (ReadText(name) is not { } word)
            return 0;
        int chosen = words.IndexOf(word);
        if (chosen >= 0)
            return chosen;
        Wrong(name, start, $"is {Quotation.Of(word)}; write {string.Join(" or ", words.ToArray().Select(each => $"\"{each}\""))}");
        return 0;
    }

    private List<string> ReadPackages(string name)
    {
        var packages = new List<string>();
        if (_tokens.Type != JsonTokenType.StartArray)
        {
            _tokens.ReportType(JsonPath.Root.Of(name), $"\"{name}\" must be a list such as [\"openssh-server\"]");
            _tokens.SkipValue();
            return packages;
        }

        while (_tokens.Next() && _tokens.Type != JsonTokenType.EndArray)
        {
            int start = _tokens.Start;
            if (_tokens.ReadText(JsonPath.Root.Of(name), $"A package in \"{name}\"") is not { } package)
                continue;
            if (PackageName.TryParse(package, out PackageName parsed, out _) && parsed.Architecture is null)
                packages.Add(package);
            else
                Wrong(
                    name,
                    start,
                    $"holds {Quotation.Of(package)}; write names of packages, without architectures, such as [\"openssh-server\"]"
                );
        }

        return packages;
    }

    private int ReadNumber(string name, int least, int most)
    {
        if (_tokens.WholeNumber() is { } number && number >= least && number <= most)
            return (int)number;
        if (_tokens.Type == JsonTokenType.Number)
            Wrong(name, _tokens.Start, $"must be a whole number from {least} to {most}");
        else
            _tokens.ReportType(JsonPath.Root.Of(name), $"\"{name}\" must be a whole number from {least} to {most}");
        _tokens.SkipValue();
        return least;
    }

    private string ReadUpdateType(string name)
    {
        int start = _tokens.Start;
        if (ReadText(name) is not { } type)
            return "";
        if (!IsUpdateType(type))
            Wrong(name, start, $"is {Quotation.Of(type)}; write <provider>/<name>:<number>, such as \"microsoft/apt:1\"");
        return type;
    }

    // The agent makes the name of a folder of it.
    private static bool IsUpdateType(string text) =>
        text.Split('/') is [var provider, var rest]
        && rest.Split(':') is [var name, var number]
        && IsWord(provider)
        && IsWord(name)
        && number.Length > 0
        && number.All(char.IsAsciiDigit);

    private static bool IsWord(string text) => text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    private Configuration ReadAptConfig(string name, Configuration configuration)
    {
        if (_tokens.Type == JsonTokenType.Null)
            return configuration;
        int start = _tokens.Start;
        string path = ReadPath(name);
        try
        {
            return path.Length == 0 ? configuration : configuration with { AptConfig = path, System = AptSystem.Read(path) };
        }
        catch (IOException e)
        {
            Wrong(name, start, $"cannot be followed: {e.Message}");
            return configuration;
        }
    }

    // Empty where there was a mistake.
    private string ReadPath(string name)
    {
        int start = _tokens.Start;
        if (ReadText(name) is not { } path)
            return "";
        if (Path.IsPathFullyQualified(path) && !path.Any(char.IsControl))
            return path;
        Wrong(name, start, $"is {Quotation.Of(path)}; write an absolute path, or leave the member out");
        return "";
    }

    private string? ReadText(string name) => _tokens.ReadText(JsonPath.Root.Of(name), $"\"{name}\"");

    private readonly void Wrong(string name, int offset, string what) =>
        _problems.Error(ManifestProblemCodes.WrongType, JsonPath.Root.Of(name), offset, $"\"{name}\" {what}.");
}
