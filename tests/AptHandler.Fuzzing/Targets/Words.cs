using AptHandler.Settings;

namespace AptHandler.Fuzzing.Targets;

/// <summary>Words that mean something to the parsers.</summary>
internal static class Words
{
    /// <summary>Parts of any JSON.</summary>
    public static readonly string[] Json =
    [
        "{", "}", "[", "]", ":", ",", "\"", "{}", "[]", "null", "true", "false", "\\u0000", "\\ud800", "\\udc00", "\\n", "\\\"", "//",
        "/* */", "\"\":", "-0", "1e400", "NaN",
    ];

    /// <summary>Parts of apt manifests.</summary>
    public static readonly string[] Manifest =
    [
        .. Json, "\"name\":", "\"version\":", "\"packages\":", "\"agentRestartRequired\":", "\"sources\":", "\"$schema\":", "\"uris\":",
        "\"suites\":", "\"components\":", "\"architectures\":", "\"signingKey\":", "\"keyring\":", "{\"name\":\"foo\"},",
        ",{\"name\":\"foo-\"}", ",{\"name\":\"foo\",\"version\":\"1.0\"}", "\"1.0-1\"", "\"latest\"", "\"=1.0\"", "\"v1.0\"", "\"Foo\"",
        "\"foo=1.0\"", ":amd64", "1.0",
    ];

    /// <summary>Parts of import manifests.</summary>
    public static readonly string[] ImportManifest =
    [
        .. Json, "\"updateId\":", "\"provider\":", "\"name\":", "\"version\":", "\"compatibility\":", "\"instructions\":", "\"steps\":",
        "\"handler\":", "\"files\":", "\"handlerProperties\":", "\"installedCriteria\":", "\"type\":", "\"reference\"", "\"inline\"",
        "\"description\":", "\"manifestVersion\":", "\"4.0\"", "\"5.0\"", "\"createdDateTime\":", "\"filename\":", "\"sizeInBytes\":",
        "\"hashes\":", "\"sha256\":", "\"relatedFiles\":", "\"downloadHandler\":", "\"properties\":", "\"isDeployable\":", "\"id\":",
        "\"microsoft/apt:1\"",
    ];

    /// <summary>Parts of control files.</summary>
    public static readonly string[] Stanza =
    [
        "\n", "\n\n", " ", "Package: ", "Status: ", "install ok installed", "deinstall ok config-files", "hold reinstreq half-installed",
        "Architecture: ", "amd64", "arm64", "all", "Version: ", "Essential: yes", "Protected: yes", "Depends: ", "Auto-Installed: 1",
        "Auto-Installed: 0", "Installed-Size: ", "Package: foo\n", "Architecture: amd64\n", "\u001e", "\0", "\r\n", "SHA256:\n", "Date: ",
        "Sat, 1 Aug 2026 10:00:00 UTC", " .\n", "\t",
    ];

    /// <summary>Parts of a registration of the agent's.</summary>
    public static readonly string[] Registration = [.. Json, "\"fileName\":", "\"hashes\":", "\"sha256\":"];

    /// <summary>Parts of versions.</summary>
    public static readonly string[] Version =
    [
        "\n", ":", "-", "~", "+", ".", "0", "00", "1:", "-0", "~~", "~rc1", "+b1", "-1~bpo", "٣", "latest",
    ];

    /// <summary>Parts of names and relations.</summary>
    public static readonly string[] Name =
    [
        "\n", ":", ":amd64", ":any", ":all", "any-", "-any", "-", "+", ".", " (>= 1.0)", " (<< 2)", " (= ", ")", "|", ", ", " [amd64]",
        " <!nocheck>", "*", "=1.0", "/stable", "~n",
    ];

    /// <summary>Parts of sources.</summary>
    public static readonly string[] Source =
    [
        "\n", "https://", "http://", "file:", "copy:/", "cdrom:", "/", "//", "///", "@", ":", "[", "]", "::1", ":8080", "?", "#", "%20",
        "..", "stable", "main", "-----BEGIN PGP PUBLIC KEY BLOCK-----", "-----END PGP PUBLIC KEY BLOCK-----", "\r\n", "\n\n",
        "/etc/apt/keyrings/", "/usr/share/keyrings/", ".gpg", ".asc", "du-apt-", "amd64", "\u001e", "Version: 1", "=abcd",
    ];

    /// <summary>What apt prints.</summary>
    public static readonly string[] AptOutput =
    [
        "\n", "Inst ", "Conf ", "Remv ", "Purg ", " [", "]", " (", ")", "[amd64]", ":arm64", "foo", " 1.0 ", "1.0-1", "Candidate: ",
        "  Installed: (none)\n", "  Version table:\n", "     ", " *** ", " 500 ",
        "        500 https://one.example stable/main amd64 Packages\n", " -1 ", "'", "' ", "SHA256:", "user:secret@", "file:/",
        "https://one.example/", "%3a", "%5f", "dlstatus:", "pmstatus:", "pmerror:", "dpkg-exec", ":50.0000:", "1.", ".5", "\t",
        "$(COMPONENT)", "_", "%5f", "InRelease", "Release", "main/binary-amd64/Packages", "Unable to read ",
        "DirectoryExists (2:", "\u001e",
    ];

