using AptHandler.Apt;
using AptHandler.Authoring.Desks;
using AptHandler.Files;
using AptHandler.Native;
using AptHandler.Planning;
using AptHandler.Processes;

namespace AptHandler.Authoring.Repositories;

/// <summary>
/// The archives that the plan for one architecture installs: where they come from, and where they lie once apt has fetched them.
/// </summary>
internal sealed class WantedArchives
{
    private readonly Desk _desk;
    private readonly AptPlan _plan;
    private readonly List<string> _words;
    private readonly IReadOnlyList<ArchiveOrigin> _origins;
    private readonly List<HashedFile> _files = [];
    private readonly bool _isMissing;

    private WantedArchives(Desk desk, AptPlan plan, List<string> words, IReadOnlyList<ArchiveOrigin> origins)
    {
        (_desk, _plan, _words, _origins) = (desk, plan, words, origins);
        foreach (ArchiveOrigin origin in origins)
        {
            string file = origin.LocalFile ?? Path.Combine(desk.Archives, origin.ArchiveName);
            _isMissing |= origin.LocalFile is null && !IsThere(file, origin.Size);
            _files.Add(new HashedFile(file, origin.Hash));
        }
    }

    /// <summary>Whether the sources tell the SHA-256 of all of them.</summary>
    public bool HaveSha256 => _files.TrueForAll(file => HashCheck.IsSha256(file.Hash));

    /// <summary>Asks apt where the archives of a plan come from.</summary>
    /// <param name="desk">The desk that the plan was made at.</param>
    /// <param name="plan">The plan, which installs something.</param>
    /// <param name="cancellation">Ends it.</param>
    public static WantedArchives Of(Desk desk, UpdatePlan plan, CancellationToken cancellation)
    {
        // The words by which apt is asked for exactly these: what to install, and what to remove.
        var words = new List<string>();
        foreach (PlannedInstallation each in plan.Apt.Installations)
            words.Add($"{each.QualifiedName}={each.NewVersion}");
        foreach (string word in plan.Words)
        {
            if (word.EndsWith('-'))
                words.Add(word);
        }

        return new WantedArchives(desk, plan.Apt, words, desk.Origins(words, cancellation));
    }

    /// <summary>Fetches those that are missing, and checks all.</summary>
    /// <returns>An archive that is not what its source says, which is deleted if it was fetched; null where all are right.</returns>
    /// <exception cref="AptException">apt cannot fetch them.</exception>
    public string? Fetch(CancellationToken cancellation)
    {
        if (_isMissing)
            _desk.Apt.Download(_words, cancellation);
        IReadOnlyList<string> failures = HashCheck.Failures(_files, cancellation);
        foreach (string broken in failures)
        {
            // apt would use it again as it is: it does not check the content of an archive that it has fetched already.
            int index = _files.FindIndex(each => each.Path == broken);
            if (_origins[index].LocalFile is null)
                File.Delete(broken);
        }

        return failures.Count == 0 ? null : failures[0];
    }

    /// <summary>Each archive, with its package. Where a source does not tell the SHA-256, the archive must be fetched already.</summary>
    /// <exception cref="InputException">One is not in the plan.</exception>
    public IEnumerable<FetchedArchive> Archives()
    {
        for (int i = 0; i < _files.Count; i++)
            yield return new FetchedArchive(PackageOf(_origins[i], _files[i].Path), _files[i].Path);
    }

    private static bool IsThere(string file, long size) => new FileInfo(file) is { Exists: true } there && there.Length == size;

    private SnapshotPackage PackageOf(ArchiveOrigin origin, string file)
    {
        foreach (PlannedInstallation each in _plan.Installations)
        {
            if (each.ArchiveName == origin.ArchiveName)
            {
                return new SnapshotPackage
                {
                    Name = each.Name,
                    Version = each.NewVersion,
                    Architecture = each.Architecture,
                    Size = origin.Size,
                    Sha256 = Sha256Of(file, origin),
                    From = origin.PublicUri,
                };
            }
        }

        throw new InputException($"cannot take {origin.PublicUri}: it is not in the plan of apt; run the same again");
    }

    // Some sources tell only the SHA-512. Then the SHA-256 is computed from the file, whose SHA-512 was found to be right.
    private static string Sha256Of(string file, ArchiveOrigin origin)
    {
        if (HashCheck.IsSha256(origin.Hash))
            return origin.Hash;
        using var content = Descriptor.Open(file, Libc.O_RDONLY);
        return Convert.ToHexStringLower(Convert.FromBase64String(FileHash.Sha256(content, file)));
    }
}
