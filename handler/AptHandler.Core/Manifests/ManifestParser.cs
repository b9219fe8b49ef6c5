using System.Text.Json;

namespace AptHandler.Manifests;

/// <summary>
/// Reads a manifest once, object by object. It knows the structure. The rules for names, versions and repetitions are elsewhere. Reading
/// stops at a JSON fault. Then no member is reported as missing that may be in the unread rest.
/// </summary>
internal ref struct ManifestParser(ReadOnlySpan<byte> text, bool isWhole, ProblemList problems)
{
    private const int RootName = 0,
        RootVersion = 1,
        RootPackages = 2,
        RootRestart = 3,
        RootSources = 4;
    private const int PackageName = 0,
        PackageVersion = 1;

    // "$schema" has no meaning on a device. It lets an editor check and complete the file while it is written.
    private static readonly MemberNames RootMembers = new("name", "version", "packages", "agentRestartRequired", "sources", "$schema");
    private static readonly MemberNames PackageMembers = new("name", "version");

    private readonly ProblemList _problems = problems;
    private readonly PackageList _packages = new(problems);
    private JsonTokens _tokens = new(text, isWhole, problems);
    private PositionCursor _entries = new(text);

    /// <summary>Reads the manifest.</summary>
    /// <returns>The manifest. It may be used only when there is no error. Null when the file has no usable manifest.</returns>
    public AptManifest? Read()
    {
        if (!_tokens.Next())
            return null;
        if (_tokens.Type != JsonTokenType.StartObject)
        {
            _tokens.ReportType(JsonPath.Root, "A manifest must be an object with the members \"name\", \"version\" and \"packages\"");
            // If only the first brace is missing, the fault in the text that follows is the better hint.
            _tokens.SkipValue();
            _tokens.Next();
            return null;
        }

        int start = _tokens.Start;
        string? name = null,
            version = null;
        bool restart = false;
        IReadOnlyList<AptSource> sources = [];
        SeenMembers seen = default;
        while (_tokens.NextMember(RootMembers, ref seen, JsonPath.Root, out int member))
        {
            switch (member)
            {
                case RootName:
                    name = ReadLabel(RootMembers[RootName]);
                    break;
                case RootVersion:
                    version = ReadLabel(RootMembers[RootVersion]);
                    break;
                case RootPackages:
                    ReadPackages();
                    break;
                case RootRestart:
                    restart = ReadRestart();
                    break;
                case RootSources:
                    sources = new SourceReader(_problems).Read(ref _tokens, JsonPath.Root.Of(RootMembers[RootSources]));
                    break;
                default:
                    _tokens.SkipValue();
                    break;
            }
        }

        if (!_tokens.IsStopped)
        {
            Require(
                seen,
                RootMembers,
                RootName,
                JsonPath.Root,
                start,
                "The manifest has no name; add a member such as \"name\": \"contoso-iot-edge\"."
            );
            Require(
                seen,
                RootMembers,
                RootVersion,
                JsonPath.Root,
                start,
                "The manifest has no version; add a member such as \"version\": \"1.0.0\"."
            );
            Require(
                seen,
                RootMembers,
                RootPackages,
                JsonPath.Root,
                start,
                "The manifest has no packages; add a member such as \"packages\": [{ \"name\": \"foo\" }]."
            );
            // One more step reports text behind the last brace as a fault.
            _tokens.Next();
        }

        return name is null || version is null
            ? null
            : new AptManifest
            {
                Name = name,
                Version = version,
                Packages = _packages.Intents,
                Sources = sources,
                AgentRestartRequired = restart,
            };
    }

    private string? ReadLabel(string member)
    {
        JsonPath path = JsonPath.Root.Of(member);
        int start = _tokens.Start;
        string? label = _tokens.ReadText(path, $"The {member} of the manifest");
        if (label is not null && LabelRule.Check(label, member) is Objection objection)
            _problems.Error(objection.Code, path, start, objection.Message);
        return label;
    }

    private bool ReadRestart()
    {
        if (_tokens.Type is JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null)
            return _tokens.Type == JsonTokenType.True;
        JsonPath path = JsonPath.Root.Of(RootMembers[RootRestart]);
        _tokens.ReportType(path, "\"agentRestartRequired\" must be true or false without quotation marks");
        _tokens.SkipValue();
        return false;
    }

    private void ReadPackages()
    {
        JsonPath path = JsonPath.Root.Of(RootMembers[RootPackages]);
        int start = _tokens.Start;
        if (_tokens.Type != JsonTokenType.StartArray)
        {
            _tokens.ReportType(path, "\"packages\" must be an array of objects such as [{ \"name\": \"foo\" }]");
            _tokens.SkipValue();
            return;
        }

        int count = 0;
        for (; _tokens.Next() && _tokens.Type != JsonTokenType.EndArray; count++)
            ReadPackage(count);

        if (count == 0 && !_tokens.IsStopped)
            _problems.Error(
                ManifestProblemCodes.NoPackages,
                path,
                start,
                "The list of packages is empty; add an object such as { \"name\": \"foo\" }."
            );
    }

    private void ReadPackage(int index)
    {
        JsonPath path = JsonPath.Package(index);
        int start = _tokens.Start;
        if (_tokens.Type != JsonTokenType.StartObject)
        {
            _tokens.ReportType(path, "A package must be an object such as { \"name\": \"foo\", \"version\": \"1.0\" }");
            _tokens.SkipValue();
            return;
        }

        var entry = new PackageEntry
        {
            Path = path,
            Start = start,
            Position = _entries.MoveTo(start),
        };
        SeenMembers seen = default;
        while (_tokens.NextMember(PackageMembers, ref seen, path, out int member))
        {
            if (member == PackageName)
            {
                entry.NameStart = _tokens.Start;
                entry.Name = _tokens.ReadText(path.Of(PackageMembers[PackageName]), "The name of a package");
            }
            // Existing agents treat null like a missing version.
            else if (_tokens.Type != JsonTokenType.Null)
            {
                entry.HasVersion = true;
                entry.VersionStart = _tokens.Start;
                entry.Version = _tokens.ReadText(path.Of(PackageMembers[PackageVersion]), "The version of a package");
            }
        }

        if (_tokens.IsStopped)
        {
            _packages.Check(entry);
            return;
        }

        Require(seen, PackageMembers, PackageName, path, start, "The package has no name; add a member such as \"name\": \"foo\".");
        _packages.Add(entry);
    }

    private readonly void Require(SeenMembers seen, MemberNames known, int member, JsonPath path, int offset, string message)
    {
        if (!seen.Contains(member))
            _problems.Error(ManifestProblemCodes.MissingMember, path.Of(known[member]), offset, message);
    }
}
