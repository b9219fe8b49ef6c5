using System.Text;
using AptHandler.Apt;
using AptHandler.Files;
using AptHandler.Manifests;

namespace AptHandler.DesiredState;

/// <summary>
/// The sources of a device as they will be after an update. apt plans and fetches with them while those in /etc stay as they were. Each
/// step makes the overlay anew, and deletes it at its end. The overlay lies in apt's cache and not among the records of updates: apt checks
/// signatures as a separate user, who may not enter the records.
/// </summary>
internal sealed class SourceOverlay : IDisposable
{
    private readonly string _folder;

    private SourceOverlay(string folder) => _folder = folder;

    /// <summary>The folder that replaces sources.list.d.</summary>
    public string Parts => Path.Combine(_folder, "all");

    /// <summary>A folder with only the sources that the update adds or changes.</summary>
    public string Changed => Path.Combine(_folder, "changed");

    private string Keys => Path.Combine(_folder, "keys");

    /// <summary>Lays the sources of a manifest over those of the device.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="system">The machine.</param>
    /// <param name="isPrivate">Whether it is for a query that any user may make, at any time. No signature can be checked then.</param>
    /// <returns>The overlay; null where the device already has the sources as the manifest asks.</returns>
    /// <exception cref="IOException">The overlay cannot be written.</exception>
    public static SourceOverlay? Lay(AptManifest manifest, AptSystem system, bool isPrivate)
    {
        if (SourceFiles.Difference(manifest, system) is null)
            return null;
        var overlay = new SourceOverlay(isPrivate ? Directory.CreateTempSubdirectory("du-apt-").FullName : system.OverlayFolder);
        if (!isPrivate)
        {
            // A worker that was killed has left this, or another program.
            WantedFile.Require(system.RootFolder, overlay._folder);
            overlay.Dispose();
        }

        overlay.Fill(manifest, system);
        return overlay;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Descriptor.StatusOf(_folder) is not { } there)
            return;
        if (there.IsFolder)
            Directory.Delete(_folder, recursive: true);
        else
            File.Delete(_folder);
    }

    private void Fill(AptManifest manifest, AptSystem system)
    {
        foreach (string folder in new[] { _folder, Parts, Changed, Keys })
            WantedFile.MakeFolder(folder);

        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (AptSource source in manifest.Sources)
        {
            string name = SourceFiles.NameOf(source.Id);
            named.Add(name);
            if (source.IsRemoval)
                continue;
            string key = Path.Combine(Keys, $"{source.Id}.asc");
            if (SourceFiles.KeyText(source) is { } text)
                Write(key, text);
            string content = SourceFiles.Text(source, system, key);
            Write(Path.Combine(Parts, name), content);
            if (!SourceFiles.IsAsWanted(source, system))
                Write(Path.Combine(Changed, name), content);
        }

        foreach (string file in Directory.Exists(system.SourcePartsFolder) ? Directory.GetFiles(system.SourcePartsFolder) : [])
        {
            string name = Path.GetFileName(file);
            if (!named.Contains(name))
                File.CreateSymbolicLink(Path.Combine(Parts, name), file);
        }
    }

    private static void Write(string path, string text) =>
        WholeFile.Replace(path, Encoding.UTF8.GetBytes(text), WholeFile.ReadableByAll, durable: false);
}
