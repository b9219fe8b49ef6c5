using AptHandler.Fuzzing;
using AptHandler.Fuzzing.Engine;

// scripts/fuzz.sh explains the words.
try
{
    if (!Instrumentation.IsDone)
        return Instrumentation.RunInCopy(args);
    Coverage.Prepare();
    return FuzzCommand.Run(args);
}
catch (FormatException e)
{
    Console.Error.WriteLine($"fuzz.sh: {e.Message}");
    return 2;
}
