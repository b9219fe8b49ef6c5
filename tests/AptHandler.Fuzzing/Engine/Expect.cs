using System.Diagnostics.CodeAnalysis;

namespace AptHandler.Fuzzing.Engine;

/// <summary>Something that must hold for every input did not.</summary>
internal sealed class BrokenRuleException(string rule) : Exception(rule);

/// <summary>States what must hold.</summary>
internal static class Expect
{
    /// <summary>Throws where it does not hold.</summary>
    /// <param name="holds">Whether it holds.</param>
    /// <param name="rule">What must hold. The same words for every input: findings are told apart by them.</param>
    public static void That([DoesNotReturnIf(false)] bool holds, string rule)
    {
        if (!holds)
            throw new BrokenRuleException(rule);
    }
}
