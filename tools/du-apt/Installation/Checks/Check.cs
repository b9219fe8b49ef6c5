using System.Diagnostics.CodeAnalysis;
using AptHandler.Apt;
using AptHandler.Debian;
using AptHandler.Native;
using AptHandler.Results;

namespace AptHandler.CommandLine.Installation.Checks;

/// <summary>A question about the installation. It changes nothing.</summary>
/// <param name="Name">What it is about.</param>
/// <param name="Look">Answers it; may throw.</param>
internal sealed record Check(string Name, Func<ExaminedDevice, Finding> Look)
{
    /// <summary>Answers the question. An exception becomes a finding.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "A check that fails must not hide the others.")]
    public Finding Run(ExaminedDevice device)
    {
        try
        {
            return Look(device);
        }
        catch (Exception e) when (!device.IsRoot && e is UnauthorizedAccessException or IOException { HResult: Libc.EACCES })
        {
            return Finding.Warning($"only root can look: {e.Message}", device.Run("doctor"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or UpdateException or DpkgStatusException or AptException)
        {
            return Finding.Problem(e.Message, "mend what is named here");
        }
        catch (Exception e)
        {
            return Finding.Problem($"the check itself failed: {e.GetType().Name}: {e.Message}", "report it, with the version of du-apt");
        }
    }
}