    /// <summary>What apt and dpkg print when they fail.</summary>
    public static readonly string[] Failure =
    [
        "\n", "E: ", "W: ", "Could not get lock /var/lib/dpkg/lock", "dpkg: error processing package foo (--configure):\n",
        "dpkg: error processing archive /var/cache/foo_1_all.deb (--unpack):\n",
        " installed foo package post-installation script subprocess returned error exit status 1",
        "The following packages have unmet dependencies:\n", " foo : Depends: bar (= 1) but it is not installable\n",
        "Unable to locate package foo", "Version '1.0' for 'foo' was not found", "has no installation candidate",
        " is a virtual package ", "This should NOT be done", "held packages will be changed:\n", "Held packages were changed",
        "cannot be authenticated!", "There were unauthenticated packages", "Failed to fetch https://x", "No space left on device",
        "Malformed entry ", "/status (", "dpkg was interrupted",
        "Setting up ", "Problem executing scripts DPkg::", "Unable to parse package file", "The repository 'cdrom:",
        "needs to be reinstalled, but I can't find an archive for it.", "Essential packages were removed",
        "'", "(", "/", ".deb", "%",
    ];

    /// <summary>Parts of the configuration.</summary>
    public static readonly string[] Configuration =
    [
        .. Json, .. ConfigurationMember.All.Select(member => $"\"{member.Name}\":"), "\"allow\"", "\"auto\"", "\"off\"", "\"required\"",
        "\"/var/lib/x\"", "\"microsoft/apt:1\"", "86400", "86401",
    ];

    /// <summary>Parts of apt.conf(5).</summary>
    public static readonly string[] AptOptions =
    [
        "Dir", "::", " ", "\"", ";", "{", "}", "//", "/*", "*/", "#", "\n", "Dir \"/\";", "State", "Dir::State::status", "Etc", "Cache",
        "archives", "parts", "main", "RootDir", "APT::Architecture", "DPkg::Options { \"--force-x\"; };", "a{", "\0", "\"\"", "..",
    ];

    /// <summary>Parts of a request to the worker.</summary>
    public static readonly string[] Worker =
    [
        .. Json, "\n", "\"id\":", "\"request\":", "\"step\":", "\"Install\"", "\"installedCriteria\":", "\"workflowId\":", "\"place\":",
        "\"manifestLength\":", "\"unlistedRemovals\":", "\"Refuse\"", "\"manifest\":", "cancel\n",
    ];

    /// <summary>Parts of records of updates.</summary>
    public static readonly string[] Record =
    [
        .. Json, "\u001e", "\"number\":", "\"installedCriteria\":", "\"began\":", "\"changed\":", "\"state\":", "\"Installing\"",
        "\"Applied\"", "\"packages\":", "\"hasChangedMachine\":", "\"owesDeployment\":", "\"result\":", "\"cause\":", "\"workflowId\":",
        "\"place\":", "\"remark\":", "\"9999-12-31T23:59:59+14:00\"", "\"0001-01-01T00:00:00+14:00\"",
    ];

    /// <summary>Parts of the description of a backup.</summary>
    public static readonly string[] Backup =
    [
        .. Json, "\"packages\":", "\"marks\":", "\"snapshot\":", "\"entries\":", "\"absent\":", "\"databases\":", "\"records\":",
        "\"services\":", "\"unshipped\":", "\"kind\":", "\"Link\"", "\"path\":", "\"target\":", "\"changedSince\":", "\"byOthers\":",
        "\"staying\":", "\"saved\":", "\"made\":", "\"deleted\":", "\"disappeared\":", "\"offset\":", "\"length\":",
    ];

    /// <summary>Parts of the list of installed criteria.</summary>
    public static readonly string[] Criteria =
    [
        .. Json, "\"installedCriteria\":", "\"state\":\"installed\"", "\"timestamp\":", "253402300799", "253402300800", "\"contoso-1.0\"",
    ];

    /// <summary>What is awkward to show.</summary>
    public static readonly string[] Text =
    [
        "%", "%s", "%3a", "%5f", ".deb", " ", "\u001e", "\n", "\u001b[2J", "\u202e", "\U000e0041", "…", "％", "\r\n", "\t", "😀", "\u00ad",
    ];

    /// <summary>Parts of tar streams.</summary>
    public static readonly string[] Tar =
    [
        "ustar\0" + "00", "ustar  \0", "././@LongLink", "27 path=some/long/name\n", "18 linkpath=other\n", "0000644\0", "00000001000\0",
        "L", "K", "x", "g", "5", "../", "./",
    ];
}
