namespace AptHandler.SystemTests.Fixtures;

/// <summary>scripts/private-root.sh, which demos use as well: the one place that knows how repositories and roots are made.</summary>
internal static class PrivateRootScript
{
    public static Outcome Run(params string[] words) => Try(words).Succeeded($"run private-root.sh {words[0]}");

    public static Outcome Try(IEnumerable<string> words, string stdin = "") =>
        Command.Run(SourceTree.Script("private-root.sh"), words, stdin: stdin);
}
