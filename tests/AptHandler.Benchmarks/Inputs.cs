using System.Globalization;
using System.Text;

namespace AptHandler.Benchmarks;

/// <summary>What is measured: made here, the same on every run, and written to files, so that Debian's own libraries
/// (tests/native/peers.cpp) get the same.</summary>
public static class Inputs
{
    /// <summary>How many packages the status file has: a full Debian server, or a device with a desktop.</summary>
    public const int Packages = 1000;

    private const int Pairs = 4096;

    private static readonly string[] Versions =
    [
        "1.0.8",
        "2.36-9+deb12u7",
        "1:9.2p1-2+deb12u3",
        "5.2.15-2+b2",
        "252.30-1~deb12u2",
        "3.134",
        "2:1.02.185-2",
        "6.1.106-3",
        "20230311",
        "1.21.22",
        "0.9.8-1",
        "12.2.0-14",
        "1:2.39.2-1.1",
        "7.88.1-10+deb12u8",
        "3.0.14-1~deb12u2",
        "2022c-1+deb11u1",
        "4:12.2.0-3",
        "1.6~rc2-1",
        "0.0.20230130-2",
        "1.18.0-6+deb11u3",
        "2.02+dfsg1-20",
        "5.36.0-7+deb12u1",
        "0~git20210728.1a2b3c4-3",
        "10.2.3+dfsg-5~bpo11+1",
        "1.14.10-1~deb12u1",
        "43-1",
        "8:6.9.11.60+dfsg-1.6",
        "9.6",
        "1.2.11.dfsg-2",
        "2:4.17.12+dfsg-0+deb12u1",
        "1.0.0-preview.3-1",
        "11.1ubuntu4",
        "0.105-33",
        "2.38.1-5+deb12u1",
        "3.11.2-1+b1",
    ];

    /// <summary>Pairs as a package manager compares them: mostly two versions of one package, some equal ones, some that have nothing in
    /// common.</summary>
    public static (string A, string B)[] VersionPairs()
    {
        var random = new Random(20230610);
        var pairs = new (string A, string B)[Pairs];
        for (int i = 0; i < pairs.Length; i++)
        {
            string a = Versions[random.Next(Versions.Length)];
            string b = random.Next(10) switch
            {
                0 => new string(a),
                1 or 2 => Versions[random.Next(Versions.Length)],
                3 => a + "+b1",
                _ => WithAnotherDigit(a, random),
            };
            pairs[i] = random.Next(2) == 0 ? (a, b) : (b, a);
        }

        return pairs;
    }

    /// <summary>A status file as dpkg writes it, about 900 bytes a stanza.</summary>
    public static string StatusFile()
    {
        var random = new Random(20230610);
        var text = new StringBuilder();
        for (int i = 0; i < Packages; i++)
            AppendStanza(text, i, random);
        return text.ToString();
    }

    /// <summary>Writes <c>versions.txt</c>, <c>status</c> and the folder of its journal, which every machine has.</summary>
    public static void WriteTo(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "updates"));
        File.WriteAllLines(VersionsPath(folder), VersionPairs().Select(pair => $"{pair.A} {pair.B}"));
        File.WriteAllText(StatusPath(folder), StatusFile());
    }

    /// <summary>The file of pairs in a folder.</summary>
    public static string VersionsPath(string folder) => Path.Combine(folder, "versions.txt");

    /// <summary>The status file in a folder.</summary>
    public static string StatusPath(string folder) => Path.Combine(folder, "status");

    /// <summary>The pairs in a file, as strings of their own.</summary>
    public static (string A, string B)[] ReadPairs(string path) =>
        [.. File.ReadLines(path).Select(line => line.Split(' ')).Select(words => (words[0], words[1]))];

    private static string WithAnotherDigit(string version, Random random)
    {
        char[] text = version.ToCharArray();
        int behindEpoch = version.IndexOf(':', StringComparison.Ordinal) + 1;
        int[] digits = [.. Enumerable.Range(behindEpoch, text.Length - behindEpoch).Where(at => char.IsAsciiDigit(text[at]))];
        // What changes is mostly near the end: a patch level, a revision, a security update.
        int at = digits[digits.Length - 1 - Math.Min(random.Next(digits.Length), random.Next(digits.Length))];
        text[at] = (char)('0' + ((text[at] - '0' + 1 + random.Next(9)) % 10));
        return new string(text);
    }

    private static void AppendStanza(StringBuilder text, int number, Random random)
    {
        string name = $"lib{(char)('a' + (number / 40))}sample-component{number}";
        text.Append("Package: ").Append(name).Append('\n');
        if (number % 40 == 0)
            text.Append("Essential: yes\n");
        text.Append(number % 90 == 7 ? "Status: deinstall ok config-files\n" : "Status: install ok installed\n");
        text.Append("Priority: optional\nSection: libs\n");
        text.Append(CultureInfo.InvariantCulture, $"Installed-Size: {random.Next(20, 90000)}\n");
        text.Append("Maintainer: Debian Sample Component Maintainers <pkg-sample-maintainers@lists.example.org>\n");
        text.Append(number % 4 == 0 ? "Architecture: all\n" : "Architecture: amd64\n");
        if (number % 4 != 0 && number % 2 == 0)
            text.Append("Multi-Arch: same\n");
        if (number % 3 == 0)
            text.Append("Source: sample-component (2.36-9)\n");
        text.Append("Version: ").Append(Versions[number % Versions.Length]).Append('\n');
        if (number % 5 == 0)
            text.Append("Replaces: libsample-old (<< 1.18.0-2~), libsample-older\nProvides: libsample-api (= 43-1)\n");
        text.Append(
            "Depends: libc6 (>= 2.34), libgcc-s1 (>= 3.0), libglib2.0-0 (>= 2.37.3), libsample-common (= 2.36-9), zlib1g (>= 1:1.1.4)\n"
        );
        if (number % 6 == 0)
            text.Append(
                "Conffiles:\n /etc/sample/component.conf cc3493ecd2d09837ffdcc3e25fdfff18\n /etc/default/sample "
                    + "11a06baf8245fd8d690b99024d228c1f\n"
            );
        text.Append("Description: sample component for measurements\n");
        int lines = random.Next(2, 9);
        for (int line = 0; line < lines; line++)
            text.Append(line % 4 == 3 ? " .\n" : " This package holds one of the parts that a stanza of ordinary length describes.\n");
        text.Append("Homepage: https://www.example.org/sample-component/\n\n");
    }
}
