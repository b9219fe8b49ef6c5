namespace AptHandler.Apt;

/// <summary>apt did not do what it was asked.</summary>
public class AptException(AptFailure failure) : Exception(failure.Evidence)
{
    /// <summary>The cause.</summary>
    public AptFailure Failure { get; } = failure;
}
