using System.Text;
using AptHandler.Manifests;

namespace AptHandler.UnitTests.Manifests;

/// <summary>Short ways to write manifests, and to say what is expected of reading them.</summary>
internal static class ManifestText
{
    /// <summary>A manifest around packages; the packages start in line 4, column 5.</summary>
    public static string With(params string[] packages) =>
        $$"""
            {
              "name": "n", "version": "1",
              "packages": [
                {{string.Join(",\n    ", packages)}}
              ]
            }
            """.ReplaceLineEndings("\n");

    public static ManifestReading Read(string text) => ManifestReader.Read(Encoding.UTF8.GetBytes(text));

    /// <summary>The problems as <c>code path line:column</c>.</summary>
    public static IEnumerable<string> Findings(this ManifestReading reading) =>
        reading.Problems.Select(problem => $"{problem.Code} {problem.Path} {problem.Line}:{problem.Column}");

    /// <summary>The intents as <c>name=version</c>, <c>name</c> or <c>name-</c>.</summary>
    public static IEnumerable<string> Wishes(this ManifestReading reading) =>
        reading.Manifest!.Packages.Select(intent =>
            intent.Kind switch
            {
                PackageIntentKind.InstallPinned => $"{intent.Package}={intent.Version!.Value.Text}",
                PackageIntentKind.InstallNewest => intent.Package.ToString(),
                _ => $"{intent.Package}-",
            }
        );
}
