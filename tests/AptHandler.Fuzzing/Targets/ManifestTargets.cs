using System.Text;
using AptHandler.Authoring.ImportManifests;
using AptHandler.Authoring.Linting;
using AptHandler.Authoring.Manifests;
using AptHandler.Fuzzing.Engine;
using AptHandler.Manifests;
using AptHandler.Results;

namespace AptHandler.Fuzzing.Targets;

/// <summary>Manifests: the apt manifest, what lint makes of it, and the import manifest.</summary>
/// <param name="scratch">Where files are written.</param>
internal sealed class ManifestTargets(ScratchFolder scratch)
{
    private const string UpdateType = "microsoft/apt:1";

    private readonly ManifestFile _file = ManifestFile.Read(scratch.Write("manifest.json", []));

    /// <summary>A manifest that is taken is the same when it is written anew.</summary>
    public static void Manifest(byte[] utf8)
    {
        ManifestReading reading = ManifestReader.Read(utf8);
        Problems.Check(utf8, reading.Problems);
        Expect.That(
            reading.Manifest is null == reading.Problems.Any(problem => problem.Severity == ProblemSeverity.Error),
            "there is a manifest where there is no error"
        );
        Expect.That(
            Encoding.UTF8.GetByteCount(reading.Summary()) <= OperatorText.LongestBytes,
            "the summary fits what a device can report"
        );
        if (reading.Manifest is not { } manifest)
            return;

        string text = ManifestText.Of(
            manifest.Name,
            manifest.Version,
            manifest.Packages.Select(EntryOf),
            manifest.AgentRestartRequired,
            manifest.Sources
        );
        ManifestReading again = ManifestReader.Read(Encoding.UTF8.GetBytes(text));
        Expect.That(again.Manifest is not null, "a manifest that was written anew is taken");
        Expect.That(AreSame(manifest, again.Manifest), "a manifest that was written anew says the same");
    }

    /// <summary>Changes of lint stay in the file and make nothing worse.</summary>
    public void Lint(byte[] utf8)
    {
        ManifestFile file = _file.With(utf8);
        ManifestFile before = file;
        int length = ManifestOutline.Of(utf8).Text.Length;
        foreach (LintFinding finding in Check(file))
        {
            Expect.That(
                finding.Mend is not { } edit || (edit.Start >= 0 && edit.Start <= edit.End && edit.End <= length),
                "a change lies in the file"
            );
        }

        var mended = new List<ManifestProblem>();
        _ = Authoring.Linting.Lint.Fix(ref file, Check, mended);
        Problems.Check(file.Bytes, file.Reading.Problems);
        Expect.That(mended.Count > 0 || file.Bytes.AsSpan().SequenceEqual(utf8), "where nothing was mended the file is as it was");
        if (before.Reading.Manifest is { } manifest)
            Expect.That(
                file.Reading.Manifest is { } after && AreSame(manifest, after),
                "mending keeps what a manifest without errors says"
            );

        // What comes behind a fault of the JSON, or behind very many errors, is seen only once that is gone.
        bool hidesSomething =
            mended.Exists(problem => problem.Code == ManifestProblemCodes.InvalidJson)
            || before.Reading.Problems.Any(problem => problem.Code == ManifestProblemCodes.TooManyProblems);
        Expect.That(hidesSomething || Problems.Count(file.Reading) <= Problems.Count(before.Reading), "mending makes no new problems");

        static IReadOnlyList<LintFinding> Check(ManifestFile file) => Authoring.Linting.Lint.Check(file, []);
    }

    /// <summary>An import manifest is read to its problems.</summary>
    public static void ImportManifest(byte[] utf8) => Problems.Check(utf8, ImportVerification.Of(utf8, UpdateType));

    private static ManifestEntry EntryOf(PackageIntent intent) =>
        intent.Kind == PackageIntentKind.Remove
            ? ManifestEntry.Removal(intent.Package)
            : new ManifestEntry(intent.Package.ToString(), intent.Version?.Text);

    private static bool AreSame(AptManifest a, AptManifest b)
    {
        bool isSame =
            a.Name == b.Name
            && a.Version == b.Version
            && a.AgentRestartRequired == b.AgentRestartRequired
            && a.Packages.Count == b.Packages.Count
            && a.Sources.Count == b.Sources.Count;
        for (int i = 0; isSame && i < a.Packages.Count; i++)
            isSame = a.Packages[i].WishesTheSameAs(b.Packages[i]) && a.Packages[i].Desired == b.Packages[i].Desired;
        for (int i = 0; isSame && i < a.Sources.Count; i++)
            isSame = AreSame(a.Sources[i], b.Sources[i]);
        return isSame;
    }

    private static bool AreSame(AptSource a, AptSource b) =>
        a.Id == b.Id
        && a.IsRemoval == b.IsRemoval
        && a.SigningKey == b.SigningKey
        && a.Keyring == b.Keyring
        && AreSame(a.Uris, b.Uris)
        && AreSame(a.Suites, b.Suites)
        && AreSame(a.Components, b.Components)
        && AreSame(a.Architectures, b.Architectures);

    private static bool AreSame(IReadOnlyList<string> a, IReadOnlyList<string> b) => a.SequenceEqual(b, StringComparer.Ordinal);
}
