using AptHandler.Native;

namespace AptHandler.Files;

/// <summary>
/// Replaces whole files. A reader sees the old content or the new one, never a part. The same holds for the next start after a power cut.
/// </summary>
public static class WholeFile
{
    /// <summary>The mode of most files: the owner writes, all read.</summary>
    public const int ReadableByAll = 0x1A4; // 0644

    private const int PieceLength = 64 * 1024;

    /// <summary>
    /// Replaces a file by rename. The folder is opened once, and not through a symbolic link. The new file is made there exclusively, and
    /// gets the owner of the folder. So root can do this safely in a folder that belongs to another user.
    /// </summary>
    /// <param name="path">The file to write; its folder exists.</param>
    /// <param name="content">Its new content.</param>
    /// <param name="mode">Permission bits of the new file.</param>
    /// <param name="durable">Whether file and folder are synced to the disk. A file that a reboot may lose does not need it.</param>
    /// <exception cref="IOException">The file could not be replaced; the old one is as it was.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> content, int mode, bool durable = true)
    {
        string folderPath = Path.GetDirectoryName(Path.GetFullPath(path))!;
        using var folder = Descriptor.Open(folderPath, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOFOLLOW);
        Replace(folder, path, content, mode, durable);
    }

    /// <summary>The same for content that is written piece by piece.</summary>
    /// <exception cref="IOException">The file could not be replaced; the old one is as it was.</exception>
    internal static void Replace(string path, Action<Stream> write, int mode, bool durable = true)
    {
        string folderPath = Path.GetDirectoryName(Path.GetFullPath(path))!;
        using var folder = Descriptor.Open(folderPath, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOFOLLOW);
        Replace(folder, path, [], mode, durable, write: write);
    }

    /// <summary>Removes the temporary file that a killed writer has left beside a file.</summary>
    /// <exception cref="IOException">The temporary file cannot be removed.</exception>
    internal static void Tidy(string path)
    {
        string folder = Path.GetDirectoryName(path)!;
        if (Directory.Exists(folder))
            File.Delete(Path.Combine(folder, TemporaryOf(Path.GetFileName(path))));
    }

    /// <summary>Gives a file a second name. Where that is impossible, for example on another file system, the file is copied.</summary>
    /// <exception cref="IOException">
    /// Both fail, or there is a file of that name already. Copying over it would change all its other names, too.
    /// </exception>
    public static void Link(string path, string name)
    {
        if (Libc.Link(Libc.AT_FDCWD, path, Libc.AT_FDCWD, name, 0) != 0)
            File.Copy(path, name);
    }

    /// <summary>Replaces a file durably, with the given owner and group.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> content, int mode, uint user, uint group)
    {
        using var folder = Descriptor.Open(Path.GetDirectoryName(Path.GetFullPath(path))!, Libc.O_RDONLY | Libc.O_DIRECTORY);
        Replace(folder, path, content, mode, durable: true, (user, group));
    }

    /// <summary>Replaces a file in a folder that is open already. Only the file name of the path counts.</summary>
    internal static void Replace(
        Descriptor folder,
        string path,
        ReadOnlySpan<byte> content,
        int mode,
        bool durable,
        (uint User, uint Group)? newOwner = null,
        Action<Stream>? write = null
    )
    {
        string name = Path.GetFileName(path);
        string temporary = TemporaryOf(name);

        // There is one writer at a time. So a temporary file here was left by a writer that was killed.
        Libc.FileStatus parent = folder.Status();
        (uint user, uint group) = newOwner ?? (parent.User, parent.Group);
        _ = Libc.UnlinkAt(folder.Number, temporary, 0);
        try
        {
            using (Descriptor file = Create(folder, temporary, path))
            {
                if (Libc.EffectiveUser() == 0)
                    file.SetOwner(user, group, path);
                file.SetMode((uint)mode, path);
                file.Write(content, path);
                if (write is not null)
                {
                    using var stream = new BufferedStream(new DescriptorStream(file, path), PieceLength);
                    write(stream);
                }

                if (durable && Libc.FileSync(file.Number) != 0)
                    throw FileFailure.Of("sync", path);
            }

            if (Libc.RenameAt(folder.Number, temporary, folder.Number, name) != 0)
                throw FileFailure.Of("replace", path);
        }
        catch
        {
            _ = Libc.UnlinkAt(folder.Number, temporary, 0);
            throw;
        }

        if (durable && Libc.FileSync(folder.Number) != 0)
            throw FileFailure.Of("sync the folder of", path);
    }

    private static string TemporaryOf(string name) => $".{name}.new";

    private static Descriptor Create(Descriptor folder, string name, string path)
    {
        int descriptor = Libc.OpenAt(
            folder.Number,
            name,
            Libc.O_WRONLY | Libc.O_CREAT | Libc.O_EXCL | Libc.O_NOFOLLOW | Libc.O_CLOEXEC,
            0x180 /* 0600 */
        );
        return descriptor >= 0 ? new Descriptor(descriptor) : throw FileFailure.Of("write", path);
    }
}
