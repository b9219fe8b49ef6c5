using System.Text;
using AptHandler.Files;

namespace AptHandler.Authoring.Repositories;

/// <summary>Checks the signed files of one snapshot or channel: that apt accepts their signatures and their dates.</summary>
internal sealed class ReleaseVerification(Store store, SignatureCheck signatures, StoreFindings findings, string place)
{
    /// <summary>The largest size of a signed file, in bytes.</summary>
    public const int LargestFile = 4 << 20;

    /// <summary>The names of the signed files.</summary>
    public static readonly string[] Files = ["InRelease", "Release", "Release.gpg"];

    // As apt has it: Acquire::Max-FutureTime.
    private static readonly TimeSpan LongestFuture = TimeSpan.FromSeconds(10);

    private readonly string _remedy = StoreFindings.RemedyOf(place);

    /// <summary>Checks the signatures and the dates.</summary>
    /// <param name="isMoving">
    /// Whether this is a channel on its way to another snapshot. Then only InRelease is checked, which is replaced last.
    /// </param>
    /// <returns>The text that InRelease signs; null where it is not there, or its signature is not good.</returns>
    public string? SignedText(bool isMoving)
    {
        if (Read("InRelease") is not { } inRelease)
            return null;
        string? problem = signatures.ProblemOf(out string signed, _remedy, inRelease);
        if (problem is not null)
            findings.Add(place, $"InRelease: {problem}");
        else if (!IsNothingButSigned(Encoding.UTF8.GetString(inRelease)))
            findings.Add(place, $"InRelease: there is something before or behind what is signed; {_remedy}");
        if (!isMoving)
            CheckRelease(signed, problem);
        if (problem is not null)
            return null;
        CheckDates(signed);
        return signed;
    }

    // Release with Release.gpg says the same as InRelease. A problem that both have is told once.
    private void CheckRelease(string signed, string? problemOfInRelease)
    {
        if (Read("Release") is not { } release || Read("Release.gpg") is not { } signature)
            return;
        string? problem = signatures.ProblemOf(out _, _remedy, release, signature);
        if (problem is not null && problem != problemOfInRelease)
            findings.Add(place, $"Release.gpg: {problem}");
        if (problemOfInRelease is null && Encoding.UTF8.GetString(release) != signed)
            findings.Add(place, $"Release and InRelease differ; {_remedy}");
    }

    private void CheckDates(string signed)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        if (ReleaseFile.DateIn(signed) is { } date && date - now > LongestFuture)
            findings.Add(
                place,
                $"InRelease: it is of {date:u}, and the clock of this machine says {now:u}: apt takes nothing of the future; "
                    + "set the clock if it is wrong; if it was wrong when this was signed, wait until then, or promote or create "
                    + "once more"
            );
        if (signed.Contains("\nValid-Until:", StringComparison.OrdinalIgnoreCase))
            findings.Add(
                place,
                $"InRelease: it has a Valid-Until, which nothing here writes, and apt takes nothing of it after that; {_remedy}"
            );
    }

    // RFC 4880, 7. gpgv accepts other text around a signed message; apt does not.
    private static bool IsNothingButSigned(string file)
    {
        const string Begin = "-----BEGIN PGP SIGNED MESSAGE-----\n",
            End = "-----END PGP SIGNATURE-----\n";
        return file.LastIndexOf(Begin, StringComparison.Ordinal) == 0
            && file.IndexOf(End, StringComparison.Ordinal) == file.Length - End.Length;
    }

    private byte[]? Read(string name)
    {
        string file = Path.Combine(store.ReleaseFolder(place), name);
        try
        {
            return BoundedFile.Read(file, LargestFile);
        }
        catch (IOException e)
        {
            bool isMissing = e is FileNotFoundException or DirectoryNotFoundException;
            findings.Add(place, isMissing ? $"{name}: it is not there; {_remedy}" : $"{name}: {e.Message}; {_remedy}");
            return null;
        }
    }
}
