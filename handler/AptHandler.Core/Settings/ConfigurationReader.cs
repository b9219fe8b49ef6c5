using System.Text.Json;
using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Logging;
using AptHandler.Manifests;

namespace AptHandler.Settings;

/// <summary>
/// Reads the configuration file in the same way as manifests are read. So all its mistakes are reported, each with its place.
/// </summary>
internal ref struct ConfigurationReader
{
    private static readonly MemberNames Members = new([.. ConfigurationMember.All.Select(member => member.Name)])
    {
        CodeOfUnknown = ManifestProblemCodes.UnknownMember,
    };

    private readonly ProblemList _problems;
    private JsonTokens _tokens;
    private string _name = "";

    private ConfigurationReader(JsonText text, ProblemList problems)
    {
        _problems = problems;
        Configuration = new Configuration();
        _tokens = new JsonTokens(text.Readable, text.IsWhole, problems);
    }

    /// <summary>What was read so far.</summary>
    public Configuration Configuration { get; private set; }

    /// <summary>Reads a configuration.</summary>
    /// <param name="utf8">The whole file.</param>
    /// <exception cref="InvalidDataException">The file cannot be used; the message names line, column and remedy.</exception>
    public static Configuration Read(ReadOnlySpan<byte> utf8)
    {
        var problems = new ProblemList();
        JsonText text = JsonText.Of(utf8, "write {} where nothing is to be set", problems);
        var reader = new ConfigurationReader(text, problems);
        if (!text.Readable.IsEmpty)
            reader.ReadMembers();
        return problems.HasErrors
            ? throw new InvalidDataException(new ManifestReading(null, problems.InDocumentOrder(text.Readable)).Summary())
            : reader.Configuration;
    }

    private void ReadMembers()
    {
        if (!_tokens.Next())
            return;
        if (_tokens.Type != JsonTokenType.StartObject)
        {
            _tokens.ReportType(JsonPath.Root, "The configuration must be an object such as {}");
            return;
        }

        SeenMembers seen = default;
        while (_tokens.NextMember(Members, ref seen, JsonPath.Root, out int member))
        {
            _name = Members[member];
            Configuration = ConfigurationMember.All[member].Read(ref this);
        }

        // Read on once more: anything after the last brace is an error.
        _tokens.Next();
    }

    /// <summary>Reads one of several words.</summary>
    /// <param name="words">The words, in the order of the values of their enumeration.</param>
    /// <returns>The index of the word in the list; 0 when the value is wrong.</returns>
    public int Choice(params ReadOnlySpan<string> words)
    {
        int start = _tokens.Start;
        if (ReadText() is not { } word)
            return 0;
        int chosen = words.IndexOf(word);
        if (chosen >= 0)
            return chosen;
        Wrong(start, $"is {Quotation.Of(word)}; write {string.Join(" or ", words.ToArray().Select(each => $"\"{each}\""))}");
        return 0;
    }

    /// <summary>Reads a list of names of packages.</summary>
    public List<string> Packages()
    {
        var packages = new List<string>();
        if (_tokens.Type != JsonTokenType.StartArray)
        {
            _tokens.ReportType(JsonPath.Root.Of(_name), $"\"{_name}\" must be a list such as [\"openssh-server\"]");
            _tokens.SkipValue();
            return packages;
        }

        while (_tokens.Next() && _tokens.Type != JsonTokenType.EndArray)
        {
            int start = _tokens.Start;
            if (_tokens.ReadText(JsonPath.Root.Of(_name), $"A package in \"{_name}\"") is not { } package)
                continue;
            if (PackageName.TryParse(package, out PackageName parsed, out _) && parsed.Architecture is null)
                packages.Add(package);
            else
                Wrong(
                    start,
                    $"holds {Quotation.Of(package)}; write names of packages, without architectures, such as [\"openssh-server\"]"
                );
        }

        return packages;
    }

    /// <summary>Reads a whole number.</summary>
    public int Number(int least, int most)
    {
        if (_tokens.WholeNumber() is { } number && number >= least && number <= most)
            return (int)number;
        if (_tokens.Type == JsonTokenType.Number)
            Wrong(_tokens.Start, $"must be a whole number from {least} to {most}");
        else
            _tokens.ReportType(JsonPath.Root.Of(_name), $"\"{_name}\" must be a whole number from {least} to {most}");
        _tokens.SkipValue();
        return least;
    }

    /// <summary>Reads an update type. The result is empty when the value is wrong.</summary>
    public string UpdateType()
    {
        int start = _tokens.Start;
        if (ReadText() is not { } type)
            return "";
        if (!IsUpdateType(type))
            Wrong(start, $"is {Quotation.Of(type)}; write <provider>/<name>:<number>, such as \"microsoft/apt:1\"");
        return type;
    }

    // The agent turns the update type into the name of a folder.
    private static bool IsUpdateType(string text) =>
        text.Split('/') is [var provider, var rest]
        && rest.Split(':') is [var name, var number]
        && IsWord(provider)
        && IsWord(name)
        && number.Length > 0
        && number.All(char.IsAsciiDigit);

    private static bool IsWord(string text) => text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    /// <summary>Reads the path of apt's configuration, and the private root that this file describes.</summary>
    public Configuration AptConfig()
    {
        if (_tokens.Type == JsonTokenType.Null)
            return Configuration;
        int start = _tokens.Start;
        string path = Path();
        try
        {
            return path.Length == 0 ? Configuration : Configuration with { AptConfig = path, System = AptSystem.Read(path) };
        }
        catch (IOException e)
        {
            Wrong(start, $"cannot be followed: {e.Message}");
            return Configuration;
        }
    }

    /// <summary>Reads an absolute path. The result is empty when the value is wrong.</summary>
    public string Path()
    {
        int start = _tokens.Start;
        if (ReadText() is not { } path)
            return "";
        if (System.IO.Path.IsPathFullyQualified(path) && !path.Any(char.IsControl))
            return path;
        Wrong(start, $"is {Quotation.Of(path)}; write an absolute path, or leave the member out");
        return "";
    }

    private string? ReadText() => _tokens.ReadText(JsonPath.Root.Of(_name), $"\"{_name}\"");

    private readonly void Wrong(int offset, string what) =>
        _problems.Error(ManifestProblemCodes.WrongType, JsonPath.Root.Of(_name), offset, $"\"{_name}\" {what}.");
}
