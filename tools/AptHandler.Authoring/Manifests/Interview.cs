using AptHandler.Debian;
using AptHandler.Manifests;

namespace AptHandler.Authoring.Manifests;

/// <summary>
/// Makes a manifest from the answers to a few questions. Each answer is checked with the handler's own rule for it. If the rule objects,
/// the question is asked again.
/// </summary>
/// <param name="answers">The answers, a line each.</param>
/// <param name="ask">Called with each question.</param>
/// <param name="refuse">Called with what is wrong with an answer.</param>
public sealed class Interview(TextReader answers, Action<string> ask, Action<string> refuse)
{
    private readonly List<ManifestEntry> _entries = [];
    private readonly HashSet<string> _packages = new(StringComparer.Ordinal);

    /// <summary>Asks for everything that a manifest needs.</summary>
    /// <returns>The manifest.</returns>
    /// <exception cref="InputException">The answers ended before the questions.</exception>
    public byte[] Run()
    {
        string name = Answer("Name of the manifest", text => LabelRule.Check(text, "name")?.Message);
        string version = Answer("Version of the manifest", text => LabelRule.Check(text, "version")?.Message);
        while (
            Answer("Package (foo to install it, foo- to remove it, nothing when the list is complete)", CheckPackage)
                is { Length: > 0 } package
        )
        {
            string wanted = package.EndsWith('-')
                ? ""
                : Answer(
                    $"Version of {package} (nothing for the newest)",
                    text => text.Length == 0 ? null : PackageVersionRule.Read(text, package, out _)?.Message
                );
            _entries.Add(new ManifestEntry(package, wanted.Length == 0 ? null : wanted));
        }

        return ManifestText.FileOf(name, version, _entries);
    }

    private string Answer(string question, Func<string, string?> objectionTo)
    {
        while (true)
        {
            ask(question);

            // Blanks around an answer are typing mistakes.
            string text =
                answers.ReadLine()?.Trim()
                ?? throw new InputException(
                    "the answers ended before the list of packages was complete, which an empty line tells; nothing was written"
                );
            if (objectionTo(text) is not { } objection)
                return text;
            refuse(objection);
        }
    }

    private string? CheckPackage(string text)
    {
        if (text.Length == 0)
            return _entries.Count > 0 ? null : "A manifest has at least one package; name it.";
        if (PackageNameRule.Read(text, out PackageName package, out _) is { } objection)
            return objection.Message;
        return _packages.Add(package.ToString()) ? null : $"{package} is in the list already; name another package.";
    }
}
