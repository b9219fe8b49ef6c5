using System.Buffers;
using System.Globalization;
using AptHandler.Debian;
using AptHandler.Logging;

namespace AptHandler.Manifests;

/// <summary>
/// The rules for the texts of a source. The texts become words of a file in the format deb822 (sources.list(5)). There a blank separates
/// words, a line break ends a field, and root reads the named files. So each text may hold only characters that have no special meaning
/// there.
/// </summary>
internal static class SourceRules
{
    /// <summary>The largest length of a key, in characters. All of them are ASCII, so it is also the length in bytes.</summary>
    public const int LongestKey = 64 * 1024;

    private const int LongestId = 63;
    private const string KeyBegin = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
    private const string KeyEnd = "-----END PGP PUBLIC KEY BLOCK-----";

    // The characters of RFC 3986, without the quotation mark and '#', the sign of fragments, which no source has.
    private static readonly SearchValues<char> UriSigns = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?[]@!$&()*+,;=%"
    );

    private static readonly SearchValues<char> HostSigns = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-."
    );

    private static readonly SearchValues<char> AddressSigns = SearchValues.Create("0123456789ABCDEFabcdef:.");

    private static readonly SearchValues<char> WordSigns = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~+-/"
    );

    private static readonly SearchValues<char> PathSigns = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+-/"
    );

    private static readonly SearchValues<char> ArmourSigns = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
    );

    /// <summary>What is wrong with the name of a source; null when nothing is.</summary>
    public static Objection? CheckId(string id) =>
        id.Length is > 0 and <= LongestId && id[0] != '-' && id.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
            ? null
            : new(
                ManifestProblemCodes.InvalidSourceId,
                $"The name of a source {Quotation.Of(id)} is none; write 1 to {LongestId} lower-case letters, digits and '-', the "
                    + "first of them no '-', such as \"contoso\"."
            );

    /// <summary>What is wrong with an address; null when nothing is.</summary>
    public static Objection? CheckUri(string uri)
    {
        if (uri.AsSpan().ContainsAnyExcept(UriSigns))
            return Refuse(
                "holds a blank, a quotation mark or another sign that no address has; write it as RFC 3986 spells it, with %20 for a blank"
            );
        int colon = uri.IndexOf(':', StringComparison.Ordinal);
        ReadOnlySpan<char> behind = uri.AsSpan(colon + 1);
        switch (colon < 0 ? "" : uri[..colon])
        {
            case "https" or "http":
                ReadOnlySpan<char> authority = behind.StartsWith("//") ? behind[2..] : default;
                // For apt, the host part goes on behind a '?'. Then the host would be another one than people see.
                int end = authority.IndexOf('/');
                return FaultOfAuthority(end < 0 ? authority : authority[..end]) is { } fault ? Refuse(fault) : null;
            case "file" or "copy":
                return behind.StartsWith("///") || (behind.StartsWith('/') && !behind.StartsWith("//"))
                    ? null
                    : Refuse("is no absolute path; write one such as \"file:/srv/packages\"");
            default:
                return Refuse(
                    "has another scheme than https, http, file and copy; write one of them, such as "
                        + "\"https://packages.contoso.example/apt\""
                );
        }

        Objection Refuse(string fault) => new(ManifestProblemCodes.InvalidUri, $"The address {Quotation.Of(uri)} {fault}.");
    }

    /// <summary>What is wrong with a suite; null when nothing is.</summary>
    public static Objection? CheckSuite(string suite) =>
        IsWord(suite)
            ? null
            : new(
                ManifestProblemCodes.InvalidSuite,
                $"The suite {Quotation.Of(suite)} is none; write letters, digits and the signs . _ ~ + - / alone, such as \"stable\"."
            );

    /// <summary>Whether a suite is a folder of its source. A folder has no components.</summary>
    public static bool IsFolder(string suite) => suite.EndsWith('/');

    /// <summary>What is wrong with a component; null when nothing is.</summary>
    public static Objection? CheckComponent(string component) =>
        IsWord(component)
            ? null
            : new(
                ManifestProblemCodes.InvalidComponent,
                $"The component {Quotation.Of(component)} is none; write letters, digits and the signs . _ ~ + - / alone, such as \"main\"."
            );

    /// <summary>What is wrong with an architecture; null when nothing is.</summary>
    public static Objection? CheckArchitecture(string architecture) =>
        !architecture.Contains(':', StringComparison.Ordinal) && PackageName.TryParse($"xx:{architecture}", out _, out _)
            ? null
            : new(
                ManifestProblemCodes.InvalidArchitecture,
                $"The architecture {Quotation.Of(architecture)} is none of Debian's; write one such as \"arm64\", or leave the list out."
            );

    /// <summary>What is wrong with a key; null when nothing is. Only apt can tell whether it is the right key.</summary>
    public static Objection? CheckKey(string key)
    {
        if (key.Length > LongestKey)
            return Refuse($"is longer than {LongestKey} characters");
        string[] lines = key.Split('\n');
        if (!Line(0).SequenceEqual(KeyBegin))
            return Refuse($"does not begin with {KeyBegin}");

        // A key has headers, an empty line, and then its data. Without the empty line apt finds no key.
        int i = 1;
        for (; i < lines.Length && Line(i).Length > 0; i++)
        {
            if (Line(i)[0] is '-' or ' ' || Line(i).ContainsAnyExceptInRange(' ', '~'))
                return Refuse("has no empty line before the key itself, or strange signs there");
        }

        int first = ++i;
        while (i < lines.Length && Line(i).Length > 0 && !Line(i).ContainsAnyExcept(ArmourSigns))
            i++;
        if (i == first || i >= lines.Length || !Line(i).SequenceEqual(KeyEnd))
            return Refuse($"does not go on with base64 up to {KeyEnd}");
        for (i++; i < lines.Length; i++)
        {
            if (Line(i).Length > 0)
                return Refuse($"goes on behind {KeyEnd}");
        }

        return null;

        ReadOnlySpan<char> Line(int number) =>
            lines[number].EndsWith('\r') && number < lines.Length - 1 ? lines[number].AsSpan()[..^1] : lines[number];

        static Objection Refuse(string fault) =>
            new(
                ManifestProblemCodes.InvalidSigningKey,
                $"The signing key {fault}; write what gpg --armor --export prints, with \\n for its line breaks."
            );
    }

    /// <summary>What is wrong with the path of a keyring; null when nothing is.</summary>
    public static Objection? CheckKeyring(string path)
    {
        // The handler's own key files are refused: they are removed together with their sources.
        bool isPlace =
            (
                path.StartsWith("/usr/share/keyrings/", StringComparison.Ordinal)
                || path.StartsWith("/etc/apt/keyrings/", StringComparison.Ordinal)
            ) && !path.StartsWith("/etc/apt/keyrings/du-apt-", StringComparison.Ordinal);
        bool isName =
            !path.AsSpan().ContainsAnyExcept(PathSigns)
            && !path.Contains("..", StringComparison.Ordinal)
            && (path.EndsWith(".gpg", StringComparison.Ordinal) || path.EndsWith(".asc", StringComparison.Ordinal));
        return isPlace && isName
            ? null
            : new(
                ManifestProblemCodes.InvalidKeyring,
                $"The keyring {Quotation.Of(path)} is none; write a file below /usr/share/keyrings or /etc/apt/keyrings that ends "
                    + "with .gpg or .asc, without \"..\" in its path, or the key itself as \"signingKey\"."
            );
    }

    private static string? FaultOfAuthority(ReadOnlySpan<char> authority)
    {
        if (authority.Contains('@'))
            return "names a user or a password, which everybody could read; write them to /etc/apt/auth.conf.d on the device, see "
                + "apt_auth.conf(5)";
        int behindBrackets = authority.IndexOf(']') + 1;
        int colon = authority[behindBrackets..].IndexOf(':');
        ReadOnlySpan<char> host = colon < 0 ? authority : authority[..(behindBrackets + colon)];
        if (host.IsEmpty)
            return "names no host; write one such as \"https://packages.contoso.example/apt\"";
        bool isHost = host is ['[', .. { IsEmpty: false } address, ']']
            ? !address.ContainsAnyExcept(AddressSigns)
            : !host.ContainsAnyExcept(HostSigns);
        if (!isHost)
            return "names a host that is none; write letters, digits, '-' and '.', or an IPv6 address in brackets, up to the first '/' "
                + "behind it, such as \"https://packages.contoso.example/apt\"";
        return colon < 0 || IsPort(authority[(host.Length + 1)..])
            ? null
            : "names a port that is none; write a number from 1 to 65535 behind the ':', or leave both out";
    }

    private static bool IsPort(ReadOnlySpan<char> port) =>
        port is [>= '1' and <= '9', ..]
        && !port.ContainsAnyExceptInRange('0', '9')
        && ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static bool IsWord(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExcept(WordSigns);
}
