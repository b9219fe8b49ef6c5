using AptHandler.Debian;
using AptHandler.Fuzzing.Targets;
using FsCheck;
using FsCheck.Fluent;

namespace AptHandler.UnitTests.Debian;

public sealed class VersionOrderProperties
{
    private static readonly string[] Pieces =
    [
        "",
        "0",
        "00",
        "1",
        "01",
        "9",
        "10",
        "12345678901234567890123",
        "a",
        "b",
        "Z",
        "rc",
        "~",
        "~~",
        ".",
        "+",
        "-",
        "-",
        ":",
        "é",
        "\0",
        "1:",
        "0:",
        "+b1",
        "-1",
        "~deb12u1",
    ];

    private static readonly Gen<string> Versions = Gen.ArrayOf(Gen.Elements(Pieces)).Select(pieces => string.Concat(pieces.Take(9)));

    // Two strings that share a beginning are where a comparison that jumps over the common part can go wrong.
    private static readonly Gen<(string A, string B)> Pairs =
        from start in Versions
        from a in Versions
        from b in Versions
        from same in Gen.Choose(0, 9)
        select same switch
        {
            0 => (a, b),
            1 => (start, start),
            _ => (start + a, start + b),
        };

    [Fact]
    public void The_order_is_that_of_the_manual() =>
        Check(Pairs, pair => Math.Sign(DebianVersion.Compare(pair.A, pair.B)) == Math.Sign(VersionOrderModel.Compare(pair.A, pair.B)));

    [Fact]
    public void A_version_equals_itself() => Check(Versions, version => DebianVersion.Compare(version, new string(version)) == 0);

    [Fact]
    public void Turning_the_pair_round_turns_the_order_round() =>
        Check(Pairs, pair => Math.Sign(DebianVersion.Compare(pair.A, pair.B)) == -Math.Sign(DebianVersion.Compare(pair.B, pair.A)));

    [Fact]
    public void The_order_is_transitive() =>
        Check(
            from pair in Pairs
            from third in Gen.OneOf(Versions, Versions.Select(tail => pair.A + tail))
            select (pair.A, pair.B, C: third),
            triple =>
            {
                string[] sorted = [triple.A, triple.B, triple.C];
                Array.Sort(sorted, static (x, y) => DebianVersion.Compare(x, y));
                return DebianVersion.Compare(sorted[0], sorted[1]) <= 0
                    && DebianVersion.Compare(sorted[1], sorted[2]) <= 0
                    && DebianVersion.Compare(sorted[0], sorted[2]) <= 0;
            }
        );

    [Fact]
    public void Equal_versions_have_equal_hash_codes() =>
        Check(
            Pairs,
            pair => DebianVersion.Compare(pair.A, pair.B) != 0 || VersionOrder.GetHashCode(pair.A) == VersionOrder.GetHashCode(pair.B)
        );

    [Fact]
    public void Hash_codes_tell_most_different_versions_apart()
    {
        string[] versions = [.. Versions.Sample(2000).Distinct(StringComparer.Ordinal)];
        int different = versions
            .Order(Comparer<string>.Create(static (x, y) => DebianVersion.Compare(x, y)))
            .Aggregate(
                (Count: 0, Last: (string?)null),
                (seen, next) =>
                    seen.Last is not null && DebianVersion.Compare(seen.Last, next) == 0 ? (seen.Count, next) : (seen.Count + 1, next)
            )
            .Count;
        versions.Select(version => VersionOrder.GetHashCode(version)).Distinct().Count().Should().BeGreaterThan(different * 99 / 100);
    }

    [Fact]
    public void What_is_taken_keeps_its_text_and_what_is_refused_has_a_reason() =>
        Check(
            Versions,
            text =>
                DebianVersion.TryParse(text, out DebianVersion version, out string? problem)
                    ? string.Equals(version.Text, text, StringComparison.Ordinal) && problem is null
                    : version.Text.Length == 0 && !string.IsNullOrEmpty(problem)
        );

    private static void Check<T>(Gen<T> inputs, Func<T, bool> property) =>
        FsCheck.Fluent.Prop.ForAll(inputs.ToArbitrary(), property).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000).WithEndSize(9));
}
