namespace AptHandler.CommandLine.Installation.Checks;

/// <summary>How bad a finding is.</summary>
internal enum Gravity
{
    /// <summary>All is well.</summary>
    Ok,

    /// <summary>Updates work, but somebody should look.</summary>
    Warning,

    /// <summary>Updates fail, or something is not safe.</summary>
    Problem,
}
