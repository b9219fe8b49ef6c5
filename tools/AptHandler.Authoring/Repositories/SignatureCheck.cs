using System.Text;
using AptHandler.Files;
using AptHandler.Native;

namespace AptHandler.Authoring.Repositories;

/// <summary>Checks signatures with the key of a store, and with no other key, by way of gpgv(1).</summary>
internal sealed class SignatureCheck(Store store)
{
    private const int LargestKey = 1 << 20;
    private const int LargestStatus = 1 << 20;

    /// <summary>Checks a signature with the key of the store, and nothing else.</summary>
    /// <param name="text">What was signed, where a signed file is good; else nothing.</param>
    /// <param name="remedy">What fixes a file that is not signed as it should be.</param>
    /// <param name="signed">A signed file, or the file that the signature is for.</param>
    /// <param name="signature">The signature, where it is a file of its own.</param>
    /// <returns>What is wrong, and what to do about it; null when nothing is.</returns>
    public string? ProblemOf(out string text, string remedy, byte[] signed, byte[]? signature = null)
    {
        text = "";
        if (!File.Exists(store.TrustedKeyFile))
            return $"{store.TrustedKeyFile} is not there; bring it back from a copy of the repository";
        using var armoured = Descriptor.Open(store.TrustedKeyFile, Libc.O_RDONLY);
        using var keyring = Descriptor.InMemory("key");
        if (Dearmoured(Encoding.ASCII.GetString(BoundedFile.Read(armoured, store.TrustedKeyFile, LargestKey))) is not { } key)
            return $"{store.TrustedKeyFile} holds no key; bring it back from a copy of the repository";
        keyring.Write(key, "the key");
        using var file = Descriptor.InMemory("signed");
        file.Write(signed, "what was signed");
        using var beside = Descriptor.InMemory("signature");
        beside.Write(signature, "the signature");
        using var status = Descriptor.InMemory("status");
        string[] files = signature is null ? [PathOf(file)] : [PathOf(beside), PathOf(file)];
        var gpgv = new Tool("/usr/bin/gpgv", "gpgv", Gpg.EnvironmentOf(null)) { Held = status, Cancellation = store.Cancellation };
        ToolOutcome outcome = gpgv.Run(["--status-fd", "3", "--keyring", PathOf(keyring), "--output", "-", .. files]);
        string told = status.ReadEnd(LargestStatus);
        bool isGood = outcome.IsSuccess && told.Contains("] GOODSIG ", StringComparison.Ordinal);
        string? problem = ProblemIn(told) ?? (isGood ? null : $"{outcome.LastWords}; {remedy}");
        text = problem is null ? outcome.Output : "";
        return problem;
    }

    // doc/DETAILS of GnuPG. gpgv accepts keys that have expired; apt does not. The last word of VALIDSIG is the key, whichever of its
    // subkeys has signed.
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
                        + "copy of the repository";
            }
        }

        return null;
    }

    // The descriptors are closed in gpgv, which opens the same files by way of this process.
    private static string PathOf(Descriptor file) => $"/proc/{Environment.ProcessId}/fd/{file.Number}";

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
}
