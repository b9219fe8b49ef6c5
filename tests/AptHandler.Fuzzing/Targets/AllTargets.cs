using AptHandler.Fuzzing.Engine;
using AptHandler.Updates;

namespace AptHandler.Fuzzing.Targets;

/// <summary>All targets, with the words that their texts are made of.</summary>
internal static class AllTargets
{
    private static readonly string[] Json =
    [
        "{", "}", "[", "]", ":", ",", "\"", "{}", "[]", "null", "true", "false", "\\u0000", "\\ud800", "\\udc00", "\\n", "\\\"", "//", "/* */", "\"\":", "-0", "1e400", "NaN",
    ];

    private static readonly string[] Manifest =
    [
        .. Json, "\"name\":", "\"version\":", "\"packages\":", "\"agentRestartRequired\":", "\"sources\":", "\"$schema\":", "\"uris\":", "\"suites\":", "\"components\":",
        "\"architectures\":", "\"signingKey\":", "\"keyring\":", "{\"name\":\"foo\"},", ",{\"name\":\"foo-\"}", ",{\"name\":\"foo\",\"version\":\"1.0\"}", "\"1.0-1\"", "\"latest\"", "\"=1.0\"",
        "\"v1.0\"", "\"Foo\"", "\"foo=1.0\"", ":amd64", "1.0",
    ];

    private static readonly string[] ImportManifest =
    [
        .. Json, "\"updateId\":", "\"provider\":", "\"name\":", "\"version\":", "\"compatibility\":", "\"instructions\":", "\"steps\":", "\"handler\":", "\"files\":", "\"handlerProperties\":",
        "\"installedCriteria\":", "\"type\":", "\"reference\"", "\"inline\"", "\"description\":", "\"manifestVersion\":", "\"4.0\"", "\"5.0\"", "\"createdDateTime\":", "\"filename\":", "\"sizeInBytes\":",
        "\"hashes\":", "\"sha256\":", "\"relatedFiles\":", "\"downloadHandler\":", "\"properties\":", "\"isDeployable\":", "\"id\":", "\"microsoft/apt:1\"",
    ];

    private static readonly string[] Stanza =
    [
        "\n", "\n\n", " ", "Package: ", "Status: ", "install ok installed", "deinstall ok config-files", "hold reinstreq half-installed", "Architecture: ", "amd64", "arm64", "all", "Version: ",
        "Essential: yes", "Protected: yes", "Depends: ", "Auto-Installed: 1", "Auto-Installed: 0", "Installed-Size: ", "Package: foo\n", "Architecture: amd64\n", "\u001e", "\0", "\r\n", "SHA256:\n",
        "Date: ", "Sat, 1 Aug 2026 10:00:00 UTC", " .\n", "\t",
    ];

    private static readonly string[] Version = ["\n", ":", "-", "~", "+", ".", "0", "00", "1:", "-0", "~~", "~rc1", "+b1", "-1~bpo", "٣", "latest"];

    private static readonly string[] Name =
        ["\n", ":", ":amd64", ":any", ":all", "any-", "-any", "-", "+", ".", " (>= 1.0)", " (<< 2)", " (= ", ")", "|", ", ", " [amd64]", " <!nocheck>", "*", "=1.0", "/stable", "~n"];

    private static readonly string[] Source =
    [
        "\n", "https://", "http://", "file:", "copy:/", "cdrom:", "/", "//", "///", "@", ":", "[", "]", "::1", ":8080", "?", "#", "%20", "..", "stable", "main", "-----BEGIN PGP PUBLIC KEY BLOCK-----",
        "-----END PGP PUBLIC KEY BLOCK-----", "\r\n", "\n\n", "/etc/apt/keyrings/", "/usr/share/keyrings/", ".gpg", ".asc", "du-apt-", "amd64", "\u001e", "Version: 1", "=abcd",
    ];

    private static readonly string[] AptOutput =
    [
        "\n", "Inst ", "Conf ", "Remv ", "Purg ", " [", "]", " (", ")", "[amd64]", ":arm64", "foo", " 1.0 ", "1.0-1", "Candidate: ", "  Installed: (none)\n", "  Version table:\n", "     ", " *** ", " 500 ",
        "        500 https://one.example stable/main amd64 Packages\n", " -1 ", "'", "' ", "SHA256:", "user:secret@", "file:/", "https://one.example/", "%3a", "%5f", "dlstatus:", "pmstatus:", "pmerror:",
        "dpkg-exec", ":50.0000:", "1.", ".5", "\t", "$(COMPONENT)", "_", "%5f", "InRelease", "Release", "main/binary-amd64/Packages", "Unable to read ", "DirectoryExists (2:", "\u001e",
    ];

    private static readonly string[] Failure =
    [
        "\n", "E: ", "W: ", "Could not get lock /var/lib/dpkg/lock", "dpkg: error processing package foo (--configure):\n", "dpkg: error processing archive /var/cache/foo_1_all.deb (--unpack):\n",
        " installed foo package post-installation script subprocess returned error exit status 1", "The following packages have unmet dependencies:\n", " foo : Depends: bar (= 1) but it is not installable\n",
        "Unable to locate package foo", "Version '1.0' for 'foo' was not found", "has no installation candidate", " is a virtual package ", "This should NOT be done", "held packages will be changed:\n",
        "Held packages were changed", "cannot be authenticated!", "There were unauthenticated packages", "Failed to fetch https://x", "No space left on device", "Malformed entry ", "/status (", "dpkg was interrupted",
        "Setting up ", "Problem executing scripts DPkg::", "Unable to parse package file", "The repository 'cdrom:", "needs to be reinstalled, but I can't find an archive for it.", "Essential packages were removed",
        "'", "(", "/", ".deb", "%",
    ];

