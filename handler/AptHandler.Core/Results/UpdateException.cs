namespace AptHandler.Results;

/// <summary>A step cannot be done. Thrown deep inside a step and turned into its result at the top of it.</summary>
/// <param name="cause">The class of the failure.</param>
/// <param name="details">Cause, package and remedy in a sentence.</param>
public class UpdateException(ExtendedResult cause, string details) : Exception(details)
{
    /// <summary>The class of the failure.</summary>
    public ExtendedResult Cause { get; } = cause;
}
