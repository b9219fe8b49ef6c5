namespace AptHandler.Debian;

/// <summary>The name of a package by Debian Policy 5.6.7, with the architecture that may follow it after a colon.</summary>
/// <param name="Name">The name proper, such as <c>libstdc++6</c>.</param>
/// <param name="Architecture">The architecture, such as <c>arm64</c>; null where none is given.</param>
public readonly record struct PackageName(string Name, string? Architecture)
{
    /// <summary>Reads <c>name</c> or <c>name:architecture</c>.</summary>
    /// <param name="text">The text, without blanks around it.</param>
    /// <param name="name">The name, when the text is one.</param>
    /// <param name="problem">What is wrong with the text, as the end of a sentence; null when nothing is.</param>
    /// <returns>Whether the text is a name.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out PackageName name, out string? problem)
    {
        name = default;
        int colon = text.IndexOf(':');
        ReadOnlySpan<char> proper = colon < 0 ? text : text[..colon];
        ReadOnlySpan<char> architecture = colon < 0 ? default : text[(colon + 1)..];

        if (proper.Length < 2)
            problem = "is shorter than the two characters that a package name needs";
        else if (!char.IsAsciiLetterLower(proper[0]) && !char.IsAsciiDigit(proper[0]))
            problem = "does not start with a lower-case letter or a digit";
        else if (proper.IndexOfAnyExcept(NameCharacters) is var wrong and >= 0)
            problem = $"holds a character at position {wrong + 1} that no package name may hold";
        else if (colon >= 0 && (architecture.IsEmpty || architecture.IndexOfAnyExcept(ArchitectureCharacters) >= 0))
            problem = "names no architecture after the colon";
        else
        {
            name = new PackageName(proper.ToString(), colon < 0 ? null : architecture.ToString());
            problem = null;
        }

        return problem is null;
    }

    /// <inheritdoc/>
    public override string ToString() => Architecture is null ? Name : $"{Name}:{Architecture}";

    private static readonly System.Buffers.SearchValues<char> NameCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789+-.");

    private static readonly System.Buffers.SearchValues<char> ArchitectureCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");
}
