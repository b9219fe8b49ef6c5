using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Rollback.WayBack;

/// <summary>
/// What an administrator does on the device of a row: sh, with the device's root as $R. Debian's own programs work on that root, and
/// <c>put /path text</c> writes a file.
/// </summary>
internal static class DeviceShell
{
    private const string Words = """
        put() { mkdir -p "$R${1%/*}"; printf '%s\n' "$2" >"$R$1"; }
        dpkg() { command dpkg --root="$R" --force-script-chrootless --log="$R/var/log/dpkg.log" "$@" >/dev/null; }
        hold() { echo "$1 hold" | command dpkg --root="$R" --set-selections; }
        auto() { apt-mark auto "$@" >/dev/null; }

        """;

    public static void Run(PrivateRoot root, string commands)
    {
        if (commands.Length > 0)
            Command.Run("sh", ["-euc", Words + commands], Environment(root)).Succeeded($"prepare a device: {commands}");
    }

    /// <summary>The same commands for a script that runs by itself.</summary>
    public static string Script(PrivateRoot root, string commands)
    {
        var environment = Environment(root).Select(variable => $"export {variable.Key}='{variable.Value}'\n");
        return $"#!/bin/sh\nset -eu\n{string.Concat(environment)}{Words}{commands}\n";
    }

    private static Dictionary<string, string?> Environment(PrivateRoot root) =>
        new(root.Environment, StringComparer.Ordinal)
        {
            ["R"] = root.Location,
            ["DPKG_ROOT"] = root.Location,
            ["DPKG_ADMINDIR"] = root.At("var/lib/dpkg"),
        };
}
