using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AptHandler.UnitTests.Schemas;

/// <summary>
/// Manifests made from others by one to three small changes each, so that they lie on both sides of every rule and close to it. One seed
/// always makes the same ones.
/// </summary>
/// <param name="originals">The texts that are changed: JSON with every member once.</param>
/// <param name="seed">The seed.</param>
internal sealed class ManifestVariants(IReadOnlyList<string> originals, int seed)
{
    // Neighbours of what the rules name: of control characters, of white space, of letters and digits, of the signs.
    private static readonly Texts Labels = new(
        Right: ["contoso", "1.0.0.0", " x ", "\u180E", "\u200B", "\uFEFF", "é", "😀"],
        Wrong:
        [
            "",
            "a\tb",
            "\u0085",
            .. Signs(" \u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A\u2028\u2029\u202F\u205F\u3000"),
        ],
        RightSigns:
        [
            .. Signs(
                " "
                    + "!~\u00A0\u00A1\u167F\u1680\u1681\u180E\u1FFF\u2000\u200A\u200B\u2027\u2028\u2029\u202A\u202E\u202F\u2030\u205E\u205F\u2060\u2FFF"
            ),
            .. Signs("\u3000\u3001\uD7FF\uE000\uFEFF\uFFFF"),
            "😀",
            "\U0010FFFF",
        ],
        WrongSigns: Signs("\0\t\n\u000B\f\r\u000E\u001F\u007F\u0080\u0084\u0085\u0086\u009F"),
        Longest: 256
    );

    private static readonly Texts Names = new(
        Right:
        [
            "foo",
            "g++",
            "0ad",
            "a.b",
            "ab",
            "x+-.",
            "foo-",
            "g++-",
            "foo--",
            "ab-",
            "any",
            "all-",
            "libc6:arm64",
            "libc6:armhf-",
            "foo:x32",
            "foo:a",
            "foo:a-",
            "foo:kfreebsd-amd64",
            "foo:arm64--",
            "foo:all--",
            "foo:allx",
            "foo:nativ",
            "foo:0",
            "foo:9z",
            "foo:z",
            "foo:anyx",
            "foo:many",
            "foo:x-anyx",
        ],
        Wrong:
        [
            "",
            "\u2003",
            "`a",
            "{a",
            "/a",
            "a",
            "a-",
            "-",
            "--",
            "-a",
            "+a",
            ".a",
            "a:arm64",
            ":arm64",
            "foo:",
            "foo:-",
            "foo:-a",
            "foo:a+",
            "foo:a.",
            "foo:arm64:",
            "foo:arm_64",
            "foo:Arm64",
            "foo-:arm64",
            "foo:all",
            "foo:all-",
            "foo:native",
            "foo:native-",
            "foo:any",
            "foo:any-",
            "foo:any--",
            "foo:any-arm64",
            "foo:linux-any",
            "foo:linux-any-",
            "foo:x-any-y",
            "foo:x-any-y-",
            "foo::",
            "foo:`",
            "foo:{",
            "foo:/",
            "foo:a`",
            "foo:a{",
            "foo:a/",
            "foo:a:",
            "foo=1.0",
            "foo/stable",
            "foo ",
            "foo\n",
        ],
        RightSigns: Signs("az09+-."),
        WrongSigns: Signs("AZ`{/:;@[,_=*?~^$|() \n\0é"),
        Longest: 255
    );

