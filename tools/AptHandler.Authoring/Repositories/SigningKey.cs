using System.Text;
using AptHandler.Results;

namespace AptHandler.Authoring.Repositories;

/// <summary>The key that a store signs with, by way of gpg(1).</summary>
internal sealed class SigningKey(Store store)
{
    /// <summary>What gpg, and aptly for it, is to know of this user: where the keys are.</summary>
    /// <exception cref="InputException">The folder of keys that came with the store holds more than keys.</exception>
    public IReadOnlyList<string> Environment => Gpg.EnvironmentOf(store.Record.HasOwnKey ? GnupgHome.Trusted(store.KeyFolder) : null);

    private Tool Tool => Gpg.In(Environment, store.Turn, store.Cancellation);

    /// <summary>The fingerprint of a secret key that this user has, and that signs without questions.</summary>
    /// <param name="key">Its fingerprint, its long id, one of its user ids, or the mail address in one.</param>
    /// <exception cref="InputException">There is none, or more than one.</exception>
    public static string Find(string key)
    {
        Tool gpg = Gpg.In(Gpg.EnvironmentOf(null));
        SecretKey[] found = [.. SecretKey.AllOf(gpg).Where(each => each.IsNamed(key))];
        string fingerprint = found switch
        {
            [] => throw new InputException(
                $"cannot find a secret key \"{key}\"; write the fingerprint that gpg --list-secret-keys tells, or leave it out for "
                    + "a new key"
            ),
            [{ CanSign: true } only] => only.Fingerprint,
            [var only] => throw new InputException(
                $"cannot sign with the key {only.Fingerprint}: it has expired, was revoked, or is not for signing; name another "
                    + "one, see gpg --list-secret-keys"
            ),
            _ => throw new InputException(
                $"cannot choose a key: {string.Join(" and ", found.Select(each => each.Fingerprint))} are all \"{key}\"; write the "
                    + "fingerprint"
            ),
        };

        // It signs nothing: a tool has an empty input.
        ToolOutcome trial = gpg.Run([.. Signing(fingerprint), "--detach-sign"]);
        return trial.IsSuccess
            ? fingerprint
            : throw new InputException(
                $"cannot sign with the key {fingerprint}: {trial.LastWords}; take its passphrase away with gpg --change-passphrase "
                    + $"{fingerprint}, or name a key without one"
            );
    }

    /// <summary>When it expires; null when it does not.</summary>
    public DateTimeOffset? Expiry => SecretKey.AllOf(Tool).Find(each => each.Fingerprint == store.Record.Key)?.Expiry;

    /// <summary>The public key, in ASCII armour.</summary>
    public byte[] Export()
    {
        ToolOutcome outcome = Tool.Run([.. Gpg.Quietly, "--armor", "--export-options", "export-minimal", "--export", store.Record.Key]);
        return outcome.IsSuccess && outcome.Output.Length > 0 ? Encoding.ASCII.GetBytes(outcome.Output) : throw Failed("export", outcome);
    }

    /// <summary>Signs a Release file, twice: <c>InRelease</c> and <c>Release.gpg</c> come to lie beside it.</summary>
    public void Sign(string release)
    {
        SignAs("--clearsign", release, "InRelease");
        SignAs("--detach-sign", release, "Release.gpg");
    }

    // gpg must not ask for a passphrase: nobody is there to answer at night, or when aptly starts it.
    private static string[] Signing(string key) =>
        [.. Gpg.Quietly, "--pinentry-mode", "error", "--local-user", key, "--digest-algo", "SHA512", "--armor"];

    private void SignAs(string how, string release, string name)
    {
        string output = Path.Combine(Path.GetDirectoryName(release)!, name);
        ToolOutcome outcome = Tool.Run([.. Signing(store.Record.Key), "--output", output, how, release]);
        if (!outcome.IsSuccess)
            throw Failed("sign with", outcome);
    }

    private UpdateException Failed(string verb, ToolOutcome outcome) =>
        new(
            ExtendedResult.StateUnusable,
            $"cannot {verb} the key {store.Record.Key}: {outcome.LastWords}; make it usable for gpg without questions, and run the "
                + "same again"
        );
}
