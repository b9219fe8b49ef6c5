namespace AptHandler.CommandLine.Installation.Checks;

/// <summary>How bad a finding is.</summary>
internal enum Gravity
{
    /// <summary>Not at all.</summary>
    Ok,

    /// <summary>Updates work, but somebody should look.</summary>
    Warning,

    /// <summary>Updates fail, or something is not safe.</summary>
    Problem,
}
