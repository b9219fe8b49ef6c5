using AptHandler.FaultTests.Machines;

namespace AptHandler.FaultTests.Faults;

/// <summary>Which of the two sets of packages a machine has.</summary>
public enum PackageSet
{
    Old,
    New,
    Neither,
}

/// <summary>What came of a fault.</summary>
/// <param name="Scenario">The scenario.</param>
/// <param name="Fault">The fault.</param>
/// <param name="Second">A fault in the first recovery.</param>
/// <param name="IsHit">Whether the first fault happened: a run that goes another way may never reach its point.</param>
/// <param name="Set">Which set the machine has in the end.</param>
/// <param name="Failures">What is not as it must be.</param>
public sealed record Trial(Scenario Scenario, Fault Fault, Fault? Second, bool IsHit, PackageSet Set, IReadOnlyList<string> Failures)
{
    /// <summary>For scripts/soak.sh, to repeat it.</summary>
    public string Point => $"{Scenario.Name} {Fault}{(Second is null ? "" : $" {Second}")}";

    public override string ToString() => $"{Point}: {string.Join("\n    ", Failures)}";
}
