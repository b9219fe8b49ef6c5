namespace AptHandler.Authoring.Packages;

/// <summary>A binary package to build: deb(5).</summary>
/// <param name="Archive">The name of its file.</param>
/// <param name="Control">Its control file (deb-control(5)).</param>
/// <param name="File">The one file that it ships, relative to the root; null for a package of metadata only.</param>
/// <param name="Content">The content of that file.</param>
public sealed record BinaryPackage(string Archive, string Control, string? File = null, string Content = "");