    private static readonly string[] Configuration =
        [.. Json, .. ConfigurationMember.All.Select(member => $"\"{member.Name}\":"), "\"allow\"", "\"auto\"", "\"off\"", "\"required\"", "\"/var/lib/x\"", "\"microsoft/apt:1\"", "86400", "86401"];

    private static readonly string[] AptOptions =
    [
        "Dir", "::", " ", "\"", ";", "{", "}", "//", "/*", "*/", "#", "\n", "Dir \"/\";", "State", "Dir::State::status", "Etc", "Cache", "archives", "parts", "main", "RootDir", "APT::Architecture",
        "DPkg::Options { \"--force-x\"; };", "a{", "\0", "\"\"", "..",
    ];

    private static readonly string[] Worker =
    [
        .. Json, "\n", "\"id\":", "\"request\":", "\"step\":", "\"Install\"", "\"installedCriteria\":", "\"workflowId\":", "\"place\":", "\"manifestLength\":", "\"unlistedRemovals\":", "\"Refuse\"", "\"manifest\":", "cancel\n",
    ];

    private static readonly string[] Record =
    [
        .. Json, "\u001e", "\"number\":", "\"installedCriteria\":", "\"began\":", "\"changed\":", "\"state\":", "\"Installing\"", "\"Applied\"", "\"packages\":", "\"hasChangedMachine\":", "\"owesDeployment\":", "\"result\":",
        "\"cause\":", "\"workflowId\":", "\"place\":", "\"remark\":", "\"9999-12-31T23:59:59+14:00\"", "\"0001-01-01T00:00:00+14:00\"",
    ];

    private static readonly string[] Backup =
    [
        .. Json, "\"packages\":", "\"marks\":", "\"snapshot\":", "\"entries\":", "\"absent\":", "\"databases\":", "\"records\":", "\"services\":", "\"unshipped\":", "\"kind\":", "\"Link\"", "\"path\":", "\"target\":",
        "\"changedSince\":", "\"byOthers\":", "\"staying\":", "\"saved\":", "\"made\":", "\"deleted\":", "\"disappeared\":", "\"offset\":", "\"length\":",
    ];

    private static readonly string[] Criteria = [.. Json, "\"installedCriteria\":", "\"state\":\"installed\"", "\"timestamp\":", "253402300799", "253402300800", "\"contoso-1.0\""];

    private static readonly string[] Text = ["%", "%s", "%3a", "%5f", ".deb", " ", "\u001e", "\n", "\u001b[2J", "\u202e", "\U000e0041", "…", "％", "\r\n", "\t", "😀", "\u00ad"];

    private static readonly string[] Tar = ["ustar\0" + "00", "ustar  \0", "././@LongLink", "27 path=some/long/name\n", "18 linkpath=other\n", "0000644\0", "00000001000\0", "L", "K", "x", "g", "5", "../", "./"];

    /// <summary>Makes them.</summary>
    /// <param name="scratch">Where files are written.</param>
    public static IReadOnlyList<FuzzTarget> Make(ScratchFolder scratch)
    {
        var manifest = new ManifestTargets(scratch);
        var configuration = new ConfigurationTargets(scratch);
        var database = new DatabaseTargets(scratch);
        var record = new RecordTargets(scratch);
        string[] manifests = ["manifest-schema/examples", "tests/corpus/invalid", "tests/corpus/warned"];
        return
        [
            new("manifest", ManifestTargets.Manifest) { Words = Manifest, SeedFolders = manifests },
            new("lint", manifest.Lint) { Words = Manifest, SeedFolders = manifests },
            new("import-manifest", ManifestTargets.ImportManifest) { Words = ImportManifest },
            new("configuration", ConfigurationTargets.Configuration) { Words = Configuration },
            new("apt-options", configuration.AptOptions) { Words = AptOptions },
            new("worker", ConfigurationTargets.Worker) { Words = Worker },
            new("registration", ConfigurationTargets.Registration) { Words = [.. Json, "\"fileName\":", "\"hashes\":", "\"sha256\":"] },
            new("versions", DebianTargets.Versions) { Words = Version },
            new("names", DebianTargets.Names) { Words = Name },
            new("sources", DebianTargets.Sources) { Words = Source },
            new("status", database.Status) { Words = Stanza },
            new("stanzas", database.Stanzas) { Words = Stanza },
            new("release", DatabaseTargets.Release) { Words = Stanza },
            new("plan", AptTargets.Plan) { Words = AptOutput },
            new("failure", AptTargets.Failure) { Words = Failure },
            new("progress", AptTargets.Progress) { Words = AptOutput },
            new("source-lists", AptTargets.SourceLists) { Words = AptOutput },
            new("tar", TarTargets.Tar) { Words = Tar, Repair = TarTargets.WithChecksums },
            new("records", record.Records) { Words = Record },
            new("backup", record.Backup) { Words = Backup },
            new("installed-criteria", record.InstalledCriteria) { Words = Criteria },
            new("operator-text", TextTargets.OperatorText) { Words = Text },
            new("quotation", TextTargets.Quotation) { Words = Text },
            new("foreign-text", TextTargets.ForeignText) { Words = Text },
        ];
    }
}
