using AptHandler.Apt;
using AptHandler.Logging;
using AptHandler.Records;
using AptHandler.Results;
using AptHandler.Settings;

namespace AptHandler.CommandLine.Manual;

/// <summary>du-apt-handler(7): what the handler is, how an update goes, and what each failure means.</summary>
internal static class HandlerPage
{
    private static readonly Configuration Defaults = new();

    // Each file with its description.
    private static readonly string[][] Files =
    [
        [Configuration.DefaultFile, "the configuration; root's"],
        ["/usr/lib/du-apt-handler/libdu_apt_handler.so", "the library that the agent loads; root's"],
        ["/usr/lib/du-apt-handler/du-apt", "the program; /usr/bin/du-apt leads to it; root's"],
        ["/usr/lib/du-apt-handler/du-apt-root", "what adu-shell starts as root; root's, and to be executed by the group adu (mode 0750)"],
        [
            $"{Defaults.StateDir}/updates/NUMBER",
            $"one folder for each of the last {UpdateRecords.Kept} updates: `update.json`, `manifest.json`, and `apt.log`, "
                + "which is what apt, dpkg and the maintainer scripts printed, cut to its beginning and its end when it is larger "
                + $"than {Transcript.Largest >> 20} MiB; root writes, the group adu reads (mode 2750)",
        ],
        [$"{Defaults.StateDir}/registration.json", "which handler the agent had before; root's"],
        [Defaults.RunDir, "the lock, the progress and the results of the worker; root writes, the group adu reads (mode 2750)"],
        [$"{Defaults.LogDir}/du-apt-handler.*.log, {Defaults.LogDir}/du-apt.*.log", "logs of the library and of the program; adu's"],
        [Defaults.InstalledCriteriaFile, "the agent's list of installed criteria, which is kept up to date; adu's"],
    ];

    /// <summary>The page.</summary>
    public static string Write(DateTimeOffset date, string source)
    {
        var page = new Roff("du-apt-handler", 7, date, source);
        page.Section("NAME").Lead("du-apt-handler - apt step handler of the Device Update agent");
        page.Section("DESCRIPTION")
            .Lead(
                "The agent of Device Update for IoT Hub loads a handler for each step of an update. "
                    + $"This one takes the update type {Defaults.UpdateType}: it brings the Debian packages "
                    + "of a device to exactly what an apt manifest asks, checks every one of them against dpkg afterwards, and can "
                    + "tell later whether they still are so. "
                    + "du-apt(1) does the same by hand."
            );
        page.Paragraph(
            "A manifest names packages: in exactly this version, in the newest there is, and, with a trailing minus sign, to be removed."
        );
        page.Example(
            """
            {
              "name": "contoso-iot-edge",
              "version": "1.0.0.0",
              "packages": [
                { "name": "thermocontrol", "version": "1.0.1" },
                { "name": "tempreport" },
                { "name": "oldtool-" }
              ]
            }
            """
        );
        Steps(page);
        page.Section("EXTENDED RESULT CODES").Lead("What the cloud shows beside the details. Codes below 0x30200300 are the agent's own.");
        foreach (ExtendedResult result in ExtendedResult.All.OrderBy(each => each.Code))
            page.Item(Roff.Bold(ExtendedResult.Format(result.Code)), $"{result.Meaning}. Remedy: {result.Remedy}.");
        page.Section("WHAT APT SAYS").Lead("What the details call a failure of apt or dpkg, and the words of theirs that it is known by.");
        foreach (AptCause cause in AptCause.All)
        {
            IEnumerable<string> marks = FailureMarks.Of(cause.Kind).Select(mark => $"\"{mark}\"").DefaultIfEmpty("anything else");
            string codes = string.Join(" or ", cause.Results.Select(result => ExtendedResult.Format(result.Code)));
            page.Item(
                Roff.Bold(cause.FullSentence),
                $"{codes}, exit status {(int)cause.Results[0].Outcome}. Remedy: {cause.Remedy}. " + $"Words: {string.Join(" or ", marks)}."
            );
        }

        Settings(page);
        page.Section("FILES");
        foreach (string[] file in Files)
            page.Item(Roff.Bold(file[0]), $"{char.ToUpperInvariant(file[1][0])}{file[1][1..]}.");
        Logs(page);
        Rights(page);
        page.Section("REGISTRATION")
            .Lead(
                "The package registers the library when it is installed, and again after every upgrade of the agent, which takes "
                    + "the update type back for its own handler. "
                    + "An agent that is installed later is registered with then. `du-apt doctor` tells what is wrong with an "
                    + "installation, and what to do about it."
            );
        page.Paragraph(
            "To go back to the handler that the agent had before, remove the package; the agent keeps its list of installed criteria:"
        );
        page.Example("sudo apt-get remove du-apt-handler");
        page.Paragraph(
            "`du-apt unregister` goes back until the library is registered again: by `du-apt register`, or by the next version of "
                + "this package. Restart the agent after either."
        );
        page.Section("SEE ALSO").Lead("du-apt(1), apt-get(8), dpkg(1), apt.conf(5)");
        return page.ToString();
    }

