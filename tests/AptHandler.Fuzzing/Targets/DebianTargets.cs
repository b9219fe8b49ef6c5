using System.Text;
using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.DesiredState;
using AptHandler.Fuzzing.Engine;
using AptHandler.Manifests;

namespace AptHandler.Fuzzing.Targets;

/// <summary>Versions, names, relations, and the words of sources.</summary>
internal static class DebianTargets
{
    // Each line is an input of its own, and very many of them are no better than some.
    private const int MostLines = 50;

    private static readonly Lazy<AptSystem> Host = new(AptSystem.ReadHost);

    /// <summary>Three texts: the order of versions is total, whatever they are, and Debian's where they are versions.</summary>
    public static void Versions(byte[] input)
    {
        // The model counts with numbers of any length, and is slow.
        const int LongestForModel = 300;
        string[] texts = Encoding.UTF8.GetString(input).Split('\n');
        (string a, string b, string c) = (texts[0], texts[texts.Length / 2], texts[^1]);
        int ab = Math.Sign(DebianVersion.Compare(a, b));
        int bc = Math.Sign(DebianVersion.Compare(b, c));
        int ac = Math.Sign(DebianVersion.Compare(a, c));
        Expect.That(DebianVersion.Compare(a, a) == 0, "a version is equal to itself");
        Expect.That(Math.Sign(DebianVersion.Compare(b, a)) == -ab, "the order of versions is the same from both sides");
        Expect.That(ab + bc == 0 ? ab != 0 || ac == 0 : ac == Math.Sign(ab + bc), "the order of versions is transitive");
        bool isVersion = DebianVersion.TryParse(a, out DebianVersion first, out string? problem);
        Expect.That(isVersion == problem is null, "a version is refused with a problem");
        if (!isVersion || !DebianVersion.TryParse(b, out DebianVersion second, out _))
            return;
        Expect.That(ab != 0 || first.GetHashCode() == second.GetHashCode(), "equal versions have the same hash code");
        if (a.Length + b.Length < LongestForModel)
            Expect.That(Math.Sign(VersionOrderModel.Compare(a, b)) == ab, "the order of versions is Debian's");
    }

    /// <summary>Each line is a name, a version and a field of relations.</summary>
    public static void Names(byte[] input)
    {
        foreach (string line in Encoding.UTF8.GetString(input).Split('\n').Take(MostLines))
        {
            bool isName = PackageName.TryParse(line, out PackageName name, out string? problem);
            Expect.That(isName == problem is null, "a name is refused with a problem");
            Expect.That(!isName || (name.ToString() == line && PackageName.Known(line) == name), "a name is written as it was read");
            Expect.That(
                !isName || (!line.StartsWith('-') && !line.Any(c => c is '/' or '=' or '*' or '~' or ' ')),
                "a name is one word to apt"
            );

            if (PackageNameRule.Read(line, out PackageName wished, out bool isRemoval) is null)
                Expect.That(wished + (isRemoval ? "-" : "") == line, "a wish is written as it was read");
            _ = PackageVersionRule.Read(line, line, out _);
            foreach (IReadOnlyList<Relation> group in Relation.ParseGroups(line))
            {
                foreach (Relation relation in group)
                {
                    Relation[] again = [.. Relation.ParseAll(relation.ToString())];
                    Expect.That(
                        again is [var same] && same with { IsAlternative = relation.IsAlternative } == relation,
                        "a relation that was written anew is the same"
                    );
                }
            }
        }
    }

    /// <summary>Each line is a text of a source; those that are taken make a file that says the same.</summary>
    public static void Sources(byte[] input)
    {
        string[] texts = FuzzTarget.Texts(input, 2);
        List<string> uris = [],
            suites = [],
            components = [],
            architectures = [];
        string id = "contoso",
            keyring = "/usr/share/keyrings/contoso.gpg";
        foreach (string line in texts[0].Split('\n').Take(MostLines))
        {
            Take(SourceRules.CheckUri(line), uris.Add);
            Take(SourceRules.CheckSuite(line), suites.Add);
            Take(SourceRules.CheckComponent(line), components.Add);
            Take(SourceRules.CheckArchitecture(line), architectures.Add);
            Take(SourceRules.CheckId(line), text => id = text);
            Take(SourceRules.CheckKeyring(line), text => keyring = text);
            _ = ArchiveOrigin.WithoutUser(line);

            void Take(Objection? objection, Action<string> use)
            {
                Expect.That(objection is null || !objection.Message.Any(char.IsControl), "an objection is one line");
                if (objection is null)
                    use(line);
            }
        }

        var source = new AptSource
        {
            Id = id,
            Uris = uris,
            Suites = suites,
            Components = components,
            Architectures = architectures,
            Keyring = keyring,
        };
        string file = SourceFiles.Text(source, Host.Value, "/key");
        Expect.That(ControlParagraph.ParseAll(file).Count == 1, "the file of a source has one paragraph");
        foreach (
            (string field, List<string> words) in ((string, List<string>)[])
                [("URIs", uris), ("Suites", suites), ("Components", components), ("Architectures", architectures)]
        )
        {
            Expect.That(Written(field) == string.Join(' ', words), "the file of a source says what its manifest says");
        }

        Expect.That(Written("Signed-By").EndsWith(keyring, StringComparison.Ordinal), "the file of a source names its keyring");
        if (SourceRules.CheckKey(texts[1]) is null)
        {
            string? key = SourceFiles.KeyText(new AptSource { Id = id, SigningKey = texts[1] });
            Expect.That(
                key is not null && key.EndsWith("-----\n", StringComparison.Ordinal) && key.All(c => c is '\n' or (>= ' ' and <= '~')),
                "the file of a key is an ASCII text"
            );
        }

        string Written(string field) =>
            file.Split('\n')
                .Where(line => line.StartsWith($"{field}: ", StringComparison.Ordinal))
                .Select(line => line[(field.Length + 2)..])
                .SingleOrDefault("");
    }
}
