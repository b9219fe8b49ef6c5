using System.Globalization;
using System.Text;
using AptHandler.Files;
using AptHandler.Results;

namespace AptHandler.Authoring.Repositories;

/// <summary>The key of a store, by way of gpg(1) and gpgv(1).</summary>
internal sealed class SigningKey(Store store)
{
    private const string Gpg = "/usr/bin/gpg";
    private const string Gpgv = "/usr/bin/gpgv";

    // gpg-agent listens on a socket beside the keys, and the kernel allows sockets 107 bytes.
    private const int LongestFolder = 80;

    private const int LargestStatus = 1 << 20;

    private static readonly string[] Quietly = ["--batch", "--quiet", "--no-tty", "--yes"];

    // What gpg itself puts there, besides the sockets of its agent. Anything else, such as gpg.conf or gpg-agent.conf, may name programs
    // that it runs.
    private static readonly string[] KeyFiles = ["pubring.kbx", "trustdb.gpg", "random_seed", "tofu.db"];
    private static readonly string[] KeyFolders = ["private-keys-v1.d", "openpgp-revocs.d"];

    /// <summary>What gpg, and aptly for it, is to know of this user: where the keys are.</summary>
    /// <exception cref="InputException">The folder of keys that came with the store holds more than keys.</exception>
    public IReadOnlyList<string> Environment => EnvironmentOf(store.Record.HasOwnKey ? FolderOfKeysAlone(store.KeyFolder) : null);

    private Tool Tool => new(Gpg, "gnupg", Environment) { Held = store.Turn, Cancellation = store.Cancellation };

    /// <summary>Whether gpg can work in a folder.</summary>
    /// <exception cref="InputException">It cannot.</exception>
    public static void CheckFolder(string folder)
    {
        if (Encoding.UTF8.GetByteCount(Unfinished(folder)) > LongestFolder)
            throw new InputException(
                $"cannot keep a key in {folder}: gpg takes no more than {LongestFolder} bytes there; choose a shorter path, or "
                    + $"make the repository with a key of yours (init --gpg-key)"
            );
    }

    /// <summary>Makes a key that can sign, and nothing else, in a folder of its own.</summary>
    /// <returns>Its fingerprint.</returns>
    /// <exception cref="InputException">It cannot be made there.</exception>
    public static string Make(string folder)
    {
        // What is whole was made by one that was killed before anybody knew of it.
        if (!Directory.Exists(folder))
        {
            string unfinished = Unfinished(folder);
            EndAgent(unfinished);
            if (Directory.Exists(unfinished))
                Directory.Delete(unfinished, recursive: true);
            _ = Directory.CreateDirectory(unfinished, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            ToolOutcome made = new Tool(Gpg, "gnupg", EnvironmentOf(unfinished)).Run([
                .. Quietly,
                "--passphrase",
                "",
                "--quick-generate-key",
                "Repository of du-apt <nobody@invalid>",
                "ed25519",
                "sign",
                "never",
            ]);
            EndAgent(unfinished);
            if (!made.IsSuccess)
                throw new InputException($"cannot make a key in {folder}: {made.LastWords}");
            Directory.Move(unfinished, folder);
        }

        // gpg waits five seconds for its agent, which is not enough where a machine is busy.
        const int Attempts = 3;
        var gpg = new Tool(Gpg, "gnupg", EnvironmentOf(FolderOfKeysAlone(folder)));
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            if (SecretKeysOf(gpg) is [var key, ..])
                return key.Fingerprint;
        }

        throw new InputException($"cannot find a key in {folder}; remove that folder, and run the same again");
    }

    /// <summary>The folder in which a key is made that is to lie in another one.</summary>
    public static string Unfinished(string folder) => $"{folder}.new";

    /// <summary>
    /// Ends the gpg-agent of a key that belongs to a store: nothing is to run on when a command has ended, and keep a disk busy.
    /// </summary>
    public static void EndAgent(string folder)
    {
        if (Directory.Exists(folder) && Stranger(folder) is null)
            _ = new Tool("/usr/bin/gpgconf", "gpgconf", EnvironmentOf(folder)).Run(["--kill", "gpg-agent"]);
    }

    /// <summary>The fingerprint of a secret key that this user has, and that signs without questions.</summary>
    /// <param name="key">Its fingerprint, its long id, one of its user ids, or the mail address in one.</param>
    /// <exception cref="InputException">There is none, or more than one.</exception>
    public static string Find(string key)
    {
        var gpg = new Tool(Gpg, "gnupg", EnvironmentOf(null));
        SecretKey[] found = [.. SecretKeysOf(gpg).Where(each => each.IsNamed(key))];
        string fingerprint = found switch
        {
            [] => throw new InputException(
                $"cannot find a secret key \"{key}\"; write the fingerprint that gpg --list-secret-keys tells, or leave it out for "
                    + $"a new key"
            ),
            [{ CanSign: true } only] => only.Fingerprint,
            [var only] => throw new InputException(
                $"cannot sign with the key {only.Fingerprint}: it has expired, was revoked, or is not for signing; name another "
                    + $"one, see gpg --list-secret-keys"
            ),
            _ => throw new InputException(
                $"cannot choose a key: {string.Join(" and ", found.Select(each => each.Fingerprint))} are all \"{key}\"; write the "
                    + $"fingerprint"
            ),
        };

        // Of nothing, which is what a tool reads.
        ToolOutcome trial = gpg.Run([.. Signing(fingerprint), "--detach-sign"]);
        return trial.IsSuccess
            ? fingerprint
            : throw new InputException(
                $"cannot sign with the key {fingerprint}: {trial.LastWords}; take its passphrase away with gpg --change-passphrase "
                    + $"{fingerprint}, or name a key without one"
            );
    }

