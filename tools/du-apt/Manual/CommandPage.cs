using System.CommandLine;
using AptHandler.CommandLine.Shared;
using AptHandler.Settings;

namespace AptHandler.CommandLine.Manual;

/// <summary>du-apt(1): the commands that the parser knows, with the texts of <c>--help</c>.</summary>
internal static class CommandPage
{
    /// <summary>The commands that the page shows. A command that only holds other commands is left out.</summary>
    public static IEnumerable<Command> Commands(Command root) =>
        root
            .Subcommands.Where(command => !command.Hidden)
            .SelectMany(command => (command.Action is null ? [] : new[] { command }).Concat(Commands(command)));

    /// <summary>The name of a command as a user types it: <c>version compare</c>.</summary>
    public static string NameOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent and not RootCommand
            ? $"{NameOf(parent)} {command.Name}"
            : command.Name;

    /// <summary>
    /// How an argument is written after its command: <c>ID</c>, <c>[ID]</c> if it is optional, <c>ID...</c> if there can be several.
    /// </summary>
    public static string Usage(Argument argument) => Usage(argument, argument.Name);

    /// <summary>The page.</summary>
    public static string Write(Command root, DateTimeOffset date, string source)
    {
        Command[] commands = [.. Commands(root)];
        var page = new Roff("du-apt", 1, date, source);
        page.Section("NAME").Lead("du-apt - bring the packages of a device to what an apt manifest asks");
        page.Section("SYNOPSIS").Lines(commands.Select(command => Usage(command, withOptions: true)));
        page.Section("DESCRIPTION")
            .Lead(
                "Does by hand what the handler of Device Update for IoT Hub does for the agent, with the same steps, checks and "
                    + "results, and tells what was done. "
                    + "What an update is, and what each failure means, is in du-apt-handler(7)."
            );
        page.Paragraph(
            "`plan`, `manifest`, `package`, `import-manifest`, `repository` and `version` need no rights. What changes packages "
                + "needs those of root, and what reads the records needs them, or those of the group adu."
        );

        page.Section("COMMANDS");
        foreach (Command command in commands)
            page.Item(Usage(command, withOptions: false), command.Description ?? "");

        page.Section("ARGUMENTS");
        foreach (
            Argument argument in commands
                .SelectMany(command => command.Arguments)
                .DistinctBy(argument => argument.Name, StringComparer.Ordinal)
        )
            page.Item(Roff.Italic(argument.Name), argument.Description ?? "");

        page.Section("OPTIONS");
        foreach (Option option in root.Options.Where(option => !option.Hidden))
            page.Item(Usage(option), $"{option.Description?.TrimEnd('.')}.");
        foreach (Option option in commands.SelectMany(command => command.Options).Distinct())
        {
            IEnumerable<string> takers = commands
                .Where(command => command.Options.Contains(option))
                .Select(command => $"`{NameOf(command)}`");
            page.Item(Usage(option), $"{option.Description} For {string.Join(", ", takers)}.");
        }

        page.Section("EXIT STATUS");
        for (int status = 0; status < ExitStatuses.Meanings.Count; status++)
        {
            string meaning = ExitStatuses.Meanings[status];
            page.Item(Roff.Bold($"{status}"), $"{char.ToUpperInvariant(meaning[0])}{meaning[1..]}.");
        }

        page.Paragraph(ExitStatuses.Answers);

        page.Section("OUTPUT FOR PROGRAMS")
            .Lead(
                "With `--json` the steps, `deploy` and every failure print an object with `step`, `resultCode` and "
                    + "`extendedResultCode` as du-apt-handler(7) lists them, "
                    + "`details` (a sentence) and `packages` (each with `name`, `before` and `after`, where null is not installed). "
                    + "`history` prints an object with the list `updates`, "
                    + "`history --show` one update with the member `output`. `manifest diff` prints an object with `before` and "
                    + "`after` (each with `name`, `version` and `agentRestartRequired`) "
                    + "and `packages` (each with `name`, `change`, which is added, unlisted, removed, raised, lowered, pinned or "
                    + "unpinned, and `before` and `after`: a version, newest or removal; "
                    + "null where the package is not listed)."
            );
        page.Paragraph(
            "`state` prints `state`, as OSConfig's module PackageManager reports it (`packagesFingerprint`, `packages`, "
                + "`executionState`, `executionSubstate`, `executionSubstateDetails`, "
                + "`sourcesFingerprint`, `sourcesFilenames`), and `fingerprints` of our own with `packages` and `sources`: SHA-256 "
                + "of lines name:architecture=version, and of all files of sources and pins. "
                + "`state expected` prints those of them that are known beforehand, others as null. `drift` prints "
                + "`installedCriteria`, `hasDrifted` and `differences`, each with `kind` (package or source), "
                + "`name`, `desired` (a version, any, present, or null for not there), `actual` and `wantedBy` (manifest or update), "
                + "and `superseded`, what a later step of the deployment has changed on purpose, each with `name`, `desired`, "
                + "`actual` and `by`, the number of the update; `status` prints it, too."
        );
        page.Paragraph(
            "`import-manifest verify` prints `isValid` and `problems`, each with `file`, `code`, `severity`, `path`, `line`, "
                + "`column`, `message` and `remedy`."
        );

        page.Paragraph(
            "`repository create` and `repository show` print a snapshot (`id`, `created`, `size`, `architectures`, `manifests`, "
                + "`assumed`, `channels`, `packages`, `sources`, a file for devices, "
                + "and `signingKey`, which belongs into the `keyFile` that it names; "
                + "create also `isNew`, and `manifest` where one was written); `repository list` prints `snapshots` and `channels`, "
                + "each of those with `name`, `snapshot` and `history` "
                + "(`time`, `from`, `to`), as `promote` and `rollback` print one, with `isMoved` and `isMended`; `repository diff` "
                + "prints `before`, `after` and `packages` (each with `name`, `change`, which is added, "
                + "removed, raised, lowered or rebuilt, `before` and `after`); `repository verify` prints `isValid` and `findings` "
                + "(each with `place` and `problem`); `repository init` prints `isNew`, "
                + "`store` and `public` (both paths) and `key`, a fingerprint; `repository drop` prints `dropped`, and `repository "
                + "serve` prints `url` and goes on serving."
        );

        page.Section("ENVIRONMENT")
            .Item(
                Roff.Bold(Configuration.FileVariable),
                "The configuration file, where `--config` names none. It counts only for root; sudo drops it."
            )
            .Item(Roff.Bold("NO_COLOR"), "Progress on a terminal has no colours.")
            .Item(
                Roff.Bold("XDG_CACHE_HOME"),
                "Where `manifest` and `repository create` keep package lists, and archives, and what apt computes of them, in a "
                    + "folder du-apt; default ~/.cache. What is there can be deleted at any time."
            )
            .Item(
                Roff.Bold(SourceDate.Variable),
                "The seconds since 1970 that `import-manifest create` takes for now, so that the same input is the same file."
            );

        page.Section("FILES")
            .Item(Roff.Bold(Configuration.DefaultFile), "The configuration; see du-apt-handler(7).")
            .Item(
                Roff.Bold($"{new Configuration().StateDir}/updates"),
                "The records of the last updates, each with its manifest and with what apt printed."
            );

        page.Section("EXAMPLES").Lead("See what an update would do, make it, look back, and ask again later whether all is still so:");
        page.Example(
            """
            cat >manifest.json <<'END'
            { "name": "tools", "version": "1.0.0", "packages": [ { "name": "tree" } ] }
            END
            du-apt plan manifest.json
            sudo du-apt deploy manifest.json
            sudo du-apt history --show tools-1.0.0
            sudo du-apt is-installed manifest.json
            """
        );
        page.Paragraph("Make that manifest an update for the devices of a model, and check what is to be imported:");
        page.Example(
            """
            du-apt import-manifest create --manifest manifest.json --provider Contoso --name Tools \
              --version 1.0.0 --compat manufacturer=Contoso,model=Video --output .
            du-apt import-manifest verify Contoso.Tools.1.0.0.importmanifest.json
            """
        );
        page.Paragraph("Bring the image of the next devices, which is mounted, to where those in the field are by now:");
        page.Example("sudo du-apt deploy --root /mnt updates/*.json");
        page.Paragraph("Ask in a script whether the apt of a device is new enough:");
        page.Example("""du-apt version compare "$(dpkg-query -W -f '${Version}' apt)" ge 2.0 && echo yes""");
        page.Section("SEE ALSO").Lead("du-apt-handler(7), apt-get(8), dpkg(1), sources.list(5)");
        return page.ToString();
    }

    private static string Usage(Command command, bool withOptions)
    {
        IEnumerable<string> words =
        [
            .. withOptions ? [Roff.Bold("du-apt")] : Array.Empty<string>(),
            Roff.Bold(NameOf(command)),
            .. command.Arguments.Select(argument => Usage(argument, Roff.Italic(argument.Name))),
            .. withOptions ? command.Options.Select(option => option.Required ? Usage(option) : $"[{Usage(option)}]") : [],
        ];
        return string.Join(' ', words);
    }

    private static string Usage(Argument argument, string name)
    {
        if (argument.Arity.MaximumNumberOfValues > 1)
            name += "...";
        return argument.Arity.MinimumNumberOfValues == 0 ? $"[{name}]" : name;
    }

    private static string Usage(Option option)
    {
        // Leaves out /h, the spelling of another system, which the parser also takes.
        string names = string.Join(
            ", ",
            option
                .Aliases.Append(option.Name)
                .Where(name => name.StartsWith('-'))
                .OrderBy(name => name.Length)
                .ThenBy(name => name, StringComparer.Ordinal)
                .Select(Roff.Bold)
        );
        return option.HelpName is { } value ? $"{names} {Roff.Italic(value)}" : names;
    }
}