    private static void Steps(Roff page)
    {
        page.Section("HOW AN UPDATE GOES")
            .Lead(
                $"The agent calls the steps in this order. Each that fails answers {ResultCode.Failure} with an extended "
                    + $"result code and a sentence, each that was cancelled {ResultCode.Cancelled}."
            );
        Step(
            "IsInstalled",
            $"{ResultCode.IsInstalled} when the installed criteria are recorded and every package of the recorded manifest still "
                + $"is as it asks, else {ResultCode.IsNotInstalled}. Asked before each of the other steps, and answered without a child "
                + "process or a lock."
        );
        Step(
            "Download",
            $"{ResultCode.DownloadSuccess}: the manifest was valid, apt's plan does what it asks and nothing else, and the "
                + $"archives were fetched. {ResultCode.DownloadSkippedInstalled}: the update is installed already."
        );
        Step(
            "Backup",
            $"{ResultCode.BackupSuccess}: what is needed to go back is put aside: the archives of the old versions and of the new "
                + $"ones, configuration files, marks and holds. {ResultCode.BackupUnsupported}: rollback is off."
        );
        Step(
            "Install",
            $"{ResultCode.InstallSuccess}: planned and compared again, changed in one transaction of apt-get, every package "
                + "checked in dpkg's status, and the health checks run. What fails is undone at once. "
                + $"{ResultCode.InstallSkippedInstalled}: the update is installed already."
        );
        Step(
            "Apply",
            $"{ResultCode.ApplySuccess}: recorded as installed. {ResultCode.ApplyImmediateAgentRestart}: the same, and the agent "
                + "restarts, because the manifest asks for it or the agent or the handler itself was changed. "
                + $"{ResultCode.ApplyImmediateReboot} and {ResultCode.ApplyReboot}: the same, and the device reboots, at once or when it "
                + "suits the agent."
        );
        Step(
            "Restore",
            $"{ResultCode.RestoreSuccess}: the packages are as they were before the update, and the details say whether all else "
                + $"is. {ResultCode.RestoreUnsupported}: rollback is off."
        );
        Step(
            "Cancel",
            $"{ResultCode.CancelSuccess}: the update is given up before its transaction; dpkg is not interrupted, and what it has "
                + $"done by then is undone, or stays, as cancelDuringInstall says. {ResultCode.CancelUnable}: nothing is running."
        );
        page.Paragraph(
            "An update that a power cut or a kill has left half-done is finished, or undone, before anything else: at boot by "
                + "du-apt-handler-recover.service, by the next step that the agent asks for, "
                + $"or by `du-apt recover` ({ResultCode.RecoverSuccess})."
        );
        page.Paragraph(
            "A removal is refused unless the manifest lists the package with a trailing minus sign, or a package that comes in "
                + "conflicts with it or breaks it. "
                + "Essential packages, apt, dpkg, init, deviceupdate-agent and du-apt-handler are never removed. Configuration "
                + "files stay, and nothing is autoremoved."
        );

        void Step(string name, string text) => page.Item(Roff.Bold(name), text);
    }

    private static void Settings(Roff page)
    {
        page.Section("CONFIGURATION")
            .Lead(
                $"{Configuration.DefaultFile} holds one object in JSON. All of its members are optional; an unknown one is an "
                    + "error. A file that is not valid makes every step fail "
                    + $"with {ExtendedResult.Format(ExtendedResult.Configuration.Code)}, names line and column, and changes nothing. "
                    + "It is read anew for each step."
            );
        foreach (ConfigurationMember member in ConfigurationMember.All)
            page.Item(
                $"{Roff.Bold(member.Name)} ({(member.Default is { } value ? $"default {Roff.Bold(value)}" : "no default")})",
                $"{char.ToUpperInvariant(member.Meaning[0])}{member.Meaning[1..]}."
            );
        page.Paragraph("The members from `aptConfig` on make a private root, for tests, demos and images. On a device, leave them out.");
        page.Example(
            """
            {
              "unlistedRemovals": "refuse",
              "protectedPackages": [ "openssh-server", "network-manager" ],
              "lockTimeoutSeconds": 1800
            }
            """
        );
    }

    private static void Logs(Roff page)
    {
        page.Section("LOGS")
            .Lead(
                "Lines have the agent's format, and its log collection takes them along. Each line of library and program that "
                    + "belongs to an update from the cloud names its workflow, as in "
                    + "`(workflow 1f2e3d4c)`; the same id finds the update in the history. Library and program keep "
                    + $"{AgentLog.KeptFiles} files of {AgentLog.LargestFile >> 20} MiB each."
            );
        page.Example(
            """
            grep -h 'workflow 1f2e3d4c' /var/log/adu/*.log | sort
            sudo du-apt history --show 1f2e3d4c
            """
        );
    }

    private static void Rights(Roff page)
    {
        page.Section("WHAT RUNS AS ROOT")
            .Lead(
                "Packages are changed by root, and the agent runs as the user adu. So the library starts `du-apt worker` for each "
                    + "step but IsInstalled: directly where the agent is root, else through adu-shell, "
                    + "the agent's own way to root, and du-apt-root, which leaves nothing of the agent's environment. As root run "
                    + "that worker and what it starts: apt-get, apt-cache, dpkg, dpkg-deb, dpkg-query, dpkg-repack, sha256sum, "
                    + "systemd-run, the health checks, and through them "
                    + "the maintainer scripts of the packages. Besides, `du-apt register` runs as root, and with it the agent's own "
                    + "AducIotAgent: from this package's maintainer scripts, and from "
                    + "du-apt-handler.service before each start of the agent, because an upgrade of the agent can take the update "
                    + "type back where no trigger of dpkg tells it."
            );
        page.Paragraph(
            "The worker treats its request as written by somebody with fewer rights. It comes on standard input with the whole "
                + "manifest, is bounded and checked again, and no file is opened that it names. "
                + "Names and versions are checked by Debian Policy before apt sees them. What the worker tells, and what it "
                + "remembers, lies in folders that only root can write. So whoever is adu can ask for the packages of the sources "
                + "that root has configured, in any version that they have, and for the removal of packages that are not protected, "
                + "and cannot name commands, options, sources or paths."
        );
        page.Paragraph(
            "Where systemd runs, the worker moves into a scope of its own, so that a stop or restart of the agent does not "
                + "interrupt dpkg: the update finishes, is recorded, and is found installed when the agent is back."
        );
    }
}