    /// <summary>When it expires; null when it does not.</summary>
    public DateTimeOffset? Expiry => SecretKeysOf(Tool).Find(each => each.Fingerprint == store.Record.Key)?.Expiry;

    /// <summary>The public key, in ASCII armour.</summary>
    public byte[] Export()
    {
        ToolOutcome outcome = Tool.Run([.. Quietly, "--armor", "--export-options", "export-minimal", "--export", store.Record.Key]);
        return outcome.IsSuccess && outcome.Output.Length > 0 ? Encoding.ASCII.GetBytes(outcome.Output) : throw Failed("export", outcome);
    }

    /// <summary>Signs a Release file, twice: <c>InRelease</c> and <c>Release.gpg</c> come to lie beside it.</summary>
    public void Sign(string release)
    {
        SignAs("--clearsign", release, "InRelease");
        SignAs("--detach-sign", release, "Release.gpg");
    }

    /// <summary>Checks a signature with the key of the store, and nothing else.</summary>
    /// <param name="text">What was signed, of a signed file.</param>
    /// <param name="remedy">What mends a file that is not signed as it should be.</param>
    /// <param name="signed">A signed file; or what a signature is for.</param>
    /// <param name="signature">That signature.</param>
    /// <returns>What is wrong, and what to do about it; null when nothing is.</returns>
    public string? ProblemOf(out string text, string remedy, byte[] signed, byte[]? signature = null)
    {
        text = "";
        if (!File.Exists(store.TrustedKeyFile))
            return $"{store.TrustedKeyFile} is not there; bring it back from a copy of the repository";
        using var armoured = Descriptor.Open(store.TrustedKeyFile, Native.Libc.O_RDONLY);
        using var keyring = Descriptor.InMemory("key");
        if (Dearmoured(Encoding.ASCII.GetString(BoundedFile.Read(armoured, store.TrustedKeyFile, 1 << 20))) is not { } key)
            return $"{store.TrustedKeyFile} holds no key; bring it back from a copy of the repository";
        keyring.Write(key, "the key");
        using var file = Descriptor.InMemory("signed");
        file.Write(signed, "what was signed");
        using var beside = Descriptor.InMemory("signature");
        beside.Write(signature, "the signature");
        using var status = Descriptor.InMemory("status");
        ToolOutcome outcome = new Tool(Gpgv, "gpgv", EnvironmentOf(null)) { Held = status, Cancellation = store.Cancellation }.Run([
            "--status-fd",
            "3",
            "--keyring",
            PathOf(keyring),
            "--output",
            "-",
            .. signature is null ? [] : new[] { PathOf(beside) },
            PathOf(file),
        ]);
        string told = status.ReadEnd(LargestStatus);
        string? problem =
            ProblemIn(told)
            ?? (outcome.IsSuccess && told.Contains("] GOODSIG ", StringComparison.Ordinal) ? null : $"{outcome.LastWords}; {remedy}");
        text = problem is null ? outcome.Output : "";
        return problem;
    }

    // doc/DETAILS of GnuPG. gpgv is content with keys that have expired and apt is not. The last word of VALIDSIG is the key, whatever
    // subkey has signed.
    private string? ProblemIn(string status)
    {
        foreach (string line in status.Split('\n'))
        {
            switch (line.Split(' '))
            {
                case [_, "EXPKEYSIG", ..]:
                    return $"the key {store.Record.Key} has expired, and apt takes nothing of it; give it more time with gpg "
                        + $"--quick-set-expire {store.Record.Key} 2y, run du-apt repository init {store.Location} --gpg-key "
                        + $"{store.Record.Key}, and give key.asc to the devices once more";
                case [_, "REVKEYSIG", ..]:
                    return $"the key {store.Record.Key} was revoked, and apt takes nothing of it; make another repository with another key";
                case [_, "EXPSIG", ..]:
                    return "the signature has expired; take default-sig-expire out of gpg's configuration, and sign anew: create the "
                        + "same once more with another --id, and promote that";
                case [_, "VALIDSIG", .., var key] when key != store.Record.Key:
                    return $"it is signed with {key}, and store.json names {store.Record.Key}; bring store.json and key.asc back from a "
                        + $"copy of the repository";
            }
        }

        return null;
    }

    // Its descriptors stay with this process; gpgv opens what they stand for.
    private static string PathOf(Descriptor file) => $"/proc/{System.Environment.ProcessId}/fd/{file.Number}";

