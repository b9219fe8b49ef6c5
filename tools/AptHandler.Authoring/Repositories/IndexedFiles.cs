using System.Buffers;
using AptHandler.Files;

namespace AptHandler.Authoring.Repositories;

/// <summary>
/// The files that a Release or an index names. Their sizes are checked at once. Their hashes are checked together at the end, so that a
/// file with several names is read once.
/// </summary>
internal sealed class IndexedFiles(StoreFindings findings)
{
    private const int DigitsOfHash = 64;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    private readonly List<HashedFile> _files = [];
    private readonly Dictionary<string, List<StoreFinding>> _whatBreaks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _firstNames = new(StringComparer.Ordinal);

    /// <summary>Checks that a file is there with the right size, and notes that its hash is to be checked.</summary>
    /// <param name="place">The snapshot or the channel that names it.</param>
    /// <param name="file">Where it lies.</param>
    /// <param name="size">The size that it should have, in bytes.</param>
    /// <param name="sha256">The SHA-256 that it should have.</param>
    /// <param name="name">Its name in the index.</param>
    public void Add(string place, string file, long size, string sha256, string name)
    {
        string remedy = StoreFindings.RemedyOf(place);
        if (sha256.Length != DigitsOfHash || sha256.AsSpan().ContainsAnyExcept(Digits))
        {
            findings.Add(place, $"{name} has no SHA256 in the index; {remedy}");
            return;
        }

        if (Descriptor.StatusOf(file) is not { IsRegular: true } status)
        {
            findings.Add(place, $"{name} is not there; {remedy}");
            return;
        }

        if ((long)status.Size != size)
        {
            findings.Add(place, $"{name} has {status.Size} bytes and should have {size}; {remedy}");
            return;
        }

        // The same content under another name, in another snapshot, is mostly the same file.
        string identity = $"{status.Inode} {sha256}";
        if (_firstNames.TryAdd(identity, file))
        {
            _files.Add(new HashedFile(file, sha256));
            _whatBreaks.TryAdd(file, []);
        }

        _whatBreaks[_firstNames[identity]].Add(new StoreFinding(place, $"{name} has another SHA256 than the index says; {remedy}"));
    }

    /// <summary>Reads all noted files, and adds a finding for each name of a file whose hash is wrong.</summary>
    /// <exception cref="IOException">Something cannot be read.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void CheckHashes(CancellationToken cancellation)
    {
        foreach (string failure in HashCheck.Failures(_files, cancellation))
            findings.Add(_whatBreaks[failure]);
    }
}
