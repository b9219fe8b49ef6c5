using System.Diagnostics;

namespace AptHandler.Fuzzing.Engine;

/// <summary>An input for which something does not hold.</summary>
/// <param name="Signature">What is the same for all inputs that show the same fault.</param>
/// <param name="Description">The exception with its stack.</param>
/// <param name="Input">The input, as small as it could be made.</param>
/// <param name="Execution">The number of the execution that met it first, from 1.</param>
internal sealed record Finding(string Signature, string Description, byte[] Input, long Execution)
{
    /// <summary>Gives a target an input.</summary>
    /// <returns>What does not hold; null where all does.</returns>
    public static Exception? Try(FuzzTarget target, byte[] input)
    {
        // A text of some bytes needs no megabytes. The constant is what readers of files take as buffers.
        const long Fixed = 16 << 20,
            ForEachByte = 1024;
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            target.Check(input);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            return allocated > Fixed + (ForEachByte * input.Length)
                ? new BrokenRuleException("memory is in proportion to the input")
                : null;
        }
#pragma warning disable CA1031 // An exception of any kind is what is looked for.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return e;
        }
    }

    /// <summary>What is the same for all inputs that show the same fault: the exception, and where in our own code it came from.</summary>
    public static string SignatureOf(Exception exception)
    {
        if (exception is BrokenRuleException broken)
            return broken.Message;
        foreach (StackFrame frame in new StackTrace(exception).GetFrames())
        {
            if (
                frame.GetMethod() is { DeclaringType: { } type } method
                && type.Assembly.GetName().Name is "AptHandler.Core" or "AptHandler.Authoring" or "du-apt"
            )
                return $"{exception.GetType().Name} in {type.Name}.{method.Name}";
        }

        return $"{exception.GetType().Name} outside of the product";
    }
}
