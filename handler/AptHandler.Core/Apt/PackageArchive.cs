using AptHandler.Files;
using AptHandler.Native;
using AptHandler.Processes;
using Microsoft.Win32.SafeHandles;

namespace AptHandler.Apt;

/// <summary>Something that a package ships.</summary>
/// <param name="Path">Where it goes, an absolute path.</param>
/// <param name="IsFolder">Whether it is a folder.</param>
public readonly record struct ShippedFile(string Path, bool IsFolder);

/// <summary>A .deb file: deb(5). dpkg-deb unpacks it; what it says of its content is read from that.</summary>
public static class PackageArchive
{
    private const string Program = "/usr/bin/dpkg-deb";
    private const int LargestContent = 64 << 20;

    /// <summary>All that the package ships. Reading it to the end also proves that the archive is whole.</summary>
    /// <param name="archive">The .deb file.</param>
    /// <param name="wanted">The paths of files whose content is wanted.</param>
    /// <param name="onContent">Gets their content.</param>
    /// <exception cref="IOException">The archive cannot be read.</exception>
    public static IReadOnlyList<ShippedFile> Files(string archive, IReadOnlySet<string>? wanted = null, Action<string, byte[]>? onContent = null)
    {
        var files = new List<ShippedFile>();
        Read(archive, "--fsys-tarfile", tar =>
        {
            // "./usr/bin/foo", and "./" for the root.
            string path = "/" + tar.Name.TrimStart('.').Trim('/');
            files.Add(new ShippedFile(path, tar.IsFolder));
            if (tar.IsFile && wanted?.Contains(path) == true)
                onContent!(path, tar.Content(LargestContent));
        });
        return files;
    }

    /// <summary>The files of the control part: <c>control</c>, <c>conffiles</c>, the maintainer scripts. By their names.</summary>
    /// <exception cref="IOException">The archive cannot be read.</exception>
    public static IReadOnlyDictionary<string, byte[]> Control(string archive)
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        Read(archive, "--ctrl-tarfile", tar =>
        {
            if (tar.IsFile)
                files[Path.GetFileName(tar.Name)] = tar.Content(LargestContent);
        });
        return files;
    }

    private static void Read(string archive, string verb, Action<TarReader> onEntry)
    {
        // A pipe, unlike everywhere else: dpkg-deb leaves nobody behind who could keep it open, and the content need not fit into memory.
        (Descriptor readEnd, Descriptor writeEnd) = Descriptor.Pipe();
        using Descriptor errors = Descriptor.InMemory("errors");
        using var content = new FileStream(new SafeFileHandle(readEnd.Number, ownsHandle: true), FileAccess.Read, bufferSize: 64 * 1024);
        ChildProcess child;
        using (writeEnd)
            child = ChildProcess.Spawn(new ChildStart(Program, [verb, archive], ["PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"]) { Output = writeEnd.Number, Error = errors.Number });
        using (child)
        {
            string? problem = null;
            try
            {
                var tar = new TarReader(content);
                while (tar.Next())
                    onEntry(tar);
                content.CopyTo(Stream.Null);
            }
            catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
            {
                problem = e.Message;
            }

            content.Dispose();
            ExitStatus exit = child.Wait(TimeSpan.FromMinutes(1)) ?? child.Terminate(TimeSpan.FromSeconds(1));
            if (!exit.IsSuccess || problem is not null)
                throw new IOException($"cannot read the archive {archive}: {(errors.ReadEnd(400).Trim() is { Length: > 0 } said ? said : problem ?? exit.ToString())}");
        }
    }
}
