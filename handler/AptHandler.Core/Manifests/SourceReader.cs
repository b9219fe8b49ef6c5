using System.Text.Json;
using AptHandler.Logging;

namespace AptHandler.Manifests;

/// <summary>
/// Reads the sources of a manifest. A source with an unknown member is refused. In other objects an unknown member has no effect. Here a
/// typing error could give the source another meaning than its author intends. No member can make a source unsigned or trusted.
/// </summary>
internal sealed class SourceReader(ProblemList problems)
{
    private const int Uris = 0,
        Suites = 1,
        Components = 2,
        Architectures = 3,
        SigningKey = 4,
        Keyring = 5;

    private static readonly MemberNames Members = new("uris", "suites", "components", "architectures", "signingKey", "keyring")
    {
        CodeOfUnknown = ManifestProblemCodes.UnknownSourceMember,
    };

    /// <summary>Reads the object at the current token.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="path">The object.</param>
    /// <returns>The sources without a fault, in the order of the file.</returns>
    public IReadOnlyList<AptSource> Read(ref JsonTokens tokens, JsonPath path)
    {
        var sources = new List<AptSource>();
        if (tokens.Type != JsonTokenType.StartObject)
        {
            tokens.ReportType(path, "\"sources\" must be an object with a member for each source, such as { \"contoso\": { … } }");
            tokens.SkipValue();
            return sources;
        }

        SeenMembers seen = default;
        JsonPath owner = path.Inside;
        while (tokens.NextMember(ref seen, owner, out string id, out int start))
        {
            if (SourceRules.CheckId(id) is { } objection)
                problems.Error(objection.Code, owner.Of(id), start, objection.Message);
            if (ReadSource(ref tokens, id, owner.Of(id)) is { } source)
                sources.Add(source);
        }

        return sources;
    }

    private AptSource? ReadSource(ref JsonTokens tokens, string id, JsonPath path)
    {
        if (tokens.Type == JsonTokenType.Null)
            return new AptSource { Id = id, IsRemoval = true };
        if (tokens.Type != JsonTokenType.StartObject)
        {
            tokens.ReportType(path, "A source must be an object, or null to remove it");
            tokens.SkipValue();
            return null;
        }

        int start = tokens.Start;
        int componentsStart = start,
            keyringStart = start;
        List<PlacedText> uris = [],
            suites = [],
            components = [],
            architectures = [];
        string? key = null,
            keyring = null;
        JsonPath owner = path.Inside;
        SeenMembers seen = default;
        while (tokens.NextMember(Members, ref seen, owner, out int member))
        {
            JsonPath place = owner.Of(Members[member]);
            switch (member)
            {
                case Uris:
                    uris = ReadList(ref tokens, place, "An address", SourceRules.CheckUri);
                    break;
                case Suites:
                    suites = ReadList(ref tokens, place, "A suite", SourceRules.CheckSuite);
                    break;
                case Components:
                    componentsStart = tokens.Start;
                    components = ReadList(ref tokens, place, "A component", SourceRules.CheckComponent);
                    break;
                case Architectures:
                    architectures = ReadList(ref tokens, place, "An architecture", SourceRules.CheckArchitecture);
                    break;
                case SigningKey:
                    key = ReadText(ref tokens, place, "The signing key", SourceRules.CheckKey);
                    break;
                default:
                    keyringStart = tokens.Start;
                    keyring = ReadText(ref tokens, place, "The keyring", SourceRules.CheckKeyring);
                    break;
            }
        }

        if (tokens.IsStopped)
            return null;
        Require(Uris, "The source has no addresses; add a member such as \"uris\": [\"https://packages.contoso.example/apt\"].");
        Require(Suites, "The source has no suites; add a member such as \"suites\": [\"stable\"].");
        CheckComponents(owner, suites, seen.Contains(Components), componentsStart);
        if (seen.Contains(SigningKey) == seen.Contains(Keyring))
        {
            problems.Error(
                ManifestProblemCodes.NotOneKey,
                owner.Of(Members[Keyring]),
                keyringStart,
                seen.Contains(Keyring)
                    ? "The source has both a \"signingKey\" and a \"keyring\"; keep one of them."
                    : "The source has no key, and unsigned sources are not taken; add the key as \"signingKey\", or the path of its "
                        + "file as \"keyring\"."
            );
        }

        return new AptSource
        {
            Id = id,
            Uris = Texts(uris),
            Suites = Texts(suites),
            Components = Texts(components),
            Architectures = Texts(architectures),
            SigningKey = key,
            Keyring = keyring,
        };

        void Require(int member, string message)
        {
            if (!seen.Contains(member))
                problems.Error(ManifestProblemCodes.MissingMember, owner.Of(Members[member]), start, message);
        }
    }

