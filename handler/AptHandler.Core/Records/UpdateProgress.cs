using AptHandler.Apt;
using AptHandler.Results;

namespace AptHandler.Records;

/// <summary>The progress of the running step.</summary>
/// <param name="Step">The step.</param>
/// <param name="Phase">What kind of work it is.</param>
/// <param name="Percent">The progress of this kind of work in percent, 0 to 100.</param>
/// <param name="Text">What is being done.</param>
public sealed record UpdateProgress(UpdateStep Step, AptPhase Phase, double Percent, string Text);
