using AptHandler.FaultTests;
using AptHandler.FaultTests.Faults;
using AptHandler.FaultTests.Machines;

// scripts/soak.sh explains the words.
try
{
    return args switch
    {
        [var count] when int.TryParse(count, out var runs) => Soak.Run(runs, Environment.TickCount & 0xffffff),
        [var count, var seed] when int.TryParse(count, out var runs) && int.TryParse(seed, out var first) => Soak.Run(runs, first),
        ["points"] => Soak.List(),
        [var scenario, var fault] => Soak.Repeat(Scenarios.Of(scenario), Fault.Parse(fault), null),
        [var scenario, var fault, var second] => Soak.Repeat(Scenarios.Of(scenario), Fault.Parse(fault), Fault.Parse(second)),
        _ => throw new FormatException("cannot read the command line: see scripts/soak.sh --help"),
    };
}
catch (FormatException e)
{
    Console.Error.WriteLine($"soak.sh: {e.Message}");
    return 2;
}
