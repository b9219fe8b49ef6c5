namespace AptHandler.DeviceTests.Fixtures;

/// <summary>Apt manifests for tests.</summary>
public static class Manifests
{
    /// <summary>A manifest of "foo=1.0" (a version), "foo" (the newest) and "foo-" (a removal).</summary>
    public static string Of(params IEnumerable<string> words) =>
        $$"""{ "name": "test", "version": "1.0", "packages": [ {{string.Join(", ", words.Select(Package))}} ] }""";

    private static string Package(string word) =>
        word.Split('=', 2) switch
        {
            [var name, var version] => $$"""{ "name": "{{name}}", "version": "{{version}}" }""",
            _ => $$"""{ "name": "{{word}}" }""",
        };
}
