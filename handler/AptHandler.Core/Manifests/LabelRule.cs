using AptHandler.Logging;

namespace AptHandler.Manifests;

/// <summary>
/// The rule for the name and the version of a manifest. They are free text. But they become part of the installed criteria, of file names
/// in logs and of the operator's view. So their length is limited, and they hold no invisible characters.
/// </summary>
internal static class LabelRule
{
    /// <summary>The longest name or version of a manifest, in Unicode characters, as a JSON Schema counts them.</summary>
    public const int MaximumLength = 256;

    /// <summary>What is wrong with a label; null when nothing is.</summary>
    /// <param name="label">The name or the version.</param>
    /// <param name="member">Which of the two it is.</param>
    public static Objection? Check(string label, string member)
    {
        if (string.IsNullOrWhiteSpace(label))
            return new(
                ManifestProblemCodes.EmptyText,
                $"The {member} of the manifest is empty; write one that your devices and logs can show."
            );
        if (CharactersIn(label) > MaximumLength)
            return new(
                ManifestProblemCodes.TextTooLong,
                $"The {member} of the manifest {Quotation.Of(label)} is longer than {MaximumLength} characters; shorten it."
            );
        if (label.Any(char.IsControl))
            return new(
                ManifestProblemCodes.ControlCharacter,
                $"The {member} of the manifest {Quotation.Of(label)} holds a control character; remove it."
            );
        return null;
    }

    // The text holds no unpaired surrogates. So each low surrogate is the second half of a character.
    private static int CharactersIn(string label)
    {
        int count = 0;
        foreach (char c in label)
            count += char.IsLowSurrogate(c) ? 0 : 1;
        return count;
    }
}
