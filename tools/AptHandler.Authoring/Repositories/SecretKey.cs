using System.Globalization;

namespace AptHandler.Authoring.Repositories;

/// <summary>A secret key, as gpg lists it.</summary>
internal sealed class SecretKey
{
    private const int LengthOfId = 16;

    /// <summary>Its fingerprint.</summary>
    public string Fingerprint { get; private set; } = "";

    /// <summary>Whether it may sign: it is for that, and has not expired or been revoked.</summary>
    public bool CanSign { get; private init; }

    /// <summary>When it expires; null when it does not.</summary>
    public DateTimeOffset? Expiry { get; private init; }

    private List<string> Users { get; } = [];

    /// <summary>All secret keys that a gpg finds.</summary>
    public static List<SecretKey> AllOf(Tool gpg)
    {
        var keys = new List<SecretKey>();

        // The format of --with-colons: doc/DETAILS of GnuPG. The first fingerprint is that of the key, others are those of its subkeys.
        foreach (string line in gpg.Run([.. Gpg.Quietly, "--with-colons", "--list-secret-keys"]).Output.Split('\n'))
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

    /// <summary>Whether somebody means this key.</summary>
    /// <param name="key">A fingerprint, a long id, a user id, or the mail address in one.</param>
    public bool IsNamed(string key)
    {
        bool isAddress = key.Contains('@', StringComparison.Ordinal);
        bool isUser = Users.Exists(user => user == key || (isAddress && user.EndsWith($"<{key}>", StringComparison.Ordinal)));
        return isUser || (key.Length >= LengthOfId && Fingerprint.EndsWith(key, StringComparison.OrdinalIgnoreCase));
    }
}