    private static readonly Texts Versions = new(
        Right:
        [
            "1",
            "0",
            "1.0",
            "1.0.8-2",
            "2:1.0-1ubuntu0.1",
            "1.0-rc-1",
            "1.0~rc1+git20240101",
            "1:1:1",
            "1:1:1-1",
            "1:1:",
            "1:1--1",
            "1a",
            "0:0",
            "1-0",
            "1:1-1:1-1",
            "00000000000000000000000000000000000001:1",
            "9:9~",
            "2147483647:1",
            "0002147483647:1",
        ],
        Wrong:
        [
            "",
            " ",
            "1-",
            "1:1-",
            "1--",
            "1:",
            ":1",
            "1::1",
            "-1",
            "1:-1",
            "12:a",
            "12:-1",
            "1:1-1:1",
            "1:1-:1",
            "1:1-11:",
            "1:1-11:11",
            "1-1:1",
            "a1",
            "1:a",
            "v1",
            "V1.0",
            "~1",
            "+1",
            ".1",
            "a:1",
            "-1:1",
            "+1:1",
            "2147483648:1",
            "02147483648:1",
            "99999999999:1",
            "1_0",
            "1/2",
            "=1.0",
            ">= 1",
            "1.*",
            "<1",
            "latest",
            "any",
            "1.0 ",
            "1.0\n",
            "٣",
            "1.0-é",
        ],
        RightSigns: Signs("09azAZmM.+~-"),
        WrongSigns: Signs("/:@[`{_=<>*?,^! \n\0é٣"),
        Longest: 255
    );

    private readonly SourceVariants _sources = new(new Random(seed));

    private readonly Random _random = new(seed);

    // Half of the variants get changes of which none has to make an error.
    private bool _isHarmless;

    /// <summary>Makes variants, each of them once.</summary>
    /// <param name="count">How many.</param>
    public IEnumerable<byte[]> Make(int count) => Endless().DistinctBy(Convert.ToHexString, StringComparer.Ordinal).Take(count);

    private IEnumerable<byte[]> Endless()
    {
        while (true)
            yield return Variant();
    }

    private byte[] Variant()
    {
        _isHarmless = Perhaps(2);
        JsonNode? manifest = JsonNode.Parse(Pick(originals));
        for (int changes = _random.Next(1, 4); changes > 0 && manifest is JsonObject root; changes--)
            manifest = Change(root);

        string text =
            manifest?.ToJsonString(
                new JsonSerializerOptions
                {
                    WriteIndented = Perhaps(3),
                    Encoder = Perhaps(2) ? JavaScriptEncoder.UnsafeRelaxedJsonEscaping : JavaScriptEncoder.Default,
                }
            )
            ?? "null";
        text = !_isHarmless && Perhaps(10) ? ChangeText(text) : text;
        byte[] bytes = Encoding.UTF8.GetBytes(Perhaps(20) ? "\uFEFF" + text : text);
        return !_isHarmless && Perhaps(10) ? ChangeByte(bytes) : bytes;
    }

    private JsonNode? Change(JsonObject root)
    {
        JsonObject[] packages = root["packages"] is JsonArray list ? [.. list.OfType<JsonObject>()] : [];
        if (Perhaps(4))
        {
            _sources.Change(root, _isHarmless);
            return root;
        }

        JsonObject some = Pick([root, .. packages]);
        switch (_random.Next(_isHarmless ? 10 : 14))
        {
            case 0 or 1:
                Renew(root, Pick("name", "version"), Labels);
                break;
            case 2 or 3 or 4 when packages.Length > 0:
                Renew(Pick(packages), "name", Names);
                break;
            case 5 or 6 or 7 when packages.Length > 0:
                Renew(Pick(packages), "version", Versions);
                break;
            case 8 when root["packages"] is JsonArray all:
                all.Insert(_random.Next(all.Count + 1), NewPackage());
                break;
            case 9:
                root["agentRestartRequired"] = JsonNode.Parse(Pick("true", "false", "null"));
                break;
            case 10 when some.Count > 0:
                some.Remove(Pick([.. some.Select(member => member.Key)]));
                break;
            case 11 when Perhaps(8):
                return AnyValue();
            case 12:
                some[Pick("$schema", "comment", "Name", "versions", "", "__proto__", "constructor", "é")] = AnyValue();
                break;
            default:
                some[some == root ? Pick("name", "version", "packages", "agentRestartRequired", "sources") : Pick("name", "version")] =
                    AnyValue();
                break;
        }

        return root;
    }

    private JsonNode? NewPackage()
    {
        if (!_isHarmless && Perhaps(8))
            return AnyValue();
        var package = new JsonObject { ["name"] = Pick(Names.Right) };
        if (Perhaps(2))
            package["version"] = Perhaps(3) ? null : Pick(Versions.Right);
        return package;
    }

