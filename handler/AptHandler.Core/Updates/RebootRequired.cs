using System.Text;
using AptHandler.Apt;
using AptHandler.Files;

namespace AptHandler.Updates;

/// <summary>
/// Debian's sign that a package needs a reboot: the file <c>/run/reboot-required</c>. A file beside it lists the packages that need the
/// reboot.
/// </summary>
public static class RebootRequired
{
    private const int LargestFile = 64 * 1024;

    /// <summary>The sentence for an operator, or null when no reboot is required.</summary>
    public static string? Reason(AptSystem system)
    {
        string sign = system.PathOf("/run/reboot-required");
        if (!File.Exists(sign))
            return null;
        string[] packages = [];
        try
        {
            packages = Encoding
                .UTF8.GetString(BoundedFile.Read(sign + ".pkgs", LargestFile))
                .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        }
        catch (IOException)
        {
            // Not every package that needs a reboot is listed.
        }

        return packages.Length == 0
            ? "a reboot is required"
            : $"a reboot is required by {string.Join(", ", packages.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))}";
    }
}
