using AptHandler.Apt;

namespace AptHandler.UnitTests.Apt;

/// <summary>The texts are what apt 2.6 and dpkg 1.21 printed in private roots, paths shortened, unless another version is named.</summary>
public sealed class AptFailureTests
{
    private const string Reading = "Reading package lists...\nBuilding dependency tree...\nReading state information...\n";

    private const string ScriptThatMetALock = """
        Setting up postbad (1) ...
        E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 7 (apt-get)
        dpkg: error processing package postbad (--configure):
         installed postbad package post-installation script subprocess returned error exit status 4
        Errors were encountered while processing:
         postbad
        E: Sub-process /usr/bin/dpkg returned an error code (1)
        """;

    private const string NotYetValid =
        "Release file for http://x/InRelease is not valid yet (invalid for another 1d 23h 59min 50s). "
        + "Updates for this repository will not be applied.";

    private const string Expired =
        "Release file for http://x/InRelease is expired (invalid since 2d 0h 0min 0s). Updates for this repository will not be applied.";

    public static TheoryData<string, AptFailureKind, string?, string> Outputs { get; } =
        new()
        {
            {
                "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 22985 (hold)\n"
                    + "E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it?\n",
                AptFailureKind.Locked,
                "/var/lib/dpkg/lock-frontend",
                "Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 22985 (hold)"
            },
            {
                "E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it?\n",
                AptFailureKind.Locked,
                "/var/lib/dpkg/lock-frontend",
                "Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it?"
            },
            {
                "E: Unable to lock the administration directory (/var/lib/dpkg/), is another process using it?\n",
                AptFailureKind.Locked,
                "/var/lib/dpkg/",
                "Unable to lock the administration directory (/var/lib/dpkg/), is another process using it?"
            },
            {
                "E: Unable to lock directory /var/lib/apt/lists/\n",
                AptFailureKind.Locked,
                "/var/lib/apt/lists/",
                "Unable to lock directory /var/lib/apt/lists/"
            },
            {
                "dpkg: error: dpkg frontend lock was locked by another process with pid 41\nE: Sub-process /usr/bin/dpkg returned "
                    + "an error code (2)\n",
                AptFailureKind.Locked,
                null,
                "dpkg: error: dpkg frontend lock was locked by another process with pid 41"
            },
            {
                "dpkg: error: dpkg database lock was locked by /usr/bin/dpkg process with pid 41\nNote: removing the lock file is "
                    + "always wrong, can damage the locked area\n",
                AptFailureKind.Locked,
                null,
                "dpkg: error: dpkg database lock was locked by /usr/bin/dpkg process with pid 41"
            },
            {
                "E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem. \n",
                AptFailureKind.Interrupted,
                null,
                "dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem."
            },
            {
                "E: Could not open file /var/lib/apt/lists/x_Packages - open (13: Permission denied)\nE: The package lists or "
                    + "status file could not be parsed or opened.\n",
                AptFailureKind.NoLists,
                null,
                "Could not open file /var/lib/apt/lists/x_Packages - open (13: Permission denied)"
            },
            {
                "E: Unable to parse package file /var/lib/apt/lists/x_Packages (1)\n",
                AptFailureKind.NoLists,
                null,
                "Unable to parse package file /var/lib/apt/lists/x_Packages (1)"
            },
            {
                "E: Unable to parse package file /var/lib/dpkg/status (1)\nE: The package lists or status file could not be "
                    + "parsed or opened.\n",
                AptFailureKind.Other,
                null,
                "Unable to parse package file /var/lib/dpkg/status (1)"
            },
            {
                Reading + "E: Unable to locate package nosuch\n",
                AptFailureKind.UnknownPackage,
                "nosuch",
                "Unable to locate package nosuch"
            },
            {
                "Package virt is a virtual package provided by:\n  one 1\nE: Package 'virt' has no installation candidate\n",
                AptFailureKind.UnknownPackage,
                "virt",
                "Package 'virt' has no installation candidate"
            },
            {
                Reading
                    + "Package plain is not available, but is referred to by another package.\n\nE: Version '9' for 'plain' was not "
                    + "found\n",
                AptFailureKind.UnknownVersion,
                "plain",
                "Version '9' for 'plain' was not found"
            },
            {
                Reading
                    + "Some packages could not be installed.\n\nThe following packages have unmet dependencies:\n app : Depends: "
                    + "lib (= 1.0) but 2.0 is to be installed\n"
                    + "E: Unable to correct problems, you have held broken packages.\n",
                AptFailureKind.UnmetDependencies,
                null,
                "app : Depends: lib (= 1.0) but 2.0 is to be installed"
            },
            {
                // apt 3.0
                "E: Unable to satisfy dependencies. Reached two conflicting assignments:\n   1. app:amd64=1.0 is selected for install\n",
                AptFailureKind.UnmetDependencies,
                null,
                "Unable to satisfy dependencies. Reached two conflicting assignments:"
            },
            {
                "The following held packages will be changed:\n  plain\nThe following packages will be DOWNGRADED:\n  plain\n"
                    + "E: Held packages were changed and -y was used without --allow-change-held-packages.\n",
                AptFailureKind.Held,
                "plain",
                "Held packages were changed and -y was used without --allow-change-held-packages."
            },
            {
                "WARNING: The following essential packages will be removed.\n  ess\nE: Essential packages were removed and -y was "
                    + "used without --allow-remove-essential.\n",
                AptFailureKind.Protected,
                null,
                "Essential packages were removed and -y was used without --allow-remove-essential."
            },
            {
                "E: You don't have enough free space in /var/cache/apt/archives/.\n",
                AptFailureKind.NoSpace,
                null,
                "You don't have enough free space in /var/cache/apt/archives/."
            },
            {
                "dpkg: error processing archive /var/cache/apt/archives/big_1_all.deb (--unpack):\n cannot copy extracted data "
                    + "for './usr/share/big' to '/usr/share/big.dpkg-new': "
                    + "failed to write (No space left on device)\nE: Sub-process /usr/bin/dpkg returned an error code (1)\n",
                AptFailureKind.NoSpace,
                null,
                "cannot copy extracted data for './usr/share/big' to '/usr/share/big.dpkg-new': failed to write (No space left on device)"
            },
            {
                "E: Failed to fetch copy:/srv/repo/pool/big_1_all.deb  Failed to stat - stat (2: No such file or directory)\n"
                    + "E: Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?\n",
                AptFailureKind.FetchFailed,
                "copy:/srv/repo/pool/big_1_all.deb",
                "Failed to fetch copy:/srv/repo/pool/big_1_all.deb  Failed to stat - stat (2: No such file or directory)"
            },
            {
                "E: Failed to fetch http://127.0.0.1:1/pool/big_1_all.deb  404  Not Found [IP: 127.0.0.1 1]\nE: Unable to fetch "
                    + "some archives, maybe run apt-get update?\n",
                AptFailureKind.FetchFailed,
                "http://127.0.0.1:1/pool/big_1_all.deb",
                "Failed to fetch http://127.0.0.1:1/pool/big_1_all.deb  404  Not Found [IP: 127.0.0.1 1]"
            },
            {
                "dpkg: error processing package prermbad (--remove):\n installed prermbad package pre-removal script subprocess "
                    + "returned error exit status 5\n"
                    + "dpkg: too many errors, stopping\nErrors were encountered while processing:\n prermbad\nE: Sub-process "
                    + "/usr/bin/dpkg returned an error code (1)\n",
                AptFailureKind.ScriptFailed,
                "prermbad",
                "installed prermbad package pre-removal script subprocess returned error exit status 5"
            },
            {
                "Preparing to unpack .../preinstbad_1_all.deb ...\ndpkg: error processing archive "
                    + "/var/cache/apt/archives/preinstbad_1%3a1_all.deb (--unpack):\n"
                    + " new preinstbad package pre-installation script subprocess returned error exit status 3\nErrors were "
                    + "encountered while processing:\n"
                    + " /var/cache/apt/archives/preinstbad_1_all.deb\nE: Sub-process /usr/bin/dpkg returned an error code (1)\n",
                AptFailureKind.ScriptFailed,
                "preinstbad",
                "new preinstbad package pre-installation script subprocess returned error exit status 3"
            },
            {
                "Unpacking owb (1) ...\ndpkg: error processing archive /var/cache/apt/archives/owb_1_all.deb (--unpack):\n"
                    + " trying to overwrite '/usr/share/ov/x', which is also in package owa 1\nErrors were encountered while processing:\n"
                    + " /var/cache/apt/archives/owb_1_all.deb\nE: Sub-process /usr/bin/dpkg returned an error code (1)\n",
                AptFailureKind.Other,
                "owb",
                "trying to overwrite '/usr/share/ov/x', which is also in package owa 1"
            },
            {
                Reading + "E: The package owa needs to be reinstalled, but I can't find an archive for it.\n",
                AptFailureKind.BrokenBefore,
                "owa",
                "The package owa needs to be reinstalled, but I can't find an archive for it."
            },
            {
                "You might want to run 'apt --fix-broken install' to correct these.\nThe following packages have unmet dependencies:\n"
                    + " app : Depends: lib (= 7) but 1.0 is to be installed\nE: Unmet dependencies. Try 'apt --fix-broken install' "
                    + "with no packages (or specify a solution).\n",
                AptFailureKind.BrokenBefore,
                "app",
                "app : Depends: lib (= 7) but 1.0 is to be installed"
            },
            {
                "E: Conflicting values set for option Signed-By regarding source http://127.0.0.1:9/ stable: /x.gpg != /y.gpg\nE: "
                    + "The list of sources could not be read.\n",
                AptFailureKind.ConflictingSources,
                null,
                "Conflicting values set for option Signed-By regarding source http://127.0.0.1:9/ stable: /x.gpg != /y.gpg"
            },
            {
                "W: GPG error: http://127.0.0.1:9 stable InRelease: The following signatures couldn't be verified because the "
                    + "public key is not available: NO_PUBKEY 8E5E\n"
                    + "E: The repository 'http://127.0.0.1:9 stable InRelease' is not signed.\n",
                AptFailureKind.SignatureFailed,
                null,
                "GPG error: http://127.0.0.1:9 stable InRelease: The following signatures couldn't be verified because the public "
                    + "key is not available: NO_PUBKEY 8E5E"
            },
            {
                "E: Failed to fetch http://127.0.0.1:9/dists/stable/InRelease  The following signatures were invalid: EXPKEYSIG 8E5E\n"
                    + "E: Some index files failed to download. They have been ignored, or old ones used instead.\n",
                AptFailureKind.SignatureFailed,
                null,
                "Failed to fetch http://127.0.0.1:9/dists/stable/InRelease  The following signatures were invalid: EXPKEYSIG 8E5E"
            },
            {
                // apt 3.0
                "W: OpenPGP signature verification failed: http://127.0.0.1:9 stable InRelease: Sub-process /usr/bin/sqv returned "
                    + "an error code (1), error message is: Missing key 8E5E, which is needed to verify signature.\n"
                    + "E: The repository 'http://127.0.0.1:9 stable InRelease' is not signed.\n",
                AptFailureKind.SignatureFailed,
                null,
                "OpenPGP signature verification failed: http://127.0.0.1:9 stable InRelease: Sub-process /usr/bin/sqv returned an "
                    + "error code (1), error message is: Missing key 8E5E, which is needed to verify signature."
            },
            {
                "E: The repository 'file:/srv ./ Release' is not signed.\n",
                AptFailureKind.SignatureFailed,
                null,
                "The repository 'file:/srv ./ Release' is not signed."
            },
            {
                "Package foo is not available, but is referred to by another package.\n\nE: Package 'foo' has no installation candidate\n",
                AptFailureKind.ForbiddenByPin,
                "foo",
                "Package 'foo' has no installation candidate"
            },
            {
                "E: Malformed entry 1 in list file /etc/apt/x.list (Suite)\nE: The list of sources could not be read.\n",
                AptFailureKind.MalformedFile,
                "/etc/apt/x.list",
                "Malformed entry 1 in list file /etc/apt/x.list (Suite)"
            },
            {
                "E: Malformed stanza 1 in source list /etc/apt/x.sources (type)\nE: The list of sources could not be read.\n",
                AptFailureKind.MalformedFile,
                "/etc/apt/x.sources",
                "Malformed stanza 1 in source list /etc/apt/x.sources (type)"
            },
            {
                "E: Type 'x' is not known on line 1 in source list /etc/apt/x.list\nE: The list of sources could not be read.\n",
                AptFailureKind.MalformedFile,
                "/etc/apt/x.list",
                "Type 'x' is not known on line 1 in source list /etc/apt/x.list"
            },
            {
                "E: Type 'x' is not known on stanza 1 in source list /etc/apt/x.sources\nE: The list of sources could not be read.\n",
                AptFailureKind.MalformedFile,
                "/etc/apt/x.sources",
                "Type 'x' is not known on stanza 1 in source list /etc/apt/x.sources"
            },
            {
                "E: Syntax error /etc/apt/apt.conf.d/x:3: Extra junk at end of file\n",
                AptFailureKind.MalformedFile,
                "/etc/apt/apt.conf.d/x:3",
                "Syntax error /etc/apt/apt.conf.d/x:3: Extra junk at end of file"
            },
            {
                "WARNING: The following packages cannot be authenticated!\n  foo\n"
                    + "E: There were unauthenticated packages and -y was used without --allow-unauthenticated\n",
                AptFailureKind.Unauthenticated,
                "foo",
                "There were unauthenticated packages and -y was used without --allow-unauthenticated"
            },
            {
                $"E: {NotYetValid}\nE: Failed to fetch https://y/dists/stable/InRelease  Certificate verification failed\n",
                AptFailureKind.NotYetValid,
                null,
                NotYetValid
            },
            { $"E: {Expired}\n", AptFailureKind.Expired, null, Expired },
            {
                "Err:3 cdrom://[Debian 12] bookworm Release\n  Please use apt-cdrom to make this CD-ROM recognized by APT.\n"
                    + "E: The repository 'cdrom://[Debian 12] bookworm Release' does not have a Release file.\n",
                AptFailureKind.CdromSource,
                null,
                "The repository 'cdrom://[Debian 12] bookworm Release' does not have a Release file."
            },
            {
                "E: The repository 'http://x stable Release' no longer has a Release file.\n",
                AptFailureKind.NoRepository,
                null,
                "The repository 'http://x stable Release' no longer has a Release file."
            },
            {
                "E: The method driver /usr/lib/apt/methods/ftps could not be found.\nE: Failed to fetch "
                    + "ftps://x/dists/stable/InRelease  \n",
                AptFailureKind.NoMethod,
                null,
                "The method driver /usr/lib/apt/methods/ftps could not be found."
            },
            {
                "hook says\nE: Problem executing scripts DPkg::Pre-Invoke 'exit 7'\nE: Sub-process returned an error code\n",
                AptFailureKind.HookFailed,
                null,
                "Problem executing scripts DPkg::Pre-Invoke 'exit 7'"
            },
            {
                "E: Sub-process /usr/sbin/listbugs returned an error code (10)\nE: Failure running script /usr/sbin/listbugs\n",
                AptFailureKind.HookFailed,
                null,
                "Failure running script /usr/sbin/listbugs"
            },
            {
                "E: Problem executing scripts APT::Update::Post-Invoke 'false'\nE: Sub-process returned an error code\n",
                AptFailureKind.HookFailed,
                null,
                "Problem executing scripts APT::Update::Post-Invoke 'false'"
            },
            { "W: a warning\nE: Something new went wrong\nE: And more\n", AptFailureKind.Other, null, "Something new went wrong" },
            { "no error line at all\nand a second one\n", AptFailureKind.Other, null, "no error line at all" },
            {
                "The following packages have unmet dependencies:\n \n",
                AptFailureKind.UnmetDependencies,
                null,
                "The following packages have unmet dependencies:"
            },
            { "\nUnable to parse package file x (1)\n", AptFailureKind.NoLists, null, "Unable to parse package file x (1)" },
            { "", AptFailureKind.Other, null, "it said nothing" },
            { "\n", AptFailureKind.Other, null, "it said nothing" },
        };

