using System.Runtime.InteropServices;

namespace AptHandler.Plugin.Agent;

/// <summary>The agent's <c>ADUC_FileEntity</c>, 80 bytes (agent-contract.md, 3).</summary>
[StructLayout(LayoutKind.Explicit, Size = 80)]
internal unsafe struct FileEntity
{
    [FieldOffset(16)]
    public FileHash* Hashes;

    [FieldOffset(24)]
    public nuint HashCount;

    [FieldOffset(32)]
    public byte* TargetFileName;
}

/// <summary>The agent's <c>ADUC_Hash</c>: the hash in base64, and its kind, such as <c>sha256</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct FileHash
{
    public byte* Value;
    public byte* Kind;
}
