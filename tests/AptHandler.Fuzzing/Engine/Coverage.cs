using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace AptHandler.Fuzzing.Engine;

/// <summary>
/// Which branches of the product an input has taken. SharpFuzz writes to the map in each branch of the assemblies that
/// <see cref="Instrumentation"/> has changed; without that the map stays empty, and no input counts as new.
/// </summary>
internal sealed unsafe class Coverage
{
    // What the changed code expects.
    private const int Size = 64 * 1024;

    // For as long as the process lives: changed code that finds no map takes the process with it.
    private static readonly byte* Map = (byte*)NativeMemory.AllocZeroed(Size);

    private readonly byte[] _seen = new byte[Size];

    /// <summary>Gives the branches their map. To be called before the first of them is reached.</summary>
    public static void Prepare() => Trace.SharedMem = Map;

    /// <summary>Forgets the branches of the input before.</summary>
    public static void Begin()
    {
        new Span<byte>(Map, Size).Clear();
        Trace.PrevLocation = 0;
    }

    /// <summary>Whether the input has taken a branch that none before has, or one much more often.</summary>
    public bool HasNew()
    {
        bool isNew = false;
        var map = new ReadOnlySpan<byte>(Map, Size);
        for (int at = 0; at < Size && map[at..].IndexOfAnyExcept((byte)0) is >= 0 and var step; at++)
        {
            at += step;
            byte bucket = BucketOf(map[at]);
            isNew |= (_seen[at] & bucket) == 0;
            _seen[at] |= bucket;
        }

        return isNew;
    }

    // How often a loop went round matters by its magnitude alone; else every length of a text would be something new.
    private static byte BucketOf(byte count) =>
        count switch
        {
            1 => 1,
            2 => 2,
            3 => 4,
            < 8 => 8,
            < 16 => 16,
            < 32 => 32,
            < 128 => 64,
            _ => 128,
        };
}
