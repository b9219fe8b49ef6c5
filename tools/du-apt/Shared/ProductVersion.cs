using System.Reflection;
using System.Runtime.InteropServices;

namespace AptHandler.CommandLine.Shared;

/// <summary>Identifies this build.</summary>
internal static class ProductVersion
{
    private static readonly string[] Parts = typeof(ProductVersion)
        .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!
        .InformationalVersion.Split('+', 2);

    /// <summary>The version of the product as Debian spells it: "0.1.36~beta" is before "0.1.36".</summary>
    public static string Text { get; } = Parts[0].Replace('-', '~');

    /// <summary>The first digits of the commit; null for a build without git history.</summary>
    public static string? Commit { get; } = Parts.Length > 1 ? Parts[1] : null;

    /// <summary>The .NET runtime that is linked in, such as ".NET 10.0.12".</summary>
    public static string Runtime => RuntimeInformation.FrameworkDescription;
}
