using AptHandler.Logging;
using AptHandler.Manifests;

namespace AptHandler.Authoring.ImportManifests;

/// <summary>A value of an import manifest, and its place.</summary>
/// <param name="name">The name of the member, or of the kind of list entry.</param>
/// <param name="path">Its JSON path.</param>
/// <param name="offset">The offset of its first byte.</param>
internal sealed class ImportValue(string name, string path, int offset)
{
    public string Name => name;

    public string Path => path;

    public int Offset => offset;

    /// <summary>The text, if the value is a valid text.</summary>
    public string? Text { get; set; }

    /// <summary>The text in quotation marks, for a message.</summary>
    public string Quoted => Quotation.Of(Text);

    /// <summary>The number, if the value is a valid number; otherwise 0.</summary>
    public long Number { get; set; }

    /// <summary>The entries of a list, or the members of an object.</summary>
    public List<ImportValue> Values { get; } = [];

    /// <summary>A member of an object.</summary>
    public ImportValue? this[string member] => Values.Find(value => value.Name == member);

    /// <summary>The entries of a member that is a list; none where there is no such list.</summary>
    public List<ImportValue> Entries(string member) => this[member]?.Values ?? [];

    /// <summary>Reports that an object lacks a member that it must have.</summary>
    public void ReportMissing(ProblemList problems, string member) =>
        problems.Error(
            ManifestProblemCodes.MissingMember,
            JsonPath.Object(path).Of(member),
            offset,
            $"There is no \"{member}\" here; add it, as du-apt import-manifest create does."
        );

    /// <summary>Reports something about the value that is not wrong, but should be checked.</summary>
    public void Warn(ProblemList problems, string code, string message) => problems.Warning(code, JsonPath.Object(path), offset, message);

    /// <summary>Reports an error in the value.</summary>
    public void Report(ProblemList problems, string code, string message) => problems.Error(code, JsonPath.Object(path), offset, message);
}
