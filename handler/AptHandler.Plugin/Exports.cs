using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AptHandler.Plugin.Agent;

namespace AptHandler.Plugin;

/// <summary>
/// The two C exports of a step handler (agent-contract.md, 1). Each is one line that calls a method that is not inlined. The first export
/// that is called starts the runtime. Its frame must not have a security cookie, or the process aborts.
/// </summary>
internal static unsafe class Exports
{
    /// <summary>Gives the agent its one handler object, which lives as long as the process.</summary>
    [UnmanagedCallersOnly(EntryPoint = "CreateUpdateContentHandlerExtension")]
    public static void* CreateUpdateContentHandlerExtension(int logLevel) => Create(logLevel);

    /// <summary>Tells the version of the contract that this handler implements: 1.0.</summary>
    [UnmanagedCallersOnly(EntryPoint = "GetContractInfo")]
    public static AducResult GetContractInfo(uint* contract) => WriteContract(contract);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void* Create(int logLevel) => ContentHandlerObject.Get(logLevel);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static AducResult WriteContract(uint* contract)
    {
        if (contract != null)
            (contract[0], contract[1]) = (ContentHandlerObject.ContractMajor, ContentHandlerObject.ContractMinor);
        return new AducResult(1, 0);
    }
}
