namespace AptHandler.Results;

/// <summary>A step cannot be done. It is thrown deep inside a step, and becomes the result of the step.</summary>
/// <param name="cause">The class of the failure.</param>
/// <param name="details">Cause, package and remedy in a sentence.</param>
public class UpdateException(ExtendedResult cause, string details) : Exception(details)
{
    /// <summary>The class of the failure.</summary>
    public ExtendedResult Cause { get; } = cause;
}
