using AptHandler.Manifests;

namespace AptHandler.Authoring.ImportManifests;

/// <summary>
/// The codes of problems that only an import manifest can have; those of its JSON are in <see cref="ManifestProblemCodes"/>. A code is
/// never renamed, and never given a second meaning. All are errors unless their line says "warning".
/// </summary>
public static class ImportProblemCodes
{
    /// <summary>A text or a number is not of the form, or not in the range, that its member asks for.</summary>
    public const string InvalidValue = "invalid-value";

    /// <summary>Warning: the service takes a value, but makes another one of it, or has a newer one in its place.</summary>
    public const string UnusualValue = "unusual-value";

    /// <summary>A member is unknown, and its object may have no others than those that are known.</summary>
    public const string UnexpectedMember = "unexpected-member";

    /// <summary>A text has too few characters or too many, or a list or an object too few entries or too many.</summary>
    public const string WrongCount = "wrong-count";

    /// <summary>A member belongs to the other type of step.</summary>
    public const string MisplacedMember = "misplaced-member";

    /// <summary>A step refers to the update that it belongs to.</summary>
    public const string SelfReference = "self-reference";

    /// <summary>All files together are larger than an import may be.</summary>
    public const string ImportTooLarge = "import-too-large";

    /// <summary>A step names a file that the import manifest does not list.</summary>
    public const string UnlistedFile = "unlisted-file";

    /// <summary>No step names a file that the import manifest lists.</summary>
    public const string UnusedFile = "unused-file";

    /// <summary>Two files have one name.</summary>
    public const string RepeatedFile = "repeated-file";

    /// <summary>A listed file does not lie beside the import manifest.</summary>
    public const string MissingFile = "missing-file";

    /// <summary>What lies there under the name of a listed file is no regular file, or cannot be opened.</summary>
    public const string UnreadableFile = "unreadable-file";

    /// <summary>A file has another size, or other content, than the import manifest says.</summary>
    public const string ChangedFile = "changed-file";

    /// <summary>An apt step has no installed criteria.</summary>
    public const string MissingCriteria = "missing-criteria";

    /// <summary>Two apt steps have the same installed criteria, so that one would count as installed with the other.</summary>
    public const string RepeatedCriteria = "repeated-criteria";

    /// <summary>Warning: the installed criteria do not tell which apt manifest they are of.</summary>
    public const string UnusualCriteria = "unusual-criteria";
}
