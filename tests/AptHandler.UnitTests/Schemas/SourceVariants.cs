using System.Text.Json.Nodes;

namespace AptHandler.UnitTests.Schemas;

/// <summary>Small changes of the sources of a manifest, close to every rule and on both sides of it.</summary>
/// <param name="random">What decides.</param>
internal sealed class SourceVariants(Random random)
{
    private const string Key =
        "-----BEGIN PGP PUBLIC KEY BLOCK-----\nComment: none\n\nmDMEZ+/1\nAbC=\n=Q1w2\n-----END PGP PUBLIC KEY BLOCK-----\n";

    private static readonly Texts Ids = new(
        ["contoso", "0", "12", "z-", "a--b", new string('a', 63)],
        ["", "-a", "A", "a_b", "a.b", "../x", "a/b", "a~b", "`", "{", ":", "é", "__proto__", new string('a', 64)]
    );

    private static readonly Texts Uris = new(
        [
            "https://a",
            "http://a/b?c=d",
            "https://[::1]:80/",
            "https://[::ffff:1.2.3.4]",
            "https://a-b.C0:1",
            "https://a:9999/",
            "https://a:59999",
            "https://a:64999",
            "https://a:65535/x",
            "https://a/c:d@e?f",
            "https://a/%20(x),y;z",
            "file:/srv",
            "file:///srv",
            "file:/",
            "copy:/srv/x",
        ],
        [
            "",
            "https",
            "https:",
            "https:/a",
            "https://",
            "https:///a",
            "https://?a",
            "https://u@a/",
            "https://u:p@a",
            "https://@",
            "https://u:p?@a/b",
            "https://a?b@c",
            "https://a?b",
            "https://a_b",
            "https://a%2Eb",
            "https://a,b",
            "https://a:b/c",
            "https://a:/",
            "https://:80",
            "https://a:0",
            "https://a:08",
            "https://a:1:2",
            "https://a:+1",
            "https://a:65536",
            "https://a:70000",
            "https://a:100000",
            "https://a:4294967297",
            "https://::1",
            "https://[::1",
            "https://::1]",
            "https://[]",
            "https://[::1]a",
            "https://a[::1]",
            "https://[[::1]]",
            "https://[a.example]",
            "https://[::1]:",
            "https://[::1]:65536/",
            "HTTPS://a",
            "ftp://a",
            "xhttps://a",
            "file:srv",
            "file:",
            "file://srv",
            "file://",
            "copy:a",
            "https://a b",
            "https://a\"b",
            "https://a'b",
            "https://a\\b",
            "https://a#b",
            "https://a\n",
            "\nhttps://a",
            "https://a\u007F",
            "https://é",
            "https://a`",
            "https://a{b}",
            "https://a|b",
            "https://a<b>",
            "https://a^b",
        ]
    );

    private static readonly Texts Suites = new(
        ["stable", "stable/updates", "a~b+c_d.e-f", "0", "Z", "-", "./x"],
        ["", "a b", "a:b", "stable\n", "a,b", "$(ARCH)", "a=b", "a@b", "a[b", "a`b", "a{b", "é"]
    );

    private static readonly Texts Folders = new(["./", "/", "x/", "a/b/"], ["x /", ":/", "x\n/"]);

    private static readonly Texts Architectures = new(
        ["amd64", "arm64", "x32", "0", "kfreebsd-amd64", "allx", "anyx", "many", "a-", new string('a', 252)],
        [
            "",
            "all",
            "native",
            "any",
            "any-arm64",
            "linux-any",
            "x-any-y",
            "a:b",
            "Amd64",
            "arm_64",
            "-a",
            "a b",
            "a\n",
            "é",
            new string('a', 253),
        ]
    );

    private static readonly Texts Keyrings = new(
        [
            "/usr/share/keyrings/contoso.gpg",
            "/etc/apt/keyrings/a/b-c_d+e.asc",
            "/usr/share/keyrings/.gpg",
            "/usr/share/keyrings/du-apt-a.asc",
            "/etc/apt/keyrings/a.du-apt-b.asc",
        ],
        [
            "",
            "/usr/share/keyrings/",
            "/usr/share/keyrings/a",
            "/usr/share/keyrings/a.GPG",
            "/usr/share/keyrings/agpg",
            "/usr/share/keyrings/../a.gpg",
            "/usr/share/keyrings/a..gpg",
            "/usr/share/keyringsa.gpg",
            "usr/share/keyrings/a.gpg",
            "/etc/apt/trusted.gpg.d/a.gpg",
            "/etc/apt/keyrings/du-apt-a.asc",
            "/usr/share/keyrings/a b.gpg",
            "/usr/share/keyrings/a.gpg\n",
            "/usr/share/keyrings/é.gpg",
            "/usr/share/keyrings/a,b.gpg",
            "/x/usr/share/keyrings/a.gpg",
        ]
    );

