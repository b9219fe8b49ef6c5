using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Files;
using AptHandler.Processes;

namespace AptHandler.Rollback;

/// <summary>The configuration files of packages, according to dpkg and ucf(1), and the copies that tools put beside them.</summary>
internal static class Conffiles
{
    private const string Query = "/usr/bin/dpkg-query";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>The endings that dpkg, dpkg-maintscript-helper(1) and ucf(1) add to the name of a configuration file.</summary>
    public static IReadOnlyList<string> SuffixesBeside { get; } =
    [".dpkg-dist", ".dpkg-old", ".dpkg-new", ".dpkg-tmp", ".dpkg-bak", ".dpkg-remove", ".dpkg-backup", ".ucf-dist", ".ucf-old", ".ucf-new"];

    /// <summary>Whether a path has such an ending.</summary>
    public static bool IsBeside(string path) => SuffixesBeside.Any(suffix => path.EndsWith(suffix, StringComparison.Ordinal));

    /// <summary>The paths that dpkg treats as configuration files of installed packages.</summary>
    public static HashSet<string> Of(AptSystem system, List<StatusEntry> packages)
    {
        if (packages.Count == 0)
            return [];
        var arguments = new List<string> { $"--admindir={system.AdminFolder}", "--show", "--showformat=${Conffiles}\n", "--" };
        foreach (StatusEntry package in packages)
            arguments.Add(package.Architecture is "all" or "" ? package.Name : $"{package.Name}:{package.Architecture}");
        using var output = Descriptor.InMemory("output");
        using ChildProcess child = ChildProcess.Spawn(new ChildStart(Query, arguments, system.Environment) { Output = output.Number });
        _ = child.Wait(Patience) ?? child.Terminate(TimeSpan.FromSeconds(1));

        // " /etc/foo.conf 0123…" and " /etc/foo.conf 0123… obsolete"
        return
        [
            .. from line in Pieces.Of(output, (byte)'\n')
            let words = line.Trim().Split(' ')
            let hash = Array.FindLastIndex(words, word => word.Length == 32 && word.All(char.IsAsciiHexDigitLower))
            where hash > 0 && words[0].StartsWith('/')
            select string.Join(' ', words[..hash]),
        ];
    }

    /// <summary>The paths that ucf(1) keeps for installed packages: the configuration files, and its own copies of them.</summary>
    public static IEnumerable<string> OfUcf(AptSystem system, List<StatusEntry> packages)
    {
        string registry = system.PathOf("/var/lib/ucf/registry");
        if (!File.Exists(registry))
            yield break;
        HashSet<string> names = [];
        foreach (StatusEntry package in packages)
            names.Add(package.Name);
        foreach (string line in File.ReadLines(registry))
        {
            // "openssh-server /etc/ssh/sshd_config", with white space between the two.
            string[] words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length != 2 || !names.Contains(words[0]))
                continue;
            yield return words[1];
            yield return "/var/lib/ucf/cache/" + words[1].Replace('/', ':');
        }
    }
}
