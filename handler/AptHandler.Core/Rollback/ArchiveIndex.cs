using AptHandler.Debian;

namespace AptHandler.Rollback;

/// <summary>The data in the sources about the archives that a backup wants. An archive without a hash is in no source.</summary>
internal sealed class ArchiveIndex
{
    private readonly Dictionary<string, ControlParagraph> _paragraphs;

    /// <summary>Finds the paragraph of each archive.</summary>
    /// <param name="wanted">The archives.</param>
    /// <param name="paragraphs">The paragraphs of the packages, from the sources or from dpkg.</param>
    public ArchiveIndex(List<WantedArchive> wanted, IReadOnlyList<ControlParagraph> paragraphs) =>
        _paragraphs = wanted
            .DistinctBy(each => each.Word, StringComparer.Ordinal)
            .ToDictionary(
                each => each.Word,
                each => paragraphs.FirstOrDefault(paragraph => IsOf(each, paragraph)) ?? new ControlParagraph(),
                StringComparer.Ordinal
            );

    /// <summary>The strongest hash that the sources have of an archive; empty where they do not have it.</summary>
    public string HashOf(WantedArchive wanted) => HashIn(_paragraphs[wanted.Word]);

    /// <summary>The size of an archive in bytes; 0 where the sources do not have it.</summary>
    public long SizeOf(WantedArchive wanted) => _paragraphs[wanted.Word].Number("Size");

    private static bool IsOf(WantedArchive wanted, ControlParagraph paragraph) =>
        paragraph["Package"] == wanted.BareName
        && paragraph["Version"] == wanted.Version
        && paragraph["Architecture"] == wanted.Architecture
        && HashIn(paragraph).Length > 0;

    // apt also accepts an archive that has only SHA512.
    private static string HashIn(ControlParagraph paragraph) => paragraph["SHA256"] is { Length: > 0 } hash ? hash : paragraph["SHA512"];
}
