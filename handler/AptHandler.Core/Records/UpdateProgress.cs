using AptHandler.Apt;
using AptHandler.Results;

namespace AptHandler.Records;

/// <summary>How far the step is that runs at the moment.</summary>
/// <param name="Step">The step.</param>
/// <param name="Phase">What kind of work it is.</param>
/// <param name="Percent">0 to 100 of this kind of work.</param>
/// <param name="Text">What happens.</param>
public sealed record UpdateProgress(UpdateStep Step, AptPhase Phase, double Percent, string Text);
