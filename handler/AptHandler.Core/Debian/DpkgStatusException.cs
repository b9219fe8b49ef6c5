namespace AptHandler.Debian;

/// <summary>The dpkg status database cannot be read, so nothing can be said about what is installed.</summary>
public sealed class DpkgStatusException : Exception
{
    /// <summary>Makes the exception with its message alone.</summary>
    /// <param name="message">"cannot …", the file, and what to do about it.</param>
    public DpkgStatusException(string message)
        : base(message) { }

    /// <summary>Makes the exception with what led to it.</summary>
    /// <param name="message">"cannot …", the file, and what to do about it.</param>
    /// <param name="innerException">The cause.</param>
    public DpkgStatusException(string message, Exception innerException)
        : base(message, innerException) { }
}