    private static readonly Texts Keys = new(
        [
            Key,
            Key.Replace("\n", "\r\n", StringComparison.Ordinal),
            Key.TrimEnd(),
            Key + "\n\r\n",
            Key.Replace("Comment: none\n", "", StringComparison.Ordinal),
            Key.Replace("none", "a~b", StringComparison.Ordinal),
            Key.Replace("none", new string('x', 65_536 - Key.Length + 4), StringComparison.Ordinal),
        ],
        [
            "",
            "\n",
            "x",
            " " + Key,
            "\n" + Key,
            Key + "x",
            Key + " ",
            Key + "\r",
            Key + Key,
            Key.Replace("\n\n", "\n", StringComparison.Ordinal),
            Key.Replace("PUBLIC", "PRIVATE", StringComparison.Ordinal),
            Key.Replace("mDME", "mD_E", StringComparison.Ordinal),
            Key.Replace("none", "é", StringComparison.Ordinal),
            Key.Replace("none", "a\tb", StringComparison.Ordinal),
            Key.Replace("Comment", " Comment", StringComparison.Ordinal),
            Key.Replace("Comment", "-", StringComparison.Ordinal),
            Key.Replace("none", "none\r", StringComparison.Ordinal) + "\r",
            Key.Replace("mDMEZ+/1\nAbC=\n=Q1w2\n", "", StringComparison.Ordinal),
            Key.Replace("AbC=\n", "\n", StringComparison.Ordinal),
            Key[..40],
            Key[..^5],
            Key[..80],
            Key.Replace("none", new string('x', 65_536 - Key.Length + 5), StringComparison.Ordinal),
        ]
    );

    private bool _isHarmless;

    /// <summary>Changes the sources of a manifest; it gets one where it has none.</summary>
    public void Change(JsonObject root, bool isHarmless)
    {
        _isHarmless = isHarmless;
        if (root["sources"] is not JsonObject sources)
            root["sources"] = sources = [];
        string id = sources.Count == 0 || random.Next(5) == 0 ? One(Ids) : Pick([.. sources.Select(source => source.Key)]);
        if (sources[id] is not JsonObject source)
        {
            sources[id] = random.Next(5) == 0 ? null : New();
            return;
        }

        switch (random.Next(_isHarmless ? 7 : 11))
        {
            case 0 or 1:
                Renew(source, "uris", Uris);
                break;
            case 2 when source["components"] is not null:
                Renew(source, "suites", Suites);
                break;
            case 2:
                Renew(source, "suites", Folders);
                break;
            case 3 when source["components"] is not null:
                Renew(source, "components", Suites);
                break;
            case 4:
                Renew(source, "architectures", Architectures);
                break;
            case 5 or 6 when source["keyring"] is not null:
                source["keyring"] = One(Keyrings);
                break;
            case 5 or 6:
                source["signingKey"] = One(Keys);
                break;
            case 7:
                source.Remove(Pick("uris", "suites", "components", "signingKey", "keyring"));
                break;
            case 8:
                Renew(source, "suites", Pick(Suites, Folders));
                break;
            case 9:
                source[Pick("trusted", "signed-by", "Uris", "enabled", "uri", "name")] = true;
                break;
            default:
                source[Pick("uris", "suites", "components", "architectures", "signingKey", "keyring")] = JsonNode.Parse(
                    Pick("null", "[]", "{}", "\"stable\"", "[1]", "[null]", "true")
                );
                break;
        }
    }

    private JsonObject New()
    {
        var source = new JsonObject { ["uris"] = new JsonArray(One(Uris)) };
        bool isFolder = random.Next(3) == 0;
        source["suites"] = new JsonArray(One(isFolder ? Folders : Suites));
        if (!isFolder)
            source["components"] = new JsonArray(One(Suites));
        if (random.Next(2) == 0)
            source["signingKey"] = Key;
        else
            source["keyring"] = Keyrings.Right[0];
        return source;
    }

    private void Renew(JsonObject source, string member, Texts texts)
    {
        if (source[member] is not JsonArray { Count: > 0 } list)
            source[member] = new JsonArray(One(texts));
        else if (random.Next(2) == 0)
            list.Add(One(texts));
        else
            list[random.Next(list.Count)] = One(texts);
    }

    private string One(Texts texts) => Pick(_isHarmless || random.Next(3) == 0 ? texts.Right : texts.Wrong);

    private T Pick<T>(params T[] choices) => choices[random.Next(choices.Length)];

    private sealed record Texts(string[] Right, string[] Wrong);
}
