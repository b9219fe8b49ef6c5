using System.Text.Json;
using AptHandler.Files;

namespace AptHandler.CommandLine.Installation;

/// <summary>
/// The Device Update agent of this machine: its files, its user, and what its configuration says (agent-contract.md, 1 and 5). The folder
/// of the configuration belongs to the agent's user, so what is read from it is only believed as far as that user could do the same itself.
/// </summary>
internal sealed class DeviceUpdateAgent
{
    /// <summary>The agent's program, which also registers handlers.</summary>
    public const string Program = "/usr/bin/AducIotAgent";

    /// <summary>The agent's configuration.</summary>
    public const string ConfigurationFile = "/etc/adu/du-config.json";

    /// <summary>The agent's Debian package.</summary>
    public const string Package = "deviceupdate-agent";

    /// <summary>Where the agent's package puts the setuid program that the agent becomes root by.</summary>
    public const string DefaultShell = "/usr/bin/adu-shell";

    /// <summary>Where the agent's package puts its data.</summary>
    public const string DefaultDataFolder = "/var/lib/adu";

    /// <summary>Where the agent's package puts registrations and handlers.</summary>
    public const string DefaultExtensionsFolder = $"{DefaultDataFolder}/{ExtensionsName}";

    private const string ExtensionsName = "extensions";
    private const int LargestConfiguration = 1 << 20;

    private readonly string _dataFolder;
    private readonly bool _isMoved;

    private DeviceUpdateAgent(JsonElement configuration, string? problem)
    {
        ConfigurationProblem = problem;
        Account = Files.Account.Find(Files.Account.OfAgent);
        _dataFolder = PathOf(configuration, "dataFolder") ?? DefaultDataFolder;
        ExtensionsFolder = PathOf(configuration, "extensionsFolder") ?? Path.Combine(_dataFolder, ExtensionsName);
        _isMoved = ExtensionsFolder != DefaultExtensionsFolder;
        ShellFile = PathOf(configuration, "aduShellFolder") is { } shellFolder
            ? Path.Combine(shellFolder, Path.GetFileName(DefaultShell))
            : DefaultShell;
        TrustedUsers = Texts(configuration, "aduShellTrustedUsers");
    }

    /// <summary>The account that the agent runs as, or null where there is none: then the agent runs as root.</summary>
    public Account? Account { get; }

    /// <summary>Whose the agent's files are.</summary>
    public Account Owner => Account ?? Files.Account.Root;

    /// <summary>Whether the agent's program is there.</summary>
    public bool HasProgram { get; } = File.Exists(Program);

    /// <summary>The folder of the registrations, and of the agent's own handlers.</summary>
    public string ExtensionsFolder { get; }

    /// <summary>The setuid program that the agent becomes root by.</summary>
    public string ShellFile { get; }

    /// <summary>Whom that program serves, or null where the configuration does not say.</summary>
    public IReadOnlyList<string>? TrustedUsers { get; }

    /// <summary>Why the agent's configuration cannot be used, or null.</summary>
    public string? ConfigurationProblem { get; }

