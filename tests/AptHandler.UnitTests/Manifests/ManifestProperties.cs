using System.Text;
using System.Text.Json;
using AptHandler.Debian;
using AptHandler.Manifests;
using FsCheck;
using FsCheck.Fluent;

namespace AptHandler.UnitTests.Manifests;

public class ManifestProperties
{
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(2000);

    private static readonly Gen<string> Names = Gen.Elements(
        "foo",
        "g++",
        "libstdc++6",
        "python3.11-dev",
        "0ad",
        "a.b",
        "foo:arm64",
        "x+-.",
        "ab",
        "linux-image-6.1.0-18-amd64"
    );

    private static readonly Gen<string?> Versions = Gen.Elements(
        null,
        "1.0",
        "1.0.8-2",
        "2:1.0-1ubuntu0.1",
        "1.0-rc-1",
        "0",
        "1.0~rc1+git20240101",
        "12345678901234567890123"
    );

    // The number in front of a name makes names differ, so that few entries contradict each other.
    private static readonly Gen<Entry[]> ValidPackages =
        from count in Gen.Choose(1, 12)
        from entries in (
            from name in Names
            from suffix in Gen.Choose(0, 1000)
            from removal in Gen.Elements(false, false, true)
            from version in Versions
            select new Entry($"p{suffix}{name}", removal, removal ? null : version)
        ).ArrayOf(count)
        select entries.DistinctBy(entry => entry.Name, StringComparer.Ordinal).ToArray();

    private static readonly Gen<string> Labels =
        from text in ArbMap.Default.GeneratorFor<NonEmptyString>()
        select new string([.. text.Get.Where(c => !char.IsControl(c) && !char.IsSurrogate(c)).Take(200), 'é']);

    private static readonly Gen<Document> ValidDocuments =
        from name in Labels
        from version in Labels
        from restart in Gen.Elements<bool?>(null, true, false)
        from packages in ValidPackages
        from indented in Gen.Elements(false, true)
        from mark in Gen.Elements(false, true)
        select new Document(name, version, restart, packages, indented, mark);

    private static readonly Gen<byte[]> Mutants =
        from document in ValidDocuments
        from place in Gen.Choose(0, int.MaxValue - 1)
        from value in Gen.OneOf(Gen.Choose(0, 255), Gen.Elements([.. "{}[]\",:-+=*\\/0An\u0000".Select(c => (int)c)]))
        from deed in Gen.Choose(0, 3)
        select Mutate(document.ToUtf8(), place, (byte)value, deed);

    // Pieces of manifests in any order come further into the reader than random bytes do.
    private static readonly Gen<byte[]> Scraps =
        from pieces in Gen.Elements(
                "{",
                "}",
                "[",
                "]",
                ",",
                ":",
                "\"name\"",
                "\"version\"",
                "\"packages\"",
                "\"foo-\"",
                "\"1.0\"",
                "null",
                "true",
                "1.5",
                "\n",
                "\"\\ud800\"",
                "\"é😀\"",
                "\"x",
                "//",
                "'",
                "“",
                "\0",
                "\uFEFF",
                "{\"name\":\"n\",\"version\":\"1\",\"packages\":[{\"name\":\"foo\""
            )
            .ArrayOf()
        select Encoding.UTF8.GetBytes(string.Concat(pieces));

    [Fact]
    public void Any_bytes_are_read_without_an_exception_and_problems_lie_inside_the_text() =>
        Check(Gen.OneOf(ArbMap.Default.GeneratorFor<byte[]>(), Scraps), bytes => ExpectASoundReading(bytes));

    [Fact]
    public void A_valid_manifest_is_read_back_as_it_was_written() =>
        Check(
            ValidDocuments,
            document =>
            {
                ManifestReading reading = ManifestReader.Read(document.ToUtf8());

                reading.Problems.Should().BeEmpty();
                reading.Manifest!.Name.Should().Be(document.Name);
                reading.Manifest.Version.Should().Be(document.Version);
                reading.Manifest.AgentRestartRequired.Should().Be(document.Restart ?? false);
                reading.Wishes().Should().Equal(document.Packages.Select(entry => entry.Wish));
                ExpectASoundReading(document.ToUtf8());
            }
        );

