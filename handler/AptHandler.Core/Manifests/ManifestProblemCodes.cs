namespace AptHandler.Manifests;

/// <summary>
/// Every code that a <see cref="ManifestProblem"/> can bear. Scripts and dashboards match on them: a code is never renamed, and never
/// given a second meaning. All are errors unless their line says "warning".
/// </summary>
public static class ManifestProblemCodes
{
    /// <summary>The file is larger than 1 MiB; nothing of it was read.</summary>
    public const string TooLarge = "too-large";

    /// <summary>The file holds nothing, or nothing but blanks and a byte-order mark.</summary>
    public const string EmptyFile = "empty-file";

    /// <summary>The file is UTF-16, or holds bytes that are not UTF-8; it was read up to there.</summary>
    public const string NotUtf8 = "not-utf8";

    /// <summary>The file is not JSON (RFC 8259); it was read up to there.</summary>
    public const string InvalidJson = "invalid-json";

    /// <summary>Objects and arrays are nested deeper than any manifest needs; the file was read up to there.</summary>
    public const string NestedTooDeeply = "nested-too-deeply";

    /// <summary>
    /// There are more problems than are worth listing. Too many errors end the reading; too many warnings are a warning and do not.
    /// <c>lint</c> lists 1000 findings of each severity, and says how many more there are.
    /// </summary>
    public const string TooManyProblems = "too-many-problems";

    /// <summary>A string or a member's name holds half of a surrogate pair, which is no text.</summary>
    public const string InvalidText = "invalid-text";

    /// <summary>A value is of another JSON type than its member takes.</summary>
    public const string WrongType = "wrong-type";

    /// <summary>An object lacks a member that it must have.</summary>
    public const string MissingMember = "missing-member";

    /// <summary>An object holds a member of the same name twice; the parser of the reference handler refuses that, too.</summary>
    public const string DuplicateMember = "duplicate-member";

    /// <summary>Warning: an object holds a member that the format does not know; it has no effect.</summary>
    public const string UnknownMember = "unknown-member";

    /// <summary>A string that must say something is empty or blank.</summary>
    public const string EmptyText = "empty-text";

    /// <summary>The name or the version of the manifest is longer than 256 characters.</summary>
    public const string TextTooLong = "text-too-long";

    /// <summary>The name or the version of the manifest holds a control character.</summary>
    public const string ControlCharacter = "control-character";

    /// <summary>The list of packages is empty.</summary>
    public const string NoPackages = "no-packages";

    /// <summary>The name of a package is not one by Debian Policy 5.6.7, even without the minus sign that asks for a removal.</summary>
    public const string InvalidPackageName = "invalid-package-name";

    /// <summary>The version of a package is a range, a pattern or a word, where only one exact version will do.</summary>
    public const string VersionNotExact = "version-not-exact";

    /// <summary>The version of a package is not one by Debian Policy 5.6.12.</summary>
    public const string InvalidVersion = "invalid-version";

    /// <summary>A package is to be removed in a version.</summary>
    public const string RemovalWithVersion = "removal-with-version";

    /// <summary>Warning: two entries wish the same for a package; the later one is dropped.</summary>
    public const string RepeatedPackage = "repeated-package";

    /// <summary>Two entries wish different things for a package.</summary>
    public const string ContradictingPackages = "contradicting-packages";

    /// <summary>The name of a source is not made of lower-case letters, digits and minus signs, or is too long.</summary>
    public const string InvalidSourceId = "invalid-source-id";

    /// <summary>A source holds a member that the format does not know; a source is read exactly as it is written, or not at all.</summary>
    public const string UnknownSourceMember = "unknown-source-member";

    /// <summary>
    /// An address of a source has another scheme than https, http, file and copy, names no host or no absolute path, names a user, or a
    /// host or port that is none, or holds a sign that no address has.
    /// </summary>
    public const string InvalidUri = "invalid-uri";

    /// <summary>A suite of a source holds other signs than letters, digits and . _ ~ + - /.</summary>
    public const string InvalidSuite = "invalid-suite";

    /// <summary>A component of a source holds other signs than letters, digits and . _ ~ + - /.</summary>
    public const string InvalidComponent = "invalid-component";

    /// <summary>
    /// A suite that ends with a slash has components, or stands beside one that does not, or other suites have no components.
    /// </summary>
    public const string UnfitComponents = "unfit-components";

    /// <summary>An architecture of a source is none of Debian's, or stands for several.</summary>
    public const string InvalidArchitecture = "invalid-architecture";

    /// <summary>The signing key of a source is not one public key in ASCII armour, or is longer than 64 KiB.</summary>
    public const string InvalidSigningKey = "invalid-signing-key";

    /// <summary>
    /// The keyring of a source is no file below /usr/share/keyrings or /etc/apt/keyrings that ends with .gpg or .asc, or is one that the
    /// handler writes itself.
    /// </summary>
    public const string InvalidKeyring = "invalid-keyring";

    /// <summary>A source has neither a signing key nor a keyring, or has both.</summary>
    public const string NotOneKey = "not-one-key";

    /// <summary>A list of a source is empty.</summary>
    public const string EmptyList = "empty-list";
}
