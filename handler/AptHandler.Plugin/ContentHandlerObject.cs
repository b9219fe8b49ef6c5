using System.Runtime.InteropServices;
using AptHandler.Plugin.Agent;

namespace AptHandler.Plugin;

/// <summary>
/// The C++ object that the agent calls: a pointer to a table of nine functions, then the contract version, in memory that is never freed
/// (agent-contract.md, 2: Itanium C++ ABI). The agent writes to the object, asks for it again before each phase and deletes it at exit.
/// </summary>
internal static unsafe class ContentHandlerObject
{
    public const uint ContractMajor = 1;
    public const uint ContractMinor = 0;

    private static readonly Lock Creation = new();
    private static void** _object;
    private static StepHandler? _handler;

    /// <summary>The only object; it is made at the first call.</summary>
    public static void* Get(int logLevel)
    {
        lock (Creation)
        {
            if (_object == null)
            {
                _handler = new StepHandler(logLevel);
                _object = Make();
            }

            return _object;
        }
    }

    private static void** Make()
    {
        // offset-to-top and type information stand before the first slot; both may be null.
        const int Before = 2;
        var table = (void**)NativeMemory.AllocZeroed(Before + 9, (nuint)sizeof(void*)) + Before;
        table[0] = (delegate* unmanaged<void*, void**, AducResult>)&Download;
        table[1] = (delegate* unmanaged<void*, void**, AducResult>)&Backup;
        table[2] = (delegate* unmanaged<void*, void**, AducResult>)&Install;
        table[3] = (delegate* unmanaged<void*, void**, AducResult>)&Apply;
        table[4] = (delegate* unmanaged<void*, void**, AducResult>)&Restore;
        table[5] = (delegate* unmanaged<void*, void**, AducResult>)&Cancel;
        table[6] = (delegate* unmanaged<void*, void**, AducResult>)&IsInstalled;
        table[7] = (delegate* unmanaged<void*, void>)&Destroy;
        table[8] = (delegate* unmanaged<void*, void>)&Destroy;

        var instance = (void**)NativeMemory.AllocZeroed(2, (nuint)sizeof(void*));
        instance[0] = table;
        (((uint*)instance)[2], ((uint*)instance)[3]) = (ContractMajor, ContractMinor);
        return instance;
    }

    // The first word of a call's data is the workflow's handle.
    private static nint Handle(void** data) => data == null ? 0 : (nint)data[0];

    [UnmanagedCallersOnly]
    private static AducResult Download(void* self, void** data) => _handler!.Download(Handle(data));

    [UnmanagedCallersOnly]
    private static AducResult Backup(void* self, void** data) => _handler!.Backup(Handle(data));

    [UnmanagedCallersOnly]
    private static AducResult Install(void* self, void** data) => _handler!.Install(Handle(data));

    [UnmanagedCallersOnly]
    private static AducResult Apply(void* self, void** data) => _handler!.Apply(Handle(data));

    [UnmanagedCallersOnly]
    private static AducResult Restore(void* self, void** data) => _handler!.Restore(Handle(data));

    [UnmanagedCallersOnly]
    private static AducResult Cancel(void* self, void** data) => _handler!.Cancel();

    [UnmanagedCallersOnly]
    private static AducResult IsInstalled(void* self, void** data) => _handler!.IsInstalled(Handle(data));

    // The object is not freed when the agent deletes it: the loader may ask for it again.
    [UnmanagedCallersOnly]
    private static void Destroy(void* self) { }
}
