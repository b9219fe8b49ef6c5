using System.Buffers;

namespace AptHandler.Authoring.Repositories;

/// <summary>The rule for the ids of snapshots and the names of channels: they become folders and parts of addresses.</summary>
public static class StoreName
{
    private const int Longest = 64;

    private static readonly SearchValues<char> Signs = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789.-");

    /// <summary>Returns a name that follows the rule.</summary>
    /// <param name="what">The kind of name, for the message.</param>
    /// <param name="name">The name.</param>
    /// <exception cref="InputException">The name does not follow the rule.</exception>
    public static string Checked(string what, string name) =>
        IsPossible(name)
            ? name
            : throw new InputException(
                $"cannot name a {what} \"{name}\"; write 1 to {Longest} lower-case letters, digits, '.' and '-', the first of them "
                    + "a letter or a digit; pool and by-hash have a meaning in addresses"
            );

    /// <summary>Whether a name follows the rule. pool and by-hash are not allowed: caches keep such addresses for a year.</summary>
    public static bool IsPossible(string name) =>
        name.Length is > 0 and <= Longest
        && char.IsAsciiLetterOrDigit(name[0])
        && !name.AsSpan().ContainsAnyExcept(Signs)
        && name is not ("pool" or "by-hash");
}
