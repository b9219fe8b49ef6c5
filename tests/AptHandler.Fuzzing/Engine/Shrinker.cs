using System.Diagnostics;

namespace AptHandler.Fuzzing.Engine;

/// <summary>Takes away from an input what a fault does not need.</summary>
internal static class Shrinker
{
    private const int MostTries = 5000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Removes pieces, large ones first, as long as the fault stays.</summary>
    /// <param name="input">The input.</param>
    /// <param name="showsFault">Whether an input shows the same fault.</param>
    public static byte[] Shrink(byte[] input, Func<byte[], bool> showsFault)
    {
        var watch = Stopwatch.StartNew();
        int tries = 0;
        for (int piece = Math.Max(1, input.Length / 2); ; piece /= 2)
        {
            bool isSmaller = false;
            for (int at = 0; at < input.Length; )
            {
                if (++tries > MostTries || watch.Elapsed > Patience)
                    return input;
                byte[] without = [.. input.AsSpan(0, at), .. input.AsSpan(Math.Min(at + piece, input.Length))];
                if (showsFault(without))
                    (input, isSmaller) = (without, true);
                else
                    at += piece;
            }

            // Once more in single bytes: what was needed for something that is gone by now is not needed either.
            if (piece == 1 && !isSmaller)
                return input;
            piece = piece == 1 ? 2 : piece;
        }
    }
}
