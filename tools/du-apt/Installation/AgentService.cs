using System.Text;
using AptHandler.Files;

namespace AptHandler.CommandLine.Installation;

/// <summary>The agent's unit, read from its files. They say which user the agent runs as, whether systemd runs or not.</summary>
internal static class AgentService
{
    private const string Unit = "deviceupdate-agent.service";
    private const int LargestFile = 1 << 20;

    // In the order in which systemd looks for a unit: it uses the first file, and the drop-ins of all folders (systemd.unit(5)).
    private static readonly string[] Folders =
    [
        "/etc/systemd/system",
        "/run/systemd/system",
        "/usr/local/lib/systemd/system",
        "/usr/lib/systemd/system",
        "/lib/systemd/system",
    ];

    /// <summary>The user that the unit names; root where it names none. Null where there is no unit.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static string? User()
    {
        string? unit = Array.Find(Array.ConvertAll(Folders, folder => Path.Combine(folder, Unit)), File.Exists);
        if (unit is null)
            return null;
        IEnumerable<string> dropIns = Folders
            .Select(folder => Path.Combine(folder, Unit + ".d"))
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.GetFiles(folder, "*.conf"))
            .DistinctBy(Path.GetFileName, StringComparer.Ordinal)
            .OrderBy(Path.GetFileName, StringComparer.Ordinal);
        string user = "";
        foreach (string file in dropIns.Prepend(unit))
        {
            string section = "";
            foreach (
                string line in Encoding
                    .UTF8.GetString(BoundedFile.Read(file, LargestFile, followLinks: true))
                    .Split('\n', StringSplitOptions.TrimEntries)
            )
            {
                if (line.StartsWith('['))
                    section = line;
                else if (section == "[Service]" && line.Split('=', 2, StringSplitOptions.TrimEntries) is ["User", var value])
                    user = value;
            }
        }

        return user.Length > 0 ? user : "root";
    }
}
