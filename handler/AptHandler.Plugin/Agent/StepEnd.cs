namespace AptHandler.Plugin.Agent;

/// <summary>How a step ended, for the agent.</summary>
/// <param name="Result">What is returned.</param>
/// <param name="Details">The line for the operator.</param>
/// <param name="RestartAgent">Whether the agent should restart at once.</param>
internal readonly record struct StepEnd(AducResult Result, string Details = "", bool RestartAgent = false);
