namespace AptHandler.Debian;

/// <summary>The dpkg status database cannot be read, so it is unknown what is installed.</summary>
public sealed class DpkgStatusException : Exception
{
    /// <summary>Makes the exception with a message.</summary>
    /// <param name="message">"cannot …", the file, and what to do about it.</param>
    public DpkgStatusException(string message)
        : base(message) { }

    /// <summary>Makes the exception with a message and its cause.</summary>
    /// <param name="message">"cannot …", the file, and what to do about it.</param>
    /// <param name="innerException">The cause.</param>
    public DpkgStatusException(string message, Exception innerException)
        : base(message, innerException) { }
}
