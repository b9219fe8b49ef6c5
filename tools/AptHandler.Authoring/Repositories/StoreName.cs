using System.Buffers;

namespace AptHandler.Authoring.Repositories;

/// <summary>The rule for the ids of snapshots and the names of channels: they become folders and parts of addresses.</summary>
public static class StoreName
{
    private const int Longest = 64;

    private static readonly SearchValues<char> Signs = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789.-");

    /// <summary>A name that keeps to the rule.</summary>
    /// <param name="what">What it is the name of, for the message.</param>
    /// <param name="name">The name.</param>
    /// <exception cref="InputException">It does not.</exception>
    public static string Checked(string what, string name) =>
        IsPossible(name)
            ? name
            : throw new InputException(
                $"cannot name a {what} \"{name}\"; write 1 to {Longest} lower-case letters, digits, '.' and '-', the first of them "
                    + $"a letter or a digit; pool and by-hash have a meaning in addresses"
            );

    /// <summary>Whether a name keeps to the rule. Caches keep for a year what has pool or by-hash in its address.</summary>
    public static bool IsPossible(string name) =>
        name.Length is > 0 and <= Longest
        && char.IsAsciiLetterOrDigit(name[0])
        && !name.AsSpan().ContainsAnyExcept(Signs)
        && name is not ("pool" or "by-hash");
}
