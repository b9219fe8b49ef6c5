namespace AptHandler.CommandLine.Installation.Checks;

/// <summary>What a check has found.</summary>
/// <param name="Gravity">How bad it is.</param>
/// <param name="Found">The state that was found, in a few words.</param>
/// <param name="Remedy">What to do about it; empty where there is nothing to do.</param>
internal sealed record Finding(Gravity Gravity, string Found, string Remedy)
{
    /// <summary>All is well.</summary>
    public static Finding Ok(string found) => new(Gravity.Ok, found, "");

    /// <summary>Updates work, but perhaps not for long.</summary>
    public static Finding Warning(string found, string remedy) => new(Gravity.Warning, found, remedy);

    /// <summary>Updates fail, or something is not safe.</summary>
    public static Finding Problem(string found, string remedy) => new(Gravity.Problem, found, remedy);
}
