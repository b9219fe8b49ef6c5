using System.Diagnostics;
using AptHandler.SystemTests.Fixtures;

namespace AptHandler.SystemTests.Updates;

/// <summary>Waiting for what happens elsewhere.</summary>
public static class Wait
{
    /// <summary>
    /// A maintainer script that tells its process id in tmp/started, and goes on when there is a file tmp/go; a forgotten one ends by
    /// itself.
    /// </summary>
    public const string ForTheTest =
        "echo $$ >$DPKG_ROOT/tmp/started; n=0; while [ ! -e $DPKG_ROOT/tmp/go ] && [ $n -lt 900 ]; do sleep 0.1; n=$((n + 1)); done";

    public static void Until(Func<bool> condition)
    {
        var patience = Stopwatch.StartNew();
        while (!condition())
        {
            if (patience.Elapsed > Command.UsualTimeout)
                throw new TimeoutException("what was waited for did not happen");
            Thread.Sleep(10);
        }
    }
}
