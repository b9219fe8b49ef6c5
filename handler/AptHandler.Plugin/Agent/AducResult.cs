using System.Runtime.InteropServices;

namespace AptHandler.Plugin.Agent;

/// <summary>The agent's <c>ADUC_Result</c>: two 32-bit numbers that are returned in one register.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct AducResult(int ResultCode, int ExtendedResultCode);
