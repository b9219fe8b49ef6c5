using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using AptHandler.Files;
using AptHandler.Manifests;
using AptHandler.Requests;
using AptHandler.Results;

namespace AptHandler.Plugin.Agent;

/// <summary>One workflow of the agent: its handle, with typed members. The handle is valid only during one call.</summary>
internal sealed unsafe class Workflow(AgentLibrary agent, nint handle)
{
    private const int Sha256 = 2;

    /// <summary>
    /// The agent's id of the deployment; empty where it has none. An agent whose functions do not lead to the deployment gives the step's
    /// own id, which is only the place of the step in its deployment.
    /// </summary>
    public string Id => IdOf(Deployment);

    /// <summary>
    /// The place of the step in its deployment: the ids of the step and of the steps around it, such as <c>2</c> or <c>2.0</c>. Empty for
    /// the deployment itself.
    /// </summary>
    public string Place
    {
        get
        {
            nint deployment = Deployment;
            string place = "";
            for (nint each = handle; each != 0 && each != deployment; each = agent.GetParent == null ? 0 : agent.GetParent(each))
                place = place.Length == 0 ? IdOf(each) : $"{IdOf(each)}.{place}";
            return UpdateRequest.IsPlace(place) ? place : "";
        }
    }

    private string IdOf(nint workflow) => Marshal.PtrToStringUTF8((nint)agent.PeekId(workflow)) ?? "";

    private nint Deployment => agent.GetRoot != null && agent.GetRoot(handle) is var root and not 0 ? root : handle;

    /// <summary>The installed criteria of the step, or null.</summary>
    public string? InstalledCriteria => Take(agent.GetInstalledCriteria(handle));

    /// <summary>The folder for the payload of the deployment, or null.</summary>
    public string? WorkFolder => Take(agent.GetWorkFolder(handle));

    /// <summary>How many files the step has.</summary>
    public nuint FileCount => agent.GetFilesCount(handle);

    /// <summary>Whether the agent wants to cancel the work.</summary>
    public bool IsCancelRequested => agent.IsCancelRequested(handle) != 0;

    /// <summary>A string of the step's handlerProperties, or null.</summary>
    public string? Property(string name)
    {
        fixed (byte* text = Native(name))
            return Marshal.PtrToStringUTF8((nint)agent.PeekProperty(handle, text));
    }

