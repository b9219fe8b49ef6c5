namespace AptHandler.Plugin.Agent;

/// <summary>
/// The agent's C functions. Every extension of the agent links and exports them, but the agent's own executable exports none. So they are
/// found in an extension that is already loaded (agent-contract.md, 3).
/// </summary>
internal sealed unsafe class AgentLibrary
{
    private const string StepsRegistration = "/var/lib/adu/extensions/update_content_handlers/microsoft_steps_1/content_handler.json";
    private const string Marker = "workflow_get_workfolder";
    private const string DownloadName = "ExtensionManager_Download";

    private AgentLibrary(nint library)
    {
        GetWorkFolder = (delegate* unmanaged<nint, byte*>)DynamicLinker.Symbol(library, Marker);
        GetInstalledCriteria = (delegate* unmanaged<nint, byte*>)Require(library, "workflow_get_installed_criteria");
        FreeString = (delegate* unmanaged<byte*, void>)Require(library, "workflow_free_string");
        GetFilesCount = (delegate* unmanaged<nint, nuint>)Require(library, "workflow_get_update_files_count");
        GetFile = (delegate* unmanaged<nint, nuint, FileEntity*, byte>)Require(library, "workflow_get_update_file");
        FreeFile = (delegate* unmanaged<FileEntity*, void>)Require(library, "ADUC_FileEntity_Uninit");
        PeekProperty = (delegate* unmanaged<nint, byte*, byte*>)Require(library, "workflow_peek_update_manifest_handler_properties_string");
        PeekId = (delegate* unmanaged<nint, byte*>)Require(library, "workflow_peek_id");
        GetRoot = (delegate* unmanaged<nint, nint>)DynamicLinker.Symbol(library, "workflow_get_root");
        GetParent = (delegate* unmanaged<nint, nint>)DynamicLinker.Symbol(library, "workflow_get_parent");
        GetSerializedManifest = (delegate* unmanaged<nint, byte, byte*>)
            DynamicLinker.Symbol(library, "workflow_get_serialized_update_manifest");
        IsCancelRequested = (delegate* unmanaged<nint, byte>)Require(library, "workflow_is_cancel_requested");
        SetResultDetails = (delegate* unmanaged<nint, byte*, byte*, void>)Require(library, "workflow_set_result_details");
        SetResult = (delegate* unmanaged<nint, AducResult, void>)Require(library, "workflow_set_result");
        RequestAgentRestart = (delegate* unmanaged<nint, byte>)Require(library, "workflow_request_immediate_agent_restart");
        RequestReboot = (delegate* unmanaged<nint, byte>)Require(library, "workflow_request_reboot");
        RequestImmediateReboot = (delegate* unmanaged<nint, byte>)Require(library, "workflow_request_immediate_reboot");
        Download = (delegate* unmanaged<FileEntity*, nint, void*, void*, AducResult>)DynamicLinker.Symbol(library, DownloadName);
        DownloadOptions = (void*)Require(library, "Default_ExtensionManager_Download_Options");
        IsValidFileHash = (delegate* unmanaged<byte*, byte*, int, byte, byte>)Require(library, "ADUC_HashUtils_IsValidFileHash");
    }

    public delegate* unmanaged<nint, byte*> GetWorkFolder { get; }

    public delegate* unmanaged<nint, byte*> GetInstalledCriteria { get; }

    public delegate* unmanaged<byte*, void> FreeString { get; }

    public delegate* unmanaged<nint, nuint> GetFilesCount { get; }

    public delegate* unmanaged<nint, nuint, FileEntity*, byte> GetFile { get; }

    public delegate* unmanaged<FileEntity*, void> FreeFile { get; }

    public delegate* unmanaged<nint, byte*, byte*> PeekProperty { get; }

    public delegate* unmanaged<nint, byte*> PeekId { get; }

    /// <summary>Leads from a step to its deployment. Null where the agent has no such function.</summary>
    public delegate* unmanaged<nint, nint> GetRoot { get; }

    /// <summary>Leads from a step to what it is a step of. Null where the agent has no such function.</summary>
    public delegate* unmanaged<nint, nint> GetParent { get; }

    /// <summary>Null where the agent has no such function. It is only used to report a mistake in an import.</summary>
    public delegate* unmanaged<nint, byte, byte*> GetSerializedManifest { get; }

    public delegate* unmanaged<nint, byte> IsCancelRequested { get; }

    /// <summary>
    /// Variadic in C (handle, format, …). It is called with the format <c>%s</c> only. There is no floating-point argument, so the calling
    /// conventions agree.
    /// </summary>
    public delegate* unmanaged<nint, byte*, byte*, void> SetResultDetails { get; }

    public delegate* unmanaged<nint, AducResult, void> SetResult { get; }

    public delegate* unmanaged<nint, byte> RequestAgentRestart { get; }

    public delegate* unmanaged<nint, byte> RequestReboot { get; }

    public delegate* unmanaged<nint, byte> RequestImmediateReboot { get; }

    public delegate* unmanaged<FileEntity*, nint, void*, void*, AducResult> Download { get; }

    public void* DownloadOptions { get; }

    public delegate* unmanaged<byte*, byte*, int, byte, byte> IsValidFileHash { get; }

    /// <summary>
    /// Finds the functions: in a loaded library, else among the global symbols, else in the steps handler that is registered.
    /// </summary>
    /// <exception cref="AgentUnavailableException">The functions are not found, or some are missing.</exception>
    public static AgentLibrary Find()
    {
        foreach (string path in DynamicLinker.LoadedLibraries())
        {
            nint candidate = DynamicLinker.OpenLoaded(path);
            if (HasFunctions(candidate))
                return new AgentLibrary(candidate);
            if (candidate != 0)
                _ = DynamicLinker.Close(candidate);
        }

        nint global = DynamicLinker.Global();
        if (HasFunctions(global))
            return new AgentLibrary(global);
        nint steps = AgentFile.Text(StepsRegistration, "fileName") is { } file ? DynamicLinker.Load(file) : 0;
        return HasFunctions(steps)
            ? new AgentLibrary(steps)
            : throw new AgentUnavailableException(
                "cannot find the functions of the Device Update agent in this process; the library must be loaded by the agent, "
                    + "beside its steps handler"
            );
    }

    private static bool HasFunctions(nint library) =>
        library != 0 && DynamicLinker.Symbol(library, Marker) != 0 && DynamicLinker.Symbol(library, DownloadName) != 0;

    private static nint Require(nint library, string name) =>
        DynamicLinker.Symbol(library, name) is var address and not 0
            ? address
            : throw new AgentUnavailableException($"the Device Update agent has no function {name}; this handler needs agent 1.0 or newer");
}

/// <summary>The agent's functions cannot be reached.</summary>
internal sealed class AgentUnavailableException(string message) : Exception(message);
