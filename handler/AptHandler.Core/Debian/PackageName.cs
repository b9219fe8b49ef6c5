using System.Diagnostics.CodeAnalysis;

namespace AptHandler.Debian;

/// <summary>The name of a binary package, with its architecture where one was written (<c>libc6:armhf</c>).</summary>
/// <remarks>
/// A value made by <see cref="TryParse"/> is safe to pass to apt-get and dpkg as one word: it holds no pattern, no version, no suite and no
/// option.
/// </remarks>
/// <param name="Name">The name by Debian Policy 5.6.1.</param>
/// <param name="Architecture">Debian's name of the architecture, or null where none was written.</param>
public readonly record struct PackageName(string Name, string? Architecture)
{
    /// <summary>
    /// The most characters that <see cref="TryParse"/> accepts, architecture included. Debian sets no limit. This is the limit of file
    /// systems.
    /// </summary>
    public const int MaximumLength = 255;

    /// <summary>Reads <c>name</c> or <c>name:architecture</c>, as strictly as Debian Policy 5.6.1 defines the name.</summary>
    /// <remarks>
    /// Strict, because apt-get treats an unknown name as a regular expression, and <c>dpkg --validate-pkgname</c> accepts upper case.
    /// </remarks>
    /// <param name="text">What was written.</param>
    /// <param name="name">The name, or the default value where the text is refused.</param>
    /// <param name="problem">
    /// Null where the text is accepted; otherwise the rest of a sentence that starts with the text: what is wrong, at which position
    /// (counted from 1), and what to write instead.
    /// </param>
    /// <returns>True where the text is the name of a package.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out PackageName name, [NotNullWhen(false)] out string? problem)
    {
        name = default;
        problem = text.Length > MaximumLength ? $"is {text.Length} characters long; at most {MaximumLength} are taken" : null;
        if (problem is not null)
            return false;

        int colon = text.IndexOf(':');
        ReadOnlySpan<char> bare = colon < 0 ? text : text[..colon];
        problem = ProblemOfName(bare);
        if (problem is null && colon >= 0)
            problem = ProblemOfArchitecture(text[(colon + 1)..], colon + 1);
        if (problem is not null)
            return false;

        name = new PackageName(bare.ToString(), colon < 0 ? null : text[(colon + 1)..].ToString());
        return true;
    }

    /// <summary>Splits a package name that apt or dpkg printed. They know names that no manifest may hold: those with <c>_</c>.</summary>
    public static PackageName Known(string text) =>
        text.Split(':', 2) is [var name, var architecture] ? new(name, architecture) : new(text, null);

    /// <summary>The spelling that apt and dpkg accept: <c>name</c> or <c>name:architecture</c>.</summary>
    public override string ToString() => Architecture is null ? Name ?? "" : $"{Name}:{Architecture}";

    private static string? ProblemOfName(ReadOnlySpan<char> name)
    {
        if (name.IsEmpty)
            return "holds no name; write the name of a package, such as libc6";

        for (int i = 0; i < name.Length; i++)
        {
            char c = name[i];
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not ('+' or '.' or '-'))
                return $"holds {Characters.Describe(c)} at position {i + 1}; {Remedy(c)}";
        }

        if (name[0] is '+' or '.' or '-')
            return $"begins with '{name[0]}'; a package name begins with a lower-case letter or a digit";
        return name.Length == 1 ? "is one character long; a package name has at least two" : null;
    }

    private static string? ProblemOfArchitecture(ReadOnlySpan<char> architecture, int before)
    {
        if (architecture.IsEmpty)
            return "ends with ':'; write an architecture such as arm64 after it, or leave it out";

        for (int i = 0; i < architecture.Length; i++)
        {
            char c = architecture[i];
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && (c != '-' || i == 0))
                return $"holds {Characters.Describe(c)} at position {before + i + 1}, in the architecture; {RemedyInArchitecture(c)}";
        }

        return architecture switch
        {
            "all" => "names the architecture 'all', which no installed package is chosen by; leave ':all' out",
            "native" => "names the architecture 'native', which stands for the device's own; leave ':native' out",
            _ when IsWildcard(architecture) =>
                $"names the architecture '{architecture}', which stands for several; write one of them, such as arm64, or leave it out",
            _ => null,
        };
    }

    // Debian Policy 11.1.1: any, any-CPU and OS-any are patterns over architectures.
    private static bool IsWildcard(ReadOnlySpan<char> architecture) =>
        architecture is "any"
        || architecture.StartsWith("any-")
        || architecture.EndsWith("-any")
        || architecture.Contains("-any-", StringComparison.Ordinal);

    private static string Remedy(char c) =>
        c switch
        {
            _ when char.IsAsciiLetterUpper(c) => "write it in lower case",
            '=' => "write the version that follows it into the member \"version\"",
            '/' => "a suite cannot be chosen here: write the wanted version into the member \"version\"",
            '_' => "Debian allows none in a name: leave out the version and architecture of a file name; a package that is called so "
                + "has to be renamed",
            '*' or '?' or '[' or ']' or '^' or '$' or '|' or '~' or '(' or ')' =>
                "patterns are not taken: write the whole name of one package",
            '<' or '>' => "relations are not taken: write one version into the member \"version\"",
            _ when char.IsWhiteSpace(c) => "leave it out, and write every package by itself",
            _ => "a package name consists of lower-case letters, digits, '+', '-' and '.'",
        };

    private static string RemedyInArchitecture(char c) =>
        c switch
        {
            _ when char.IsAsciiLetterUpper(c) => "write it in lower case",
            '=' => Remedy(c),
            '_' => "write Debian's name of the architecture, such as amd64 for x86_64",
            _ => "an architecture consists of lower-case letters, digits and '-', as in arm64",
        };
}