    [Theory]
    [MemberData(nameof(Outputs))]
    public void The_cause_is_found_in_the_words(string output, AptFailureKind kind, string? subject, string evidence) =>
        AptFailure.Classify(output).Should().Be(new AptFailure(kind, subject, evidence));

    [Fact]
    public void A_network_that_fails_comes_before_a_hook_that_failed_because_of_it() =>
        AptFailure
            .Classify("E: Failed to fetch http://x/InRelease  Refused\nE: Problem executing scripts APT::Update::Post-Invoke 'x'\n")
            .Kind.Should()
            .Be(AptFailureKind.FetchFailed);

    // Whoever takes a failing script for a held lock runs the transaction again and again.
    [Fact]
    public void A_lock_that_a_maintainer_script_met_is_a_failure_of_the_script()
    {
        AptFailure failure = AptFailure.Classify(ScriptThatMetALock);

        failure.Kind.Should().Be(AptFailureKind.ScriptFailed);
        failure.Subject.Should().Be("postbad");
    }

    [Theory]
    [InlineData("helper: the file was not found")]
    [InlineData("E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem.")]
    [InlineData("E: Unable to locate package helper")]
    [InlineData("E: Failed to fetch http://x/y")]
    [InlineData("dpkg: error: dpkg frontend lock was locked by another process with pid 3")]
    public void What_a_maintainer_script_prints_does_not_hide_that_it_failed(string noise) =>
        AptFailure
            .Classify(
                ScriptThatMetALock.Replace(
                    "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 7 (apt-get)",
                    noise,
                    StringComparison.Ordinal
                )
            )
            .Kind.Should()
            .Be(AptFailureKind.ScriptFailed);

