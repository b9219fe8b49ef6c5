using AptHandler.Files;
using AptHandler.Manifests;
using AptHandler.Native;
using AptHandler.Processes;

namespace AptHandler.Authoring.ImportManifests;

/// <summary>
/// The folder with an import manifest and its files. The file names were checked: none leads out of the folder, and no link is followed.
/// </summary>
/// <param name="path">The folder; empty for the current one.</param>
/// <param name="problems">Where problems of the import manifest go.</param>
internal sealed class ImportFolder(string path, ProblemList problems)
{
    /// <summary>The apt manifests that were read.</summary>
    public List<VerifiedFile> AptManifests { get; } = [];

    /// <summary>The valid apt manifest in a file that was read; null where there is none.</summary>
    public AptManifest? AptManifest(string name) => AptManifests.Find(file => file.File == Path.Combine(path, name))?.AptManifest;

    /// <summary>Compares a file with what the import manifest says of it, and reads it where it is an apt manifest.</summary>
    /// <exception cref="IOException">Its hash cannot be computed, or its disk cannot be read.</exception>
    public void Check(ImportValue file, ImportValue name, bool isAptManifest)
    {
        Descriptor content;
        try
        {
            content = Descriptor.Open(Path.Combine(path, name.Text!), Libc.O_RDONLY | Libc.O_NONBLOCK | Libc.O_NOFOLLOW);
        }
        catch (IOException e)
        {
            if (e is FileNotFoundException)
                name.Report(
                    problems,
                    ImportProblemCodes.MissingFile,
                    $"There is no file {name.Quoted} beside the import manifest; put it there, or correct its name."
                );
            else
                ReportUnreadable(name);
            return;
        }

        using (content)
        {
            Libc.FileStatus status = content.Status();
            if (!status.IsRegular)
            {
                ReportUnreadable(name);
                return;
            }

            Compare(file, name, content, (long)status.Size);
            if (isAptManifest)
                ReadAptManifest(name, content, (long)status.Size);
        }
    }

    // Only a file of the right size is hashed. That limits the work, because the size is limited.
    private void Compare(ImportValue file, ImportValue name, Descriptor content, long size)
    {
        if (file["sizeInBytes"] is not { Number: > 0 } right)
            return;
        if (size != right.Number)
            right.Report(
                problems,
                ImportProblemCodes.ChangedFile,
                $"The file {name.Quoted} has {size} bytes; put the right file here, or correct its size and its hash."
            );
        else if (file["hashes"]?["sha256"] is { Text: { } } hash && FileHash.Sha256(content, name.Text!) is var found && found != hash.Text)
            hash.Report(
                problems,
                ImportProblemCodes.ChangedFile,
                $"The file has the hash \"{found}\"; put the right file here, or correct its hash."
            );
    }

    private void ReadAptManifest(ImportValue name, Descriptor content, long size)
    {
        if (size > ManifestReader.MaximumSize)
        {
            name.Report(
                problems,
                ManifestProblemCodes.TooLarge,
                $"The file {name.Quoted} is larger than an apt manifest may be; is it the right file?"
            );
            return;
        }

        string file = Path.Combine(path, name.Text!);
        byte[] utf8 = BoundedFile.Read(content, file, ManifestReader.MaximumSize);
        ManifestReading reading = ManifestReader.Read(utf8);
        AptManifests.Add(new(file, utf8, reading.Problems) { AptManifest = reading.Manifest });
    }

    private void ReportUnreadable(ImportValue name) =>
        name.Report(
            problems,
            ImportProblemCodes.UnreadableFile,
            $"The file {name.Quoted} is no regular file, or not to be read; put one here that is, and no link."
        );
}