    /// <summary>
    /// The value of a member of the step's handlerProperties as JSON, if it is not a string. Null where there is no such value, or where
    /// the agent cannot tell.
    /// </summary>
    public string? PropertyThatIsNoText(string name)
    {
        if (agent.GetSerializedManifest == null || Take(agent.GetSerializedManifest(handle, 0)) is not { } manifest)
            return null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(manifest);
            return
                document.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("handlerProperties", out JsonElement properties)
                && properties.ValueKind == JsonValueKind.Object
                && properties.TryGetProperty(name, out JsonElement value)
                && value.ValueKind is not (JsonValueKind.String or JsonValueKind.Null)
                ? value.GetRawText()
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The parser accepts half of a surrogate pair in a name, and reading it throws.
            return null;
        }
    }

    /// <summary>The content of the one file of the step in the work folder.</summary>
    /// <exception cref="UpdateException">
    /// There is not exactly one file, its name is not a plain file name, or it is not the file that was imported.
    /// </exception>
    public byte[] ReadPayload()
    {
        FileEntity file = Payload();
        try
        {
            string path = PathOf(file);
            byte[] content = BoundedFile.Read(path, ManifestReader.MaximumSize);

            // The hash is made from the bytes that were read, because the path may lead to another file by now.
            using var copy = Descriptor.InMemory("manifest");
            copy.Write(content, "a copy of the manifest");
            return HasRightHash($"/proc/self/fd/{copy.Number}", file)
                ? content
                : throw new UpdateException(
                    ExtendedResult.ManifestUnreadable,
                    $"{path} is not the apt manifest that was imported; deploy again"
                );
        }
        catch (IOException e)
        {
            throw new UpdateException(ExtendedResult.ManifestUnreadable, e.Message);
        }
        finally
        {
            agent.FreeFile(&file);
        }
    }

    /// <summary>Whether a file is the one file of the step. The agent knows the hash of that file before it fetches it.</summary>
    /// <returns>Null where the agent gives no hash.</returns>
    public bool? IsPayload(string path)
    {
        FileEntity file = default;
        if (FileCount != 1 || agent.GetFile(handle, 0, &file) == 0)
            return null;
        try
        {
            return Sha256Of(file) == null ? null : HasRightHash(path, file, isQuiet: 1);
        }
        finally
        {
            agent.FreeFile(&file);
        }
    }

    /// <summary>Whether the one file of the step is in the work folder.</summary>
    /// <exception cref="UpdateException">There is not exactly one file, or its name is not a plain file name.</exception>
    public bool HasPayload()
    {
        FileEntity file = Payload();
        try
        {
            return Descriptor.StatusOf(PathOf(file)) is not null;
        }
        finally
        {
            agent.FreeFile(&file);
        }
    }

    /// <summary>Lets the agent fetch the one file of the step into the work folder, and makes sure that it is there.</summary>
    /// <returns>A failure of the agent's downloader, unchanged; or null when the file is there with the right hash.</returns>
    /// <exception cref="UpdateException">There is not exactly one file, or something other than a file is in its place.</exception>
    public AducResult? Fetch()
    {
        FileEntity file = Payload();
        try
        {
            string path = PathOf(file);
            for (int attempt = 0; attempt < 2; attempt++)
            {
                AducResult result = agent.Download(&file, handle, agent.DownloadOptions, null);
                if (result.ResultCode <= 0)
                    return result;

                // If a file with the wrong hash is already there, the downloader deletes that file and reports success. Then it is asked
                // once more.
                if (BoundedFile.IsRegular(path) && HasRightHash(path, file))
                    return null;
            }

            return !File.Exists(path) || BoundedFile.IsRegular(path)
                ? new AducResult(ResultCode.Failure, DownloadFailure.HashMismatch)
                : throw new UpdateException(
                    ExtendedResult.ManifestUnreadable,
                    $"{path} is a symbolic link or no regular file; remove it, then deploy again"
                );
        }
        finally
        {
            agent.FreeFile(&file);
        }
    }

    /// <summary>
    /// Tells the agent how a step ended: details for the operator, and what the agent does not take from the returned result.
    /// </summary>
    public void Report(StepEnd end)
    {
        (AducResult result, string details) = (end.Result, end.Details);

        // A step without details would keep those of the step before.
        if (details.Length > 0)
        {
            fixed (
                byte* format = "%s\0"u8,
                    text = Native(OperatorText.Clean(details))
            )
                agent.SetResultDetails(handle, format, text);
        }

        // Without this, the step's own result would stay {0, 0} in the report after a failed Download or Install.
        if (result.ResultCode <= 0)
            agent.SetResult(handle, result);
        // The agent does not act on the codes alone.
        if (result.ResultCode == ResultCode.ApplyImmediateReboot)
            _ = agent.RequestImmediateReboot(handle);
        else if (result.ResultCode == ResultCode.ApplyReboot)
            _ = agent.RequestReboot(handle);
        if (end.RestartAgent)
            _ = agent.RequestAgentRestart(handle);
    }

    private FileEntity Payload()
    {
        nuint count = FileCount;
        if (count != 1)
            throw new UpdateException(ExtendedResult.FileCount, $"the step has {count} files; it needs exactly one, the apt manifest");
        FileEntity file = default;
        return agent.GetFile(handle, 0, &file) != 0
            ? file
            : throw new UpdateException(ExtendedResult.NoFileEntity, "the agent cannot describe the file of the step");
    }

    private string PathOf(FileEntity file)
    {
        string name = Marshal.PtrToStringUTF8((nint)file.TargetFileName) ?? "";
        if (name is "" or "." or ".." || name.Contains('/', StringComparison.Ordinal))
            throw new UpdateException(
                ExtendedResult.NoFileEntity,
                $"the file of the step has the name \"{name}\", which is no plain file name"
            );
        return WorkFolder is { Length: > 0 } folder
            ? Path.Combine(folder, name)
            : throw new UpdateException(ExtendedResult.Initialization, "the agent names no work folder");
    }

    private bool HasRightHash(string path, FileEntity file, byte isQuiet = 0)
    {
        byte* hash = Sha256Of(file);
        fixed (byte* text = Native(path))
            return hash != null && agent.IsValidFileHash(text, hash, Sha256, isQuiet) != 0;
    }

    private static byte* Sha256Of(FileEntity file)
    {
        for (nuint i = 0; i < file.HashCount; i++)
        {
            if (string.Equals(Marshal.PtrToStringUTF8((nint)file.Hashes[i].Kind), "sha256", StringComparison.OrdinalIgnoreCase))
                return file.Hashes[i].Value;
        }

        return null;
    }

    private string? Take(byte* text)
    {
        string? copy = Marshal.PtrToStringUTF8((nint)text);
        if (text != null)
            agent.FreeString(text);
        return copy;
    }

    private static byte[] Native(string text) => Encoding.UTF8.GetBytes(text + '\0');
}