    [Fact]
    public void A_manifest_with_one_wrong_byte_is_refused_or_still_sound() =>
        Check(
            Mutants,
            bytes =>
            {
                ManifestReading reading = ExpectASoundReading(bytes);
                foreach (PackageIntent intent in reading.Manifest?.Packages ?? [])
                {
                    PackageName.TryParse(intent.Package.ToString(), out PackageName name, out _).Should().BeTrue();
                    name.Should().Be(intent.Package);
                    name.Name.Should().MatchRegex("^[a-z0-9][a-z0-9+.-]+$");
                    (intent.Version is null).Should().Be(intent.Kind != PackageIntentKind.InstallPinned);
                    if (intent.Version is DebianVersion version)
                        DebianVersion.TryParse(version.Text, out _, out _).Should().BeTrue();
                }
            }
        );

    [Fact]
    public void A_manifest_that_is_cut_off_anywhere_is_refused() =>
        Check(
            ValidDocuments,
            document =>
            {
                byte[] bytes = document.ToUtf8();
                for (int length = 0; length < bytes.Length; length += 7)
                    ExpectASoundReading(bytes[..length]).Manifest.Should().BeNull();
            },
            runs: 100
        );

    private static ManifestReading ExpectASoundReading(byte[] bytes)
    {
        ManifestReading reading = ManifestReader.Read(bytes);
        bool hasErrors = reading.Problems.Any(problem => problem.Severity == ProblemSeverity.Error);
        hasErrors.Should().Be(reading.Manifest is null);

        // Bad bytes become one character each here, but only behind the last position that a problem can have.
        string text = Encoding.UTF8.GetString(bytes);
        string[] lines = (text.StartsWith('\uFEFF') ? text[1..] : text).Split('\n');
        (int, int) last = (1, 1);
        foreach (ManifestProblem problem in reading.Problems)
        {
            problem.Line.Should().BeInRange(1, lines.Length);
            problem.Column.Should().BeInRange(1, lines[problem.Line - 1].Length + 1);
            problem.Message.Any(char.IsControl).Should().BeFalse();
            (problem.Line, problem.Column).CompareTo(last).Should().BeGreaterThanOrEqualTo(0);
            last = (problem.Line, problem.Column);
        }

        foreach (PackageIntent intent in reading.Manifest?.Packages ?? [])
            lines[intent.Line - 1][intent.Column - 1].Should().Be('{');
        Encoding.UTF8.GetByteCount(reading.Summary()).Should().BeLessThan(800);
        return reading;
    }

    private static void Check<T>(Gen<T> generator, Action<T> property, int runs = 2000) =>
        Prop.ForAll(generator.ToArbitrary(), property).Check(Runs.WithMaxTest(runs));

    private static byte[] Mutate(byte[] bytes, int place, byte value, int deed)
    {
        int index = place % bytes.Length;
        return deed switch
        {
            0 => [.. bytes[..index], .. bytes[(index + 1)..]],
            1 => [.. bytes[..index], value, .. bytes[index..]],
            _ => [.. bytes[..index], value, .. bytes[(index + 1)..]],
        };
    }

    public sealed record Entry(string Name, bool Removal, string? Version)
    {
        public string Wish =>
            Removal ? $"{Name}-"
            : Version is null ? Name
            : $"{Name}={Version}";
    }

    public sealed record Document(string Name, string Version, bool? Restart, Entry[] Packages, bool Indented, bool Mark)
    {
        public byte[] ToUtf8()
        {
            using var stream = new MemoryStream();
            if (Mark)
                stream.Write(Encoding.UTF8.Preamble);
            using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = Indented }))
            {
                writer.WriteStartObject();
                writer.WriteString("name", Name);
                writer.WriteString("version", Version);
                if (Restart is bool restart)
                    writer.WriteBoolean("agentRestartRequired", restart);
                writer.WriteStartArray("packages");
                foreach (Entry entry in Packages)
                {
                    writer.WriteStartObject();
                    writer.WriteString("name", entry.Removal ? $"{entry.Name}-" : entry.Name);
                    if (entry.Version is not null)
                        writer.WriteString("version", entry.Version);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            return stream.ToArray();
        }
    }
}
