namespace AptHandler.UnitTests.Architecture;

/// <summary>An assembly, and its rooms from the ground up. A room uses only rooms below it.</summary>
/// <param name="Assembly">The name of the assembly.</param>
/// <param name="Namespace">The namespace of the assembly; a room has its path below that as its own.</param>
/// <param name="Rooms">The rooms. An empty name stands for the namespace of the assembly itself.</param>
internal sealed record HousePlan(string Assembly, string Namespace, string[] Rooms)
{
    /// <summary>All assemblies of the product.</summary>
    public static IReadOnlyList<HousePlan> All { get; } =
    [
        new(
            "AptHandler.Core",
            "AptHandler",
            [
                "Native",
                "Files",
                "Processes",
                "Logging",
                "Debian",
                "Manifests",
                "Apt",
                "DesiredState",
                "Results",
                "Settings",
                "Requests",
                "Rollback",
                "Records",
                "Planning.Pins",
                "Planning",
                "Updates",
            ]
        ),
        new("libdu_apt_handler", "AptHandler.Plugin", ["Agent", ""]),
        new(
            "AptHandler.Authoring",
            "AptHandler.Authoring",
            ["", "Manifests", "Desks", "Linting", "ImportManifests", "Packages", "Repositories"]
        ),
        new(
            "du-apt",
            "AptHandler.CommandLine",
            [
                "Output",
                "Shared",
                "Images",
                "Installation",
                "Installation.Checks",
                "Manual",
                "Commands.Image",
                "Commands.Device",
                "Commands.Authoring",
                "Commands.Repository",
                "Commands.Installation",
                "",
            ]
        ),
    ];

    /// <summary>The floor of a room: 0 is the ground. -1 for a namespace that is none of the rooms.</summary>
    public int FloorOf(string room) =>
        $"{room}.".StartsWith($"{Namespace}.", StringComparison.Ordinal)
            ? Array.IndexOf(Rooms, room[Namespace.Length..].TrimStart('.'))
            : -1;
}
