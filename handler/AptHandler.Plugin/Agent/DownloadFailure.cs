using AptHandler.Results;

namespace AptHandler.Plugin.Agent;

/// <summary>
/// Explains a failure of the agent's downloader to the operator. Its extended code has four bits for the facility, eight for the component
/// and twenty for the value (agent-contract.md, 4).
/// </summary>
internal static class DownloadFailure
{
    /// <summary>A file whose hash does not match.</summary>
    public const int HashMismatch = 0x00100003;

    private const uint ContentDownloader = 4,
        DownloadHandler = 9,
        DeliveryOptimization = 13;

    private const string Import = "check that the update was imported with this very file, and that no proxy changes it on its way";
    private const string Log = "read the agent's log, then deploy again";

    /// <summary>What happened, with what to do about it.</summary>
    public static string Describe(AducResult result) =>
        result.ResultCode == ResultCode.Cancelled
            ? "the agent's downloader was cancelled; deploy again"
            : $"the agent's downloader failed with {ExtendedResult.Format(result.ExtendedResultCode)}; "
                + $"{Remedy((uint)result.ExtendedResultCode)}";

    private static string Remedy(uint code)
    {
        (uint facility, uint component, uint value) = (code >> 28, (code >> 20) & 0xFF, code & 0xFFFFF);
        return (facility, component, value) switch
        {
            // A wrong hash: found by the agent itself, by the part that all downloaders share, or by the curl downloader.
            (0, 1, _) or (ContentDownloader, 0, 12) or (ContentDownloader, 3, 1) => Import,

            // The description of the file is not usable: no address, no hash, or a hash of a kind that the agent does not know.
            (ContentDownloader, 0, 6 or 7 or 8 or 11) => "import the update again: the agent cannot use what the import says of this file",
            (ContentDownloader, 0, 10) => "see who owns the file of that name in the agent's download folder; remove it, then deploy again",
            (ContentDownloader, 0, _) =>
                "the agent's content downloader is missing or does not fit the agent; reinstall the package of the agent",
            (ContentDownloader, 1, _) => "see whether the service deliveryoptimization-agent runs on the device, then deploy again",
            (ContentDownloader or DeliveryOptimization, _, _) =>
                "check the network of the device (names, proxy, firewall, clock) and whether the address of the file still holds, "
                    + "then deploy again",
            (DownloadHandler, _, _) => $"a download handler of the update failed; {Log}",
            _ => Log,
        };
    }
}
