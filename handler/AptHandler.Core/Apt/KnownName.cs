using AptHandler.Files;

namespace AptHandler.Apt;

/// <summary>What the sources have under a name, as <c>apt-cache showpkg</c> tells it.</summary>
/// <param name="QualifiedName">The name as apt understands it: with the architecture if only a foreign package has the name.</param>
/// <param name="HasVersions">Whether a package of this name exists. A name without versions is only provided, or only depended on.</param>
/// <param name="Providers">The packages that provide the name, by their names.</param>
public sealed record KnownName(string QualifiedName, bool HasVersions, IReadOnlyList<string> Providers)
{
    /// <summary>Reads paragraphs of <c>Package: name</c> and lists with titles; a name that apt does not know has no paragraph.</summary>
    public static IReadOnlyList<KnownName> ParseAll(string text)
    {
        var all = new List<KnownName>();
        string? name = null;
        string title = "";
        bool hasVersions = false;
        var providers = new List<string>();
        IEnumerable<string> lines = Pieces.LinesOf(text).Select(line => line.Trim()).Where(line => line.Length > 0);
        foreach (string line in lines.Append("Package: "))
        {
            if (line.StartsWith("Package:", StringComparison.Ordinal))
            {
                providers.Sort(StringComparer.Ordinal);
                if (name is not null)
                    all.Add(new KnownName(name, hasVersions, providers));
                (name, title, hasVersions, providers) = (line["Package:".Length..].Trim(), "", false, []);
            }
            else if (line is "Versions:" or "Reverse Depends:" or "Dependencies:" or "Provides:" or "Reverse Provides:")
            {
                title = line;
            }
            else if (title == "Versions:")
            {
                hasVersions = true;
            }
            else if (title == "Reverse Provides:" && line.Split(' ')[0] is var provider && !providers.Contains(provider))
            {
                providers.Add(provider);
            }
        }

        return all;
    }
}
