using AptHandler.CommandLine.Output;
using AptHandler.Results;

namespace AptHandler.CommandLine.Shared;

/// <summary>A manifest that a person named has errors.</summary>
/// <param name="summary">The file and its errors in a sentence.</param>
/// <param name="problems">All errors, in the form shown to a person.</param>
internal sealed class InvalidManifestException(string summary, ShownText problems) : UpdateException(ExtendedResult.Manifest, summary)
{
    /// <summary>All problems, in the form shown to a person.</summary>
    public ShownText Problems { get; } = problems;
}