    [Fact]
    public void A_full_disk_explains_what_fails_because_of_it() =>
        AptFailure
            .Classify(ScriptThatMetALock.Replace("E: Could not get lock", "cp: No space left on device", StringComparison.Ordinal))
            .Kind.Should()
            .Be(AptFailureKind.NoSpace);

    [Fact]
    public void A_file_that_some_program_did_not_find_is_no_unknown_version() =>
        AptFailure
            .Classify("W: some hook: python was not found\nE: Failed to fetch http://x/y  Connection refused\n")
            .Kind.Should()
            .Be(AptFailureKind.FetchFailed);

    [Fact]
    public void A_lock_explains_what_fails_because_of_it() =>
        AptFailure
            .Classify("E: Unable to lock directory /var/lib/apt/lists/\nE: Some index files failed to download.\n")
            .Kind.Should()
            .Be(AptFailureKind.Locked);

    public static TheoryData<string, int> Hostile { get; } =
        new()
        {
            { "x", 4_000_000 },
            { " ", 4_000_000 },
            { "'", 4_000_000 },
            { "\0", 4_000_000 },
            { "\n", 4_000_000 },
            { "E: ", 1_000_000 },
            { "\nE: \n", 1_000_000 },
            { "Unable to locate package ", 200_000 },
            { "' has no installation candidate", 200_000 },
            { "have unmet dependencies: ", 200_000 },
            { "have unmet dependencies:\n", 200_000 },
            { "dpkg: error processing package ", 200_000 },
            { "dpkg: error processing archive ", 200_000 },
            { "held packages will be changed:", 1 },
            { "E: Version '", 1 },
            { "\ud800", 1_000 },
        };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void No_output_whatever_throws_or_becomes_a_huge_message(string part, int times)
    {
        string output = new System.Text.StringBuilder().Insert(0, part, times).ToString();

        AptFailure failure = AptFailure.Classify(output);

        failure.Evidence.Length.Should().BeLessThan(10_000);
        (failure.Subject ?? "").Length.Should().BeLessThan(10_000);
    }

    [Theory]
    [InlineData("Setting up slow (1) ...\nE: Sub-process /usr/bin/dpkg exited unexpectedly\n")]
    [InlineData("E: Sub-process /usr/bin/dpkg received a segmentation fault.\n")]
    public void A_dpkg_that_was_killed_is_an_interruption_also_in_the_middle_of_a_transaction(string output) =>
        AptFailure.Classify(output, isTransactionBegun: true).Kind.Should().Be(AptFailureKind.Interrupted);

    [Fact]
    public void What_a_failing_script_said_last_is_told()
    {
        var failure = new AptFailure(AptFailureKind.ScriptFailed, "foo", "exit status 7");

        failure
            .WithLastWords("Setting up foo (1) ...\nthe sensor is missing\ndpkg: error processing package foo (--configure):\n")
            .Evidence.Should()
            .Be("exit status 7; it said: the sensor is missing");
        failure.WithLastWords("Setting up foo (1) ...\ndpkg: error processing package foo (--configure):\n").Should().Be(failure);
        failure.WithLastWords("").Should().Be(failure);
        failure.WithLastWords(new string('x', 100_000) + "\ndpkg: error processing package foo\n").Evidence.Length.Should().BeLessThan(300);
    }
}