    private void Renew(JsonObject owner, string member, Texts texts)
    {
        string text = owner[member] is JsonValue value && value.TryGetValue(out string? written) ? written : "";
        int place = _random.Next(text.Length + 1);
        if (place > 0 && place < text.Length && char.IsLowSurrogate(text[place]))
            place--;
        int missing = texts.Longest + _random.Next(-1, _isHarmless ? 1 : 3) - text.EnumerateRunes().Count();
        owner[member] = _random.Next(6) switch
        {
            0 => text.Insert(place, Sign()),
            1 => text + Sign(),
            2 when missing > 0 => text.Insert(place, string.Concat(Enumerable.Repeat(Perhaps(4) ? Sign() : "1", missing))),
            3 when texts == Versions => NewEpoch(),
            _ => Pick(_isHarmless || Perhaps(3) ? texts.Right : texts.Wrong),
        };

        string Sign() => Pick(_isHarmless || Perhaps(3) ? texts.RightSigns : texts.WrongSigns);
    }

    // Close to the largest one that dpkg takes: some of its digits, then any digits.
    private string NewEpoch()
    {
        char[] digits = [.. "2147483647"];
        int place = _random.Next(digits.Length);
        digits[place] = (char)_random.Next('0', _isHarmless ? digits[place] : '9' + 1);
        for (int i = place + 1; i < digits.Length; i++)
            digits[i] = (char)_random.Next('0', '9' + 1);
        return $"{Pick("", "0", "000", _isHarmless ? "" : "1")}{new string(digits)}:1";
    }

    private JsonNode? AnyValue() =>
        JsonNode.Parse(
            Pick(
                "null",
                "true",
                "false",
                "0",
                "-1.5",
                "1e999",
                "\"\"",
                "\"1.0\"",
                "\"foo-\"",
                "[]",
                "[[]]",
                "[null]",
                "{}",
                "{\"name\":\"foo\"}"
            )
        );

    // What cannot be said with nodes: members that stand twice, halves of characters, great depth.
    private string ChangeText(string text)
    {
        int brace = text.IndexOf('{', _random.Next(text.Length));
        if (brace < 0)
            return text;
        string member = Pick(
            "\"name\":\"foo\"",
            "\"version\":\"1\"",
            "\"packages\":[{\"name\":\"foo\"}]",
            "\"x\":\"\\ud800\"",
            "\"\\udc00\":1",
            "\"x\":1,\"\\u0078\":2",
            "\"agentRestartRequired\":\"\\ud83d\"",
            $"\"x\":{new string('[', 60)}{new string(']', 60)}",
            $"\"x\":{new string('[', 66)}{new string(']', 66)}"
        );
        bool isAlone = text[(brace + 1)..].TrimStart().StartsWith('}');
        return text.Insert(brace + 1, isAlone ? member : member + ",");
    }

    private byte[] ChangeByte(byte[] bytes)
    {
        int index = _random.Next(bytes.Length);
        byte sign = Perhaps(4) ? (byte)_random.Next(256) : (byte)Pick([.. "{}[]\",:-+.0aA \n"]);
        return _random.Next(3) switch
        {
            0 => [.. bytes[..index], .. bytes[(index + 1)..]],
            1 => [.. bytes[..index], sign, .. bytes[index..]],
            _ => [.. bytes[..index], sign, .. bytes[(index + 1)..]],
        };
    }

    private bool Perhaps(int onceIn) => _random.Next(onceIn) == 0;

    private T Pick<T>(params IReadOnlyList<T> choices) => choices[_random.Next(choices.Count)];

    private static string[] Signs(string signs) => [.. signs.Select(sign => sign.ToString())];

    /// <summary>What a rule takes and what it does not, as whole texts and as single signs, and how long a text may be.</summary>
    private sealed record Texts(string[] Right, string[] Wrong, string[] RightSigns, string[] WrongSigns, int Longest);
}
