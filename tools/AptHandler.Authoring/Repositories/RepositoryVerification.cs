using AptHandler.Debian;
using AptHandler.Files;
using AptHandler.Native;
using AptHandler.Processes;

namespace AptHandler.Authoring.Repositories;

/// <summary>
/// Checks the repository of one snapshot or channel as a client sees it: the signatures, every file that the Release lists, also by its
/// hash, every archive that an index lists, and that each package has what it depends on.
/// </summary>
internal sealed class RepositoryVerification(
    Store store,
    SignatureCheck signatures,
    StoreFindings findings,
    IndexedFiles files,
    string place
)
{
    private readonly HashSet<string> _named = new(StringComparer.Ordinal);
    private readonly HashSet<string> _listed = new(StringComparer.Ordinal);

    /// <summary>The files that may lie there: those that the Release and the indexes name, seen from the place.</summary>
    public HashSet<string> Named => _named;

    /// <summary>The packages that the indexes list: name, version, architecture and SHA-256.</summary>
    public IReadOnlySet<string> Listed => _listed;

    /// <summary>Checks it.</summary>
    /// <param name="assumed">The dependencies that need not be there.</param>
    /// <param name="isMoving">Whether this is a channel on its way to another snapshot. Then only what InRelease signs is checked.</param>
    /// <returns>Whether the Release and every index are as they were signed, so that they name everything.</returns>
    public bool Check(string[] assumed, bool isMoving = false)
    {
        foreach (string each in ReleaseVerification.Files)
            _named.Add($"dists/{Store.Distribution}/{each}");
        if (new ReleaseVerification(store, signatures, findings, place).SignedText(isMoving) is not { } signed)
            return false;
        if (!isMoving)
            _ = CheckEntries(ReleaseFile.EntriesIn(signed));
        bool isWhole = CheckEntries(ReleaseFile.ByHashIn(signed));
        isWhole &= ReadIndexes(signed, out List<IReadOnlyList<ControlParagraph>> indexes);
        ControlParagraph[] all = [.. indexes.SelectMany(index => index)];
        foreach (IReadOnlyList<ControlParagraph> index in indexes)
        {
            isWhole &= CheckPackages(index);
            foreach (string missing in DependencyCheck.Missing(index, all))
            {
                if (!assumed.Contains(missing, StringComparer.Ordinal))
                    findings.Add(place, $"{missing}, which is not there; {StoreFindings.Remedy}");
            }
        }

        return isWhole;
    }

    // Returns whether each of them can be a file of the repository.
    private bool CheckEntries(IReadOnlyList<ReleaseEntry> entries)
    {
        bool isWhole = true;
        foreach (ReleaseEntry entry in entries)
        {
            if (NamedFile("dists/", $"dists/{Store.Distribution}/{entry.Path}") is not { } file)
                isWhole = false;
            else
                files.Add(place, file, entry.Size, entry.Sha256, entry.Path);
        }

        return isWhole;
    }

    // The indexes that are as they were signed. Returns whether that is all of them; IndexedFiles tells what is wrong with the others.
    private bool ReadIndexes(string signed, out List<IReadOnlyList<ControlParagraph>> indexes)
    {
        bool isWhole = true;
        indexes = [];
        foreach (ReleaseEntry entry in ReleaseFile.EntriesIn(signed))
        {
            if (Path.GetFileName(entry.Path) != "Packages")
                continue;
            string byHash = $"{Path.GetDirectoryName(entry.Path)}/by-hash/SHA256/{entry.Sha256}";
            if (IndexIn(Path.Combine(store.ReleaseFolder(place), byHash), entry) is { } index)
                indexes.Add(index);
            else
                isWhole = false;
        }

        return isWhole;
    }

    // Null where it is not what was signed. Nothing of a file is parsed before its hash is right.
    private static IReadOnlyList<ControlParagraph>? IndexIn(string file, ReleaseEntry entry)
    {
        if (Descriptor.StatusOf(file) is not { IsRegular: true } status || (long)status.Size != entry.Size)
            return null;
        using var opened = Descriptor.Open(file, Libc.O_RDONLY | Libc.O_NOFOLLOW);
        bool isSigned = Convert.ToHexStringLower(Convert.FromBase64String(FileHash.Sha256(opened, file))) == entry.Sha256;
        return isSigned ? ControlParagraph.ReadAll(opened) : null;
    }

    private bool CheckPackages(IReadOnlyList<ControlParagraph> packages)
    {
        bool isWhole = true;
        foreach (ControlParagraph package in packages)
        {
            string? file = NamedFile("pool/", package["Filename"]);
            isWhole &= file is not null;
            bool isNew = _listed.Add($"{package["Package"]} {package["Version"]} {package["Architecture"]} {package["SHA256"]}");
            if (isNew && file is not null)
                files.Add(place, file, package.Number("Size"), package["SHA256"], package["Filename"]);
        }

        return isWhole;
    }

    // Where a file lies that the Release or an index names. Null where the name leads out of the place, or has signs that lists of hashes
    // cannot hold.
    private string? NamedFile(string folder, string name)
    {
        bool isPossible =
            name.StartsWith(folder, StringComparison.Ordinal)
            && !name.Contains('\\', StringComparison.Ordinal)
            && !name.Any(char.IsControl)
            && !name.Split('/').Any(part => part is "" or "." or "..");
        if (!isPossible)
        {
            findings.Add(place, $"an index names a file \"{name}\", which cannot be one of the repository; {StoreFindings.Remedy}");
            return null;
        }

        _named.Add(name);
        return Path.Combine(store.PublicFolder, place, name);
    }
}
