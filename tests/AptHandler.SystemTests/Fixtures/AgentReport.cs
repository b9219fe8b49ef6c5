using System.Globalization;

namespace AptHandler.SystemTests.Fixtures;

/// <summary>A result as the agent sees it.</summary>
public sealed record AgentResult(int Code, uint Extended)
{
    public override string ToString() => $"{Code} 0x{Extended:x8}";
}

/// <summary>One call of the handler.</summary>
/// <param name="Thread">main, download, install, or cancel.</param>
/// <param name="Remark">data=null or data=no-handle where the host passed no workflow.</param>
/// <param name="Details">The result details, when this call set them.</param>
public sealed record AgentCall(string Method, string Thread, AgentResult Result, TimeSpan Took, string? Remark, string? Details);

/// <summary>What the agent host printed, read back. The format is described in tests/agent-host/report.hpp.</summary>
public sealed class AgentReport
{
    private readonly List<AgentCall> _calls = [];
    private readonly List<string> _failures = [];
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    private AgentReport(Outcome process) => Process = process;

    /// <summary>
    /// The host's own end: 0, or 3 with <see cref="Failures"/>, 4 when the handler could not be loaded, 128 + N for a crash.
    /// </summary>
    public Outcome Process { get; }

    public IReadOnlyList<AgentCall> Calls => _calls;

    /// <summary>"IsInstalled Download Backup", for comparing the order at a glance.</summary>
    public string Order => string.Join(' ', _calls.Select(call => call.Method));

    /// <summary>The results of the calls, in their order: "901 500 1000".</summary>
    public string Codes => string.Join(' ', _calls.Select(call => call.Result.Code));

    /// <summary>Rules of the contract that the handler broke.</summary>
    public IReadOnlyList<string> Failures => _failures;

    /// <summary>The last result details, without the fingerprint at the end.</summary>
    public string? Details => LastDetails is { } details ? ResultDetails.Split(details).Text : null;

    /// <summary>The fingerprint of the packages in the last result details; null where they have none.</summary>
    public string? Fingerprint => LastDetails is { } details ? ResultDetails.Split(details).Fingerprint : null;

    /// <summary>What the agent makes of the deployment; null when it ended with the first IsInstalled.</summary>
    public AgentResult? Outcome { get; private set; }

    /// <summary>What the handler recorded with workflow_set_result; null when it did not.</summary>
    public AgentResult? Recorded { get; private set; }

    public IReadOnlyList<uint> ExtendedCodes { get; private set; } = [];

    /// <summary>none, requested or immediate.</summary>
    public string Restart => _values["flags.restart"];

    /// <summary>none, requested or immediate.</summary>
    public string Reboot => _values["flags.reboot"];

    public int DownloadCalls { get; private set; }

    public bool SigpipeChanged { get; private set; }

    public int MemoryBeforeKib => Number("rss.before");

    public int MemoryAfterCreateKib => Number("rss.create");

    public int MemoryAtEndKib => Number("rss.end");

    public int DescriptorsBefore => Number("descriptors.before");

    public int DescriptorsAtEnd => Number("descriptors.end");

    /// <summary>How long a call of the loop took on average.</summary>
    public TimeSpan LoopCallTook => TimeSpan.FromMicroseconds((double)Number("loop.us") / Number("loop.calls"));

    /// <summary>The different results of the loop, separated by commas.</summary>
    public string LoopAnswers => _values["loop.answers"];

    public int LoopMemoryKib => Number("loop.rss_kib");

    public int LoopDescriptors => Number("loop.descriptors");

    /// <summary>The answers to Cancel of cancel-anytime: 800, 801, and what is neither.</summary>
    public (int Able, int Unable, int Other) Cancels => (Number("cancels.able"), Number("cancels.unable"), Number("cancels.other"));

    public TimeSpan OpenTook => TimeSpan.FromMicroseconds(Number("times.dlopen_us"));

    public TimeSpan CreateTook => TimeSpan.FromMicroseconds(Number("times.create_us"));

    /// <summary>The only call of a method, or the last one.</summary>
    public AgentCall Call(string method) => _calls.Last(call => string.Equals(call.Method, method, StringComparison.Ordinal));

    public static AgentReport Read(Outcome process)
    {
        var report = new AgentReport(process);
        foreach (var line in process.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var word = line.Split(' ')[0];
            report.ReadLine(word, line[word.Length..].TrimStart());
        }

        return report;
    }

    private void ReadLine(string word, string rest)
    {
        var words = rest.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        foreach (var pair in words)
            if (pair.Split('=') is [var name, var value])
                _values[$"{word}.{name}"] = value;

        switch (word)
        {
            case "call":
                var took = TimeSpan.FromMicroseconds(Number("call.us"));
                var remark = Array.Find(words, w => w.StartsWith("data=", StringComparison.Ordinal));
                _calls.Add(new AgentCall(words[0], _values["call.thread"], ReadResult("call"), took, remark, Details: null));
                break;
            case "details":
                _calls[^1] = _calls[^1] with { Details = Unescape(rest) };
                break;
            case "failure":
                _failures.Add(rest);
                break;
            case "outcome":
                Outcome = ReadResult(word);
                break;
            case "recorded" when rest is not "none":
                Recorded = ReadResult(word);
                break;
            case "extended-codes":
                ExtendedCodes = [.. words.Select(ReadHex)];
                break;
            case "download-calls":
                DownloadCalls = int.Parse(rest, CultureInfo.InvariantCulture);
                break;
            case "sigpipe":
                SigpipeChanged = rest is "changed";
                break;
        }
    }

    private string? LastDetails => _calls.LastOrDefault(call => call.Details is not null)?.Details;

    private AgentResult ReadResult(string word) => new(Number($"{word}.result"), ReadHex(_values[$"{word}.extended"]));

    private int Number(string name) => int.Parse(_values[name], CultureInfo.InvariantCulture);

    private static uint ReadHex(string text) => Convert.ToUInt32(text, 16);

    private static string Unescape(string text) =>
        text.Replace(@"\\", "\0", StringComparison.Ordinal).Replace(@"\n", "\n", StringComparison.Ordinal).Replace('\0', '\\');
}
