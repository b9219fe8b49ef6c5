using System.Text;
using AptHandler.Authoring.Linting;
using AptHandler.Authoring.Manifests;

namespace AptHandler.UnitTests.Authoring.Linting;

/// <summary>Manifests in files of a folder that goes with the test.</summary>
public abstract class ManifestTest : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A manifest in a file.</summary>
    private protected ManifestFile Written(string text, string name = "manifest.json")
    {
        string path = Path.Combine(_folder.Path, name);
        File.WriteAllText(path, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        return ManifestFile.Read(path);
    }

    /// <summary>A manifest called <c>line</c> with these entries.</summary>
    private protected ManifestFile Version(string version, params string[] entries) =>
        Written(
            $$"""
            {
              "name": "line",
              "version": "{{version}}",
              "packages": [
                {{string.Join(",\n    ", entries)}}
              ]
            }
            """,
            $"line-{version}.json"
        );

    private protected static IReadOnlyList<LintFinding> Check(ManifestFile file, params ManifestFile[] previous) =>
        Lint.Check(file, previous);

    private protected static string Fixed(ManifestFile file, params ManifestFile[] previous)
    {
        _ = Lint.Fix(ref file, each => Lint.Check(each, previous), []);
        return Encoding.UTF8.GetString(file.Bytes);
    }

    /// <summary>The findings as <c>line:column severity code</c>.</summary>
    private protected static IEnumerable<string> Short(IEnumerable<LintFinding> findings) =>
        findings.Select(finding =>
            (
                $"{finding.Problem.Line}:{finding.Problem.Column} "
                + $"{AptHandler.Manifests.ManifestProblem.NameOf(finding.Problem.Severity)} {finding.Problem.Code}"
            )
        );
}