    /// <summary>Looks at the agent of this machine.</summary>
    /// <exception cref="IOException">Its account cannot be looked up now.</exception>
    public static DeviceUpdateAgent Find()
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(BoundedFile.Read(ConfigurationFile, LargestConfiguration));
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new DeviceUpdateAgent(document.RootElement, null)
                : new DeviceUpdateAgent(default, $"{ConfigurationFile} holds no JSON object");
        }
        catch (JsonException e)
        {
            return new DeviceUpdateAgent(
                default,
                $"{ConfigurationFile} is not valid JSON from line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1} on"
            );
        }
        catch (FileNotFoundException)
        {
            return new DeviceUpdateAgent(default, $"there is no {ConfigurationFile}");
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            return new DeviceUpdateAgent(default, e.Message);
        }
    }

    /// <summary>Opens a folder, without following links where the agent's user could have made them.</summary>
    /// <param name="path">An absolute path.</param>
    /// <param name="isPassable">
    /// Asked about every folder on the way, the last one included, whether to go on; null where all may be passed.
    /// </param>
    /// <returns>The folder, or null where there is none, or where a part of the way may not be passed.</returns>
    /// <exception cref="IOException">A part of the way is a link or no folder, or may not be entered.</exception>
    public static GuardedFolder? OpenFolder(string path, Func<GuardedFolder, bool>? isPassable = null)
    {
        // Up to here the folders are root's on every Debian, and some images reach them by a link.
        const string TopOfDefault = "/var/lib";
        string top = path.StartsWith(TopOfDefault + "/", StringComparison.Ordinal) ? TopOfDefault : "/";
        GuardedFolder? folder = GuardedFolder.Open(top);
        foreach (string name in path[top.Length..].Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            using GuardedFolder? parent = folder;
            folder = parent?.Enter(name);
            if (folder is null)
                return null;
            if (isPassable?.Invoke(folder) == false)
            {
                folder.Dispose();
                return null;
            }
        }

        return folder;
    }

    /// <summary>Opens the folder of the extensions.</summary>
    /// <returns>The folder, or null where there is none.</returns>
    /// <exception cref="IOException">A part of its way is a link or no folder, or may not be entered.</exception>
    public GuardedFolder? OpenExtensions() => OpenFolder(ExtensionsFolder);

    /// <summary>
    /// Whether there is an agent that could load a library: its program, or the folder in which it looks for registrations.
    /// </summary>
    /// <exception cref="IOException">A part of the way to the folder is a link or no folder, or may not be entered.</exception>
    public bool IsThere
    {
        get
        {
            if (HasProgram)
                return true;
            using GuardedFolder? extensions = OpenExtensions();
            return extensions is not null;
        }
    }

    /// <summary>Whether the folder is there in which registrations are made.</summary>
    /// <exception cref="IOException">A part of the way to it is a link or no folder, or may not be entered.</exception>
    public bool IsSetUp
    {
        get
        {
            using GuardedFolder? folder = OpenFolder(_isMoved ? ExtensionsFolder : _dataFolder);
            return folder is not null;
        }
    }

    /// <summary>Opens the folder of the extensions to write there; it is made where only that one is missing.</summary>
    /// <returns>The folder, or null where the agent is not set up yet.</returns>
    /// <exception cref="IOException">It cannot be made, or is none of the agent's.</exception>
    public GuardedFolder? OpenExtensionsForWriting()
    {
        if (!_isMoved)
        {
            using GuardedFolder? data = OpenFolder(_dataFolder);
            return data?.EnterOrMake(ExtensionsName);
        }

        // Somebody who can write the agent's configuration must not choose where root makes files: only where the agent's user can itself.
        GuardedFolder? moved = OpenExtensions();
        if (moved is null || moved.Status.User == Owner.User)
            return moved;
        moved.Dispose();
        throw new IOException(
            $"cannot write in {ExtensionsFolder}, which {ConfigurationFile} names: the folder does not belong to the agent's user"
        );
    }

    // Only what the agent would take, too; anything else counts as not said.
    private static string? PathOf(JsonElement configuration, string member) =>
        configuration.ValueKind == JsonValueKind.Object
        && configuration.TryGetProperty(member, out JsonElement value)
        && TextOf(value) is { } text
        && Path.IsPathFullyQualified(text)
        && !text.Any(char.IsControl)
            ? Path.TrimEndingDirectorySeparator(Path.GetFullPath(text))
            : null;

    private static List<string>? Texts(JsonElement configuration, string member)
    {
        if (
            configuration.ValueKind != JsonValueKind.Object
            || !configuration.TryGetProperty(member, out JsonElement value)
            || value.ValueKind != JsonValueKind.Array
        )
            return null;
        var texts = new List<string>();
        foreach (JsonElement each in value.EnumerateArray())
        {
            if (TextOf(each) is { } text)
                texts.Add(text);
        }

        return texts;
    }

    /// <summary>The text of a JSON value, or null where it is none.</summary>
    internal static string? TextOf(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Half of a character passes the parser.
            return null;
        }
    }
}