    // sources.list(5): a suite that ends with a slash is a folder. A file names either folders, or suites with components.
    private void CheckComponents(JsonPath owner, List<PlacedText> suites, bool hasComponents, int componentsStart)
    {
        JsonPath components = owner.Of(Members[Components]);
        bool hasFolder = suites.Exists(suite => SourceRules.IsFolder(suite.Text));
        if (hasFolder && hasComponents)
        {
            problems.Error(
                ManifestProblemCodes.UnfitComponents,
                components,
                componentsStart,
                "A suite that ends with '/' is a folder, and has no components; leave them out, or the '/'."
            );
        }
        else if (!hasFolder && !hasComponents)
        {
            problems.Error(
                ManifestProblemCodes.UnfitComponents,
                components,
                componentsStart,
                "The source has no components; add a member such as \"components\": [\"main\"], or end the suites with '/' if "
                    + "they are folders."
            );
        }

        foreach (PlacedText suite in suites)
        {
            if (hasFolder && !SourceRules.IsFolder(suite.Text))
            {
                problems.Error(
                    ManifestProblemCodes.UnfitComponents,
                    suite.Path,
                    suite.Start,
                    $"The suite {Quotation.Of(suite.Text)} stands beside one that ends with '/'; write suites with components and "
                        + "folders as two sources."
                );
            }
        }
    }

    private List<PlacedText> ReadList(ref JsonTokens tokens, JsonPath path, string whatItIs, Func<string, Objection?> check)
    {
        var texts = new List<PlacedText>();
        int start = tokens.Start;
        if (tokens.Type != JsonTokenType.StartArray)
        {
            tokens.ReportType(path, $"\"{path.Member}\" must be an array of strings");
            tokens.SkipValue();
            return texts;
        }

        int count = 0;
        for (; tokens.Next() && tokens.Type != JsonTokenType.EndArray; count++)
        {
            JsonPath item = path.Item(count);
            int itemStart = tokens.Start;
            if (ReadText(ref tokens, item, whatItIs, check) is { } text)
                texts.Add(new PlacedText(text, item, itemStart));
        }

        if (count == 0 && !tokens.IsStopped)
            problems.Error(
                ManifestProblemCodes.EmptyList,
                path,
                start,
                $"The list \"{path.Member}\" is empty; write at least one string into it, or leave it out where it need not be there."
            );
        return texts;
    }

    private string? ReadText(ref JsonTokens tokens, JsonPath path, string whatItIs, Func<string, Objection?> check)
    {
        int start = tokens.Start;
        string? text = tokens.ReadText(path, whatItIs);
        if (text is not null && check(text) is { } objection)
            problems.Error(objection.Code, path, start, objection.Message);
        return text;
    }

    private static string[] Texts(List<PlacedText> texts)
    {
        var result = new string[texts.Count];
        for (int i = 0; i < result.Length; i++)
            result[i] = texts[i].Text;
        return result;
    }

    private sealed record PlacedText(string Text, JsonPath Path, int Start);
}
