using System.Text.Json;
using AptHandler.Files;

namespace AptHandler.CommandLine.Installation;

/// <summary>
/// The Device Update agent of this machine: its files, its user, and what its configuration says (agent-contract.md, 1 and 5). The folder
/// of the configuration belongs to the agent's user. So the configuration may not make us do anything that this user could not do itself.
/// </summary>
internal sealed class DeviceUpdateAgent
{
    /// <summary>The agent's program, which also registers handlers.</summary>
    public const string Program = "/usr/bin/AducIotAgent";

    /// <summary>The agent's configuration.</summary>
    public const string ConfigurationFile = "/etc/adu/du-config.json";

    /// <summary>The agent's Debian package.</summary>
    public const string Package = "deviceupdate-agent";

    /// <summary>The setuid program with which the agent becomes root, where the agent's package puts it.</summary>
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

    /// <summary>The account that the agent runs as; null where there is none, and the agent runs as root.</summary>
    public Account? Account { get; }

    /// <summary>The account that owns the agent's files.</summary>
    public Account Owner => Account ?? Files.Account.Root;

    /// <summary>Whether the agent's program is there.</summary>
    public bool HasProgram { get; } = File.Exists(Program);

    /// <summary>The folder of the registrations, and of the agent's own handlers.</summary>
    public string ExtensionsFolder { get; }

    /// <summary>The setuid program with which the agent becomes root.</summary>
    public string ShellFile { get; }

    /// <summary>The users that program serves, or null where the configuration does not say.</summary>
    public IReadOnlyList<string>? TrustedUsers { get; }

    /// <summary>Why the agent's configuration cannot be used, or null.</summary>
    public string? ConfigurationProblem { get; }

    /// <summary>Looks at the agent of this machine.</summary>
    /// <exception cref="IOException">Its account cannot be looked up at the moment.</exception>
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

    /// <summary>Opens a folder. It follows no links in places where the agent's user could have made them.</summary>
    /// <param name="path">An absolute path.</param>
    /// <param name="isPassable">
    /// Called with every folder of the path, the last one included: whether to go on. Null where all may be passed.
    /// </param>
    /// <returns>The folder; null where there is none, or where a folder of the path may not be passed.</returns>
    /// <exception cref="IOException">A part of the path is a link or not a folder, or may not be entered.</exception>
    public static GuardedFolder? OpenFolder(string path, Func<GuardedFolder, bool>? isPassable = null)
    {
        // These folders belong to root on every Debian, and on some images a link leads to them.
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
    /// <exception cref="IOException">A part of its path is a link or not a folder, or may not be entered.</exception>
    public GuardedFolder? OpenExtensions() => OpenFolder(ExtensionsFolder);

    /// <summary>
    /// Whether there is an agent that could load a library: its program, or the folder in which it looks for registrations.
    /// </summary>
    /// <exception cref="IOException">A part of the folder's path is a link or not a folder, or may not be entered.</exception>
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

    /// <summary>Whether the folder for registrations exists.</summary>
    /// <exception cref="IOException">A part of its path is a link or not a folder, or may not be entered.</exception>
    public bool IsSetUp
    {
        get
        {
            using GuardedFolder? folder = OpenFolder(_isMoved ? ExtensionsFolder : _dataFolder);
            return folder is not null;
        }
    }

    /// <summary>Opens the folder of the extensions to write there. It is made if only that folder is missing.</summary>
    /// <returns>The folder, or null where the agent is not set up yet.</returns>
    /// <exception cref="IOException">It cannot be made, or does not belong to the agent.</exception>
    public GuardedFolder? OpenExtensionsForWriting()
    {
        if (!_isMoved)
        {
            using GuardedFolder? data = OpenFolder(_dataFolder);
            return data?.EnterOrMake(ExtensionsName);
        }

        // A user who can write the agent's configuration must not choose where root makes files. So the folder must be the agent's own.
        GuardedFolder? moved = OpenExtensions();
        if (moved is null || moved.Status.User == Owner.User)
            return moved;
        moved.Dispose();
        throw new IOException(
            $"cannot write in {ExtensionsFolder}, which {ConfigurationFile} names: the folder does not belong to the agent's user"
        );
    }

    // Only a value that the agent would accept, too. Any other value counts as missing.
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

    /// <summary>The text of a JSON value, or null where it is not a text.</summary>
    internal static string? TextOf(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // The parser accepts half of a surrogate pair.
            return null;
        }
    }
}