    // Nobody is there to be asked: not at night, and not by aptly.
    private static string[] Signing(string key) =>
        [.. Quietly, "--pinentry-mode", "error", "--local-user", key, "--digest-algo", "SHA512", "--armor"];

    private void SignAs(string how, string release, string name)
    {
        string output = Path.Combine(Path.GetDirectoryName(release)!, name);
        ToolOutcome outcome = Tool.Run([.. Signing(store.Record.Key), "--output", output, how, release]);
        if (!outcome.IsSuccess)
            throw Failed("sign with", outcome);
    }

    // A store may come from somebody else, and gpg obeys what it finds beside keys.
    private static string FolderOfKeysAlone(string folder)
    {
        if (Stranger(folder) is { } name)
        {
            throw new InputException(
                $"cannot use the key in {folder}: {name} is not what gpg makes there, and could have it run a program or use other files; "
                    + "remove it if it is not yours to trust"
            );
        }

        return folder;
    }

    // The first thing in a folder of keys that gpg does not make there, or a link; null where there is none.
    private static string? Stranger(string folder)
    {
        if (Descriptor.StatusOf(folder) is not { } there)
            return null;
        if (!there.IsFolder)
            return Path.GetFileName(folder);
        foreach (string path in Directory.GetFileSystemEntries(folder))
        {
            string name = Path.GetFileName(path);
            bool isOfGpg = Descriptor.StatusOf(path) switch
            {
                null or { IsSocket: true } => true,
                { IsFolder: true } => KeyFolders.Contains(name, StringComparer.Ordinal)
                    && Array.TrueForAll(
                        Directory.GetFileSystemEntries(path),
                        each => Descriptor.StatusOf(each) is null or { IsRegular: true }
                    ),
                { IsRegular: true } => KeyFiles.Contains(name.TrimEnd('~'), StringComparer.Ordinal)
                    || name.StartsWith(".#lk", StringComparison.Ordinal)
                    || name.EndsWith(".lock", StringComparison.Ordinal),
                _ => false,
            };
            if (!isOfGpg)
                return name;
        }

        return null;
    }

    private static string[] EnvironmentOf(string? keys)
    {
        var environment = new List<string> { "PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8" };
        foreach (string name in new[] { "HOME", "GNUPGHOME" })
        {
            string? value = name == "GNUPGHOME" && keys is not null ? keys : System.Environment.GetEnvironmentVariable(name);
            if (!string.IsNullOrEmpty(value))
                environment.Add($"{name}={value}");
        }

        return [.. environment];
    }

    // The format of --with-colons: doc/DETAILS of GnuPG. The first fingerprint is that of the key, others are those of its subkeys.
    private static List<SecretKey> SecretKeysOf(Tool gpg)
    {
        var keys = new List<SecretKey>();
        foreach (string line in gpg.Run([.. Quietly, "--with-colons", "--list-secret-keys"]).Output.Split('\n'))
        {
            switch (line.Split(':'))
            {
                case ["sec", var validity, _, _, _, _, var end, _, _, _, _, var capabilities, ..]:
                    keys.Add(
                        new SecretKey
                        {
                            CanSign = validity is not ("e" or "r" or "d" or "i") && capabilities.Contains('S', StringComparison.Ordinal),
                            Expiry = long.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
                                ? DateTimeOffset.FromUnixTimeSeconds(seconds)
                                : null,
                        }
                    );
                    break;
                case ["fpr", _, _, _, _, _, _, _, _, var fingerprint, ..] when keys is [.., { Fingerprint: "" } last]:
                    last.Fingerprint = fingerprint;
                    break;
                case ["uid", not "r", _, _, _, _, _, _, _, var user, ..] when keys is [.., var last]:
                    last.Users.Add(user);
                    break;
            }
        }

        return keys;
    }

    // RFC 4880, 6.2: headers, an empty line, base64, a checksum. gpgv takes no armour.
    private static byte[]? Dearmoured(string text)
    {
        int start = text.IndexOf("\n\n", StringComparison.Ordinal);
        var body = new StringBuilder();
        foreach (string line in start < 0 ? [] : text[start..].Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line[0] is '=' or '-')
                break;
            body.Append(line);
        }

        var key = new byte[body.Length];
        return body.Length > 0 && Convert.TryFromBase64String(body.ToString(), key, out int length) ? key[..length] : null;
    }

    private UpdateException Failed(string verb, ToolOutcome outcome) =>
        new(
            ExtendedResult.StateUnusable,
            $"cannot {verb} the key {store.Record.Key}: {outcome.LastWords}; make it usable for gpg without questions, and run the "
                + $"same again"
        );

    private sealed class SecretKey
    {
        private const int LengthOfId = 16;

        public string Fingerprint { get; set; } = "";

        public bool CanSign { get; init; }

        public DateTimeOffset? Expiry { get; init; }

        public List<string> Users { get; } = [];

        public bool IsNamed(string key) =>
            Users.Exists(user =>
                user == key || (key.Contains('@', StringComparison.Ordinal) && user.EndsWith($"<{key}>", StringComparison.Ordinal))
            ) || (key.Length >= LengthOfId && Fingerprint.EndsWith(key, StringComparison.OrdinalIgnoreCase));
    }
}
