using System.Diagnostics;
using System.Globalization;
using System.Text;
using AptHandler.Debian;
using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Debian;

/// <summary>The order of versions against dpkg's own code.</summary>
public sealed class VersionOracleTests
{
    private const int Pairs = 200_000;
    private const int PairsForTheProgram = 300;

    // The same pairs on every run; with the variable set, others.
    private static readonly int Seed = int.Parse(
        Environment.GetEnvironmentVariable("VERSION_ORACLE_SEED") ?? "20230610",
        CultureInfo.InvariantCulture
    );

    private static readonly string[] Seeds =
    [
        "1.0.8",
        "1.0.8-0",
        "2.36-9+deb12u7",
        "1:9.2p1-2+deb12u3",
        "252.30-1~deb12u2",
        "2:1.02.185-2",
        "0~git20210728.1a2b3c4-3",
        "1.0.0-preview.3-1",
        "1~~-~~",
        "0-0",
        "12345678901234567890123-1",
        "1:2:3-4",
        "00:1-0",
        "1-1-1",
        "0.0.0~",
        "9a+b.c~d-E.f+g~h",
    ];

    private static readonly string[] Pieces =
    [
        "0",
        "00",
        "1",
        "9",
        "10",
        "99999999999999999999",
        "a",
        "b",
        "Z",
        "~",
        "~~",
        ".",
        "+",
        "-",
        ":",
        "rc",
        "+b1",
        "-1",
    ];

    [Fact]
    public async Task Two_hundred_thousand_pairs_have_the_order_that_libdpkg_gives_them()
    {
        string folder = Directory.CreateTempSubdirectory("version-oracle-").FullName;
        try
        {
            string oracle = await Compile(folder);
            (string A, string B)[] pairs = [.. NearPairs(new Random(Seed)).Take(Pairs)];
            var input = new StringBuilder();
            foreach ((string a, string b) in pairs)
                input.Append(a).Append(' ').Append(b).Append('\n');
            string[] answers = (await Run(oracle, [], input.ToString())).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

            answers.Should().HaveCount(pairs.Length);
            var wrong = new List<string>();
            int compared = 0;
            for (int i = 0; i < pairs.Length; i++)
            {
                (string a, string b) = pairs[i];
                bool areVersions = DebianVersion.TryParse(a, out _, out _) & DebianVersion.TryParse(b, out _, out _);
                string answer = areVersions ? Math.Sign(DebianVersion.Compare(a, b)).ToString(CultureInfo.InvariantCulture) : "refused";
                compared += areVersions ? 1 : 0;
                if (!string.Equals(answer, answers[i], StringComparison.Ordinal) && !HasSignedEpoch(a) && !HasSignedEpoch(b))
                    wrong.Add($"{a} {b}: {answer}, libdpkg {answers[i]}");
            }

            wrong.Should().BeEmpty("libdpkg decides (VERSION_ORACLE_SEED={0})", Seed);
            compared.Should().BeGreaterThan(100_000, "most pairs must be versions, or nothing is compared");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_few_hundred_pairs_have_the_order_that_dpkg_itself_gives_them()
    {
        IEnumerable<(string A, string B)> pairs = NearPairs(new Random(Seed))
            .Where(pair => DebianVersion.TryParse(pair.A, out _, out _) && DebianVersion.TryParse(pair.B, out _, out _))
            .Take(PairsForTheProgram);

        foreach ((string a, string b) in pairs)
        {
            string relation = DebianVersion.Compare(a, b) switch
            {
                < 0 => "lt",
                0 => "eq",
                _ => "gt",
            };
            (int exitCode, _) = await Run("dpkg", ["--compare-versions", a, relation, b]);
            exitCode.Should().Be(0, "{0} {1} {2} (VERSION_ORACLE_SEED={3})", a, relation, b, Seed);
        }
    }

    // dpkg reads the epoch with strtol, and so takes "+1:1.0" and "-0:1.0" as well. Policy calls it an unsigned integer, and no archive
    // holds such a version.
    private static bool HasSignedEpoch(string version) => version[0] is '+' or '-' && version.Contains(':', StringComparison.Ordinal);

    // Neighbours by a few changes: far-apart versions are decided by their first character, and prove nothing.
    private static IEnumerable<(string A, string B)> NearPairs(Random random)
    {
        string current = Seeds[0];
        while (true)
        {
            if (random.Next(8) == 0 || current.Length > 60)
                current = Seeds[random.Next(Seeds.Length)];

            string next = current;
            for (int changes = random.Next(1, 4); changes > 0; changes--)
                next = Changed(next, random);
            if (next.Length == 0)
                continue;

            yield return random.Next(2) == 0 ? (current, next) : (next, current);
            // From what is no version one seldom comes back to one.
            if (DebianVersion.TryParse(next, out _, out _))
                current = next;
        }
    }

    private static string Changed(string version, Random random)
    {
        int at = random.Next(version.Length + 1);
        int length = random.Next(0, Math.Min(3, version.Length - at) + 1);
        string piece = Pieces[random.Next(Pieces.Length)];
        return random.Next(4) switch
        {
            0 => version.Remove(at, length),
            1 => version.Remove(at, length).Insert(at, piece),
            _ => version.Insert(at, piece),
        };
    }

    private static async Task<string> Compile(string folder)
    {
        string source = Path.Combine(SourceTree.Root, "tests/native/version-oracle.c");
        string program = Path.Combine(folder, "version-oracle");
        (int exitCode, string flags) = await Run("pkg-config", ["--cflags", "--static", "--libs", "libdpkg"]);
        exitCode.Should().Be(0, "libdpkg is needed: apt-get install libdpkg-dev pkg-config");

        string[] libraries = flags.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        (exitCode, string output) = await Run("cc", ["-O2", source, "-o", program, .. libraries]);
        exitCode.Should().Be(0, "the oracle must compile: {0}", output);
        return program;
    }

    private static async Task<(int ExitCode, string Output)> Run(string program, IEnumerable<string> arguments, string input = "")
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output);
    }
}
