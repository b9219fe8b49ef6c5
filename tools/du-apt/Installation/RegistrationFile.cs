using AptHandler.Files;

namespace AptHandler.CommandLine.Installation;

/// <summary>
/// The file in which the agent finds the library for an update type. The agent's user can write in its folders.
/// </summary>
internal sealed class RegistrationFile(DeviceUpdateAgent agent, string updateType)
{
    private const string HandlersFolder = "update_content_handlers";
    private const string FileName = "content_handler.json";
    private const int LargestFile = 64 * 1024;
    private const int ReadableByAll = 0x1A4; // 0644, as the agent makes it

    private readonly string _folderName = FolderOf(updateType);

    /// <summary>Where it is.</summary>
    public string Path => System.IO.Path.Combine(agent.ExtensionsFolder, HandlersFolder, _folderName, FileName);

    /// <summary>The folder of an update type: every character except letters, digits and hyphens becomes an underscore.</summary>
    public static string FolderOf(string updateType) =>
        string.Create(
            updateType.Length,
            updateType,
            (name, type) =>
            {
                for (int i = 0; i < name.Length; i++)
                    name[i] = char.IsAsciiLetterOrDigit(type[i]) || type[i] == '-' ? type[i] : '_';
            }
        );

    /// <summary>The folders of other update types for which a library is registered.</summary>
    /// <exception cref="IOException">A folder of the path is a link or not a folder, or may not be entered.</exception>
    public IEnumerable<string> OthersWith(string library)
    {
        using GuardedFolder? extensions = agent.OpenExtensions();
        using GuardedFolder? handlers = extensions?.Enter(HandlersFolder);
        foreach (string name in handlers?.Names() ?? [])
        {
            if (name != _folderName && TryRead(handlers!, name)?.Library == library)
                yield return name;
        }
    }

    /// <summary>Whether there is such a file, valid or not.</summary>
    /// <exception cref="IOException">
    /// A folder of the path is a link or not a folder, or may not be entered; or the file is a link, or not a file.
    /// </exception>
    public bool Exists => ReadContent() is not null;

    /// <summary>Reads the file.</summary>
    /// <returns>The registration, or null where there is none that the agent could use.</returns>
    /// <exception cref="IOException">
    /// A folder of the path is a link or not a folder, or may not be entered; or the file is a link, or not a file.
    /// </exception>
    public Registration? Read() => ReadContent() is { } content ? Registration.TryParse(content) : null;

    /// <summary>
    /// The first folder of the path, or the file itself, that an account may not enter or read; null where it may read the file.
    /// </summary>
    /// <exception cref="IOException">A folder of the path is a link or not a folder.</exception>
    public string? FirstClosedTo(Account account)
    {
        string? closed = null;
        using GuardedFolder? folder = DeviceUpdateAgent.OpenFolder(
            System.IO.Path.GetDirectoryName(Path)!,
            passed =>
            {
                if (!account.May(passed.Status, Account.Enter))
                    closed = passed.Path;
                return closed is null;
            }
        );
        using Descriptor? file = folder?.OpenFile(FileName);
        return file?.Status() is { } status && !account.May(status, Account.Read) ? Path : closed;
    }

    /// <summary>
    /// Writes the file. Missing folders get the rights of the folder above them, and the file gets the owner of its folder.
    /// </summary>
    /// <returns>False where the agent is not set up yet.</returns>
    /// <exception cref="IOException">It cannot be written; the old file is unchanged.</exception>
    public bool Write(HandlerLibrary library)
    {
        using GuardedFolder? extensions = agent.OpenExtensionsForWriting();
        if (extensions is null)
            return false;
        using GuardedFolder handlers = extensions.EnterOrMake(HandlersFolder);
        using GuardedFolder folder = handlers.EnterOrMake(_folderName);
        folder.Replace(FileName, Registration.Content(library, updateType), ReadableByAll);
        return true;
    }

    /// <summary>Removes the file and its folder.</summary>
    /// <exception cref="IOException">It cannot be removed.</exception>
    public void Remove()
    {
        using GuardedFolder? extensions = agent.OpenExtensions();
        using GuardedFolder? handlers = extensions?.Enter(HandlersFolder);
        using (GuardedFolder? folder = handlers?.Enter(_folderName))
            folder?.Delete(FileName);
        handlers?.DeleteIfEmpty(_folderName);
    }

    private static Registration? TryRead(GuardedFolder handlers, string name)
    {
        try
        {
            using GuardedFolder? folder = handlers.Enter(name);
            return folder?.Read(FileName, LargestFile) is { } content ? Registration.TryParse(content) : null;
        }
        catch (IOException)
        {
            // A file that cannot be read is not our registration.
            return null;
        }
    }

    private byte[]? ReadContent()
    {
        using GuardedFolder? extensions = agent.OpenExtensions();
        using GuardedFolder? handlers = extensions?.Enter(HandlersFolder);
        using GuardedFolder? folder = handlers?.Enter(_folderName);
        return folder?.Read(FileName, LargestFile);
    }
}
