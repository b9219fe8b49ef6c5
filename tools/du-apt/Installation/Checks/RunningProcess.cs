using System.Globalization;
using System.Text;
using AptHandler.Files;

namespace AptHandler.CommandLine.Installation.Checks;

/// <summary>Describes a process for people.</summary>
internal static class RunningProcess
{
    /// <summary><c>process 42 (unattended-upgr)</c></summary>
    public static string Describe(int id)
    {
        string number = id.ToString(CultureInfo.InvariantCulture);
        try
        {
            return $"process {number} ({Encoding.UTF8.GetString(BoundedFile.Read($"/proc/{number}/comm", 64)).TrimEnd()})";
        }
        catch (IOException)
        {
            return $"process {number}";
        }
    }
}
