namespace AptHandler.FaultTests.Machines;

/// <summary>
/// What a machine is like before, and what is done to it. The sets of packages before and after are the only two that it may be in.
/// </summary>
/// <param name="Name">For command lines: a word.</param>
/// <param name="Installed">Words for apt-get install.</param>
/// <param name="Update">The words of the manifest: "foo=1.0", "foo", "foo-".</param>
public sealed record Scenario(string Name, string[] Installed, string[] Update)
{
    /// <summary>Packages that were removed again, and left their configuration files behind; "foo+" came at the same time.</summary>
    public string[] Removed { get; init; } = [];

    /// <summary>Packages that are marked as automatically installed.</summary>
    public string[] Automatic { get; init; } = [];

    /// <summary>Configuration files that a person has changed.</summary>
    public string[] Edited { get; init; } = [];

    /// <summary>Whether the manifest brings a source with its key, and takes another one away.</summary>
    public bool ChangesSources { get; init; }

    /// <summary>Whether the operation is to go back from the update, and not the update itself.</summary>
    public bool IsRestore { get; init; }

    /// <summary>The command of du-apt.</summary>
    /// <param name="manifest">The manifest of the update.</param>
    public string[] Operation(string manifest) => IsRestore ? ["restore"] : ["deploy", manifest];
}
