using System.Text;
using AptHandler.Apt;

namespace AptHandler.Authoring.Desks;

/// <summary>
/// The configuration of apt at a desk, apt.conf(5). It is that of the machine or of the private root, except for the sources, for the
/// packages that count as installed, and for the folders in which apt writes.
/// </summary>
internal sealed class DeskConfiguration
{
    private const string HostFolder = "/etc/apt/apt.conf.d/";
    private const string HostFile = "/etc/apt/apt.conf";

    private readonly StringBuilder _text = new();

    /// <param name="machine">The machine or private root with the configuration.</param>
    public DeskConfiguration(AptSystem machine)
    {
        // Later settings override earlier ones. So the machine's own files come first, and apt must not read them again after ours.
        if (machine.ConfigurationFile is { } file)
        {
            Include(file);
        }
        else
        {
            if (Directory.Exists(HostFolder))
                Include(HostFolder);
            if (File.Exists(HostFile))
                Include(HostFile);
            Set("Dir::Etc::Parts", "/dev/null");
            Set("Dir::Etc::Main", "/dev/null");
        }

        Set("Dir", machine.RootFolder);
        Set("Dir::State::lists", machine.ListsFolder);
        Set("Dir::State::status", machine.StatusFile);
        Set("Dir::State::extended_states", machine.ExtendedStatesFile);

        // Even a simulation writes log files of the requests to its solver and its planner.
        Set("Dir::Log::Planner", "/dev/null");
        Set("Dir::Log::Solver", "/dev/null");

        // Descriptions are not needed here, and their translations take megabytes.
        Set("Acquire::Languages", "none");

        // These hooks are meant for updates of the machine's own lists.
        Clear("APT::Update::Pre-Invoke");
        Clear("APT::Update::Post-Invoke");
        Clear("APT::Update::Post-Invoke-Success");
    }

    /// <summary>Sets an option.</summary>
    /// <exception cref="InputException">The format cannot express the value.</exception>
    public void Set(string name, string value) => _text.Append(name).Append(' ').Append(Quoted(value)).Append(";\n");

    /// <summary>Sets a list.</summary>
    public void Set(string name, IEnumerable<string> values)
    {
        Clear(name);
        foreach (string value in values)
            Set($"{name}::", value);
    }

    /// <summary>The text of the file.</summary>
    public byte[] ToBytes() => Encoding.UTF8.GetBytes(_text.ToString());

    private void Include(string path) => _text.Append("#include ").Append(Quoted(path)).Append(";\n");

    private void Clear(string name) => _text.Append("#clear ").Append(name).Append(";\n");

    private static string Quoted(string value) =>
        value.Contains('"', StringComparison.Ordinal) || value.Any(char.IsControl)
            ? throw new InputException($"cannot hand {value} to apt; use a path without quotation marks and control characters")
            : $"\"{value}\"";
}
