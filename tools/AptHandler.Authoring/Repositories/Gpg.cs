using AptHandler.Files;

namespace AptHandler.Authoring.Repositories;

/// <summary>How gpg(1) is started: its environment, and the options that keep it from asking questions.</summary>
internal static class Gpg
{
    /// <summary>The options of every command.</summary>
    public static readonly string[] Quietly = ["--batch", "--quiet", "--no-tty", "--yes"];

    /// <summary>The program, with an environment that <see cref="EnvironmentOf"/> tells.</summary>
    /// <param name="environment">That environment.</param>
    /// <param name="held">A descriptor for the program to hold: see <see cref="Tool.Held"/>.</param>
    /// <param name="cancellation">Ends the program.</param>
    public static Tool In(IReadOnlyList<string> environment, Descriptor? held = null, CancellationToken cancellation = default) =>
        new("/usr/bin/gpg", "gnupg", environment) { Held = held, Cancellation = cancellation };

    /// <summary>The environment of gpg, and of programs that start it.</summary>
    /// <param name="keys">The folder of its keys; null for that of this user.</param>
    public static string[] EnvironmentOf(string? keys)
    {
        var environment = new List<string> { "PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8" };
        foreach (string name in new[] { "HOME", "GNUPGHOME" })
        {
            string? value = name == "GNUPGHOME" && keys is not null ? keys : Environment.GetEnvironmentVariable(name);
            if (!string.IsNullOrEmpty(value))
                environment.Add($"{name}={value}");
        }

        return [.. environment];
    }
}
