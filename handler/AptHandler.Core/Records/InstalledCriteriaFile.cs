using System.Buffers;
using System.Text;
using System.Text.Json;
using AptHandler.Files;

namespace AptHandler.Records;

/// <summary>
/// The agent's list of installed criteria. It is shared with the reference handler, so that a device can change handlers without losing its
/// state. It is a JSON array of <c>{"installedCriteria":"…","state":"installed","timestamp":unix seconds}</c> (agent-contract.md, 6). The
/// agent's user can write to its folder. So the file is read up to a limit and without following links, and it is replaced by rename.
/// </summary>
public sealed class InstalledCriteriaFile(string path)
{
    private const int LargestFile = 4 << 20;
    private const int ReadableByGroup = 0x1A0; // 0640
    private const string CriteriaMember = "installedCriteria";
    private const string StateMember = "state";
    private const string TimestampMember = "timestamp";
    private const string InstalledState = "installed";

    /// <summary>The entry with the latest time that is in the state <c>installed</c>, or null.</summary>
    public (string Criteria, DateTimeOffset Time)? Newest()
    {
        using JsonDocument? document = TryRead();
        (string Criteria, long Time)? newest = null;
        foreach (JsonElement entry in Entries(document))
        {
            if (
                TextOf(entry, StateMember) == InstalledState
                && TextOf(entry, CriteriaMember) is { } criteria
                && entry.TryGetProperty(TimestampMember, out JsonElement time)
                && time.ValueKind == JsonValueKind.Number
                && time.TryGetDouble(out double seconds)
                && seconds is >= 0 and < 253402300800
                && (newest is null || (long)seconds >= newest.Value.Time)
            )
            {
                newest = (criteria, (long)seconds);
            }
        }

        return newest is { } found ? (found.Criteria, DateTimeOffset.FromUnixTimeSeconds(found.Time)) : null;
    }

    /// <summary>Adds criteria as the newest entry. An older entry for the same criteria is removed. All others stay as they are.</summary>
    /// <returns>Whether the folder of the file exists. If not, nothing is done.</returns>
    /// <exception cref="IOException">The file cannot be written; the old one is unchanged.</exception>
    public bool Add(string criteria, DateTimeOffset time) =>
        Rewrite(
            criteria,
            writer =>
            {
                writer.WriteStartObject();
                writer.WriteString(CriteriaMember, criteria);
                writer.WriteString(StateMember, InstalledState);
                writer.WriteNumber(TimestampMember, time.ToUnixTimeSeconds());
                writer.WriteEndObject();
            }
        );

    /// <summary>Removes criteria whose update was undone.</summary>
    /// <exception cref="IOException">The file cannot be written; the old one is unchanged.</exception>
    public void Remove(string criteria)
    {
        if (File.Exists(path))
            _ = Rewrite(criteria, _ => { });
    }

    private bool Rewrite(string criteria, Action<Utf8JsonWriter> writeLast)
    {
        // Where the agent has never run, for example in an image, there is no folder, and our own records are enough. The agent creates the
        // folder itself, with the right owner.
        if (!Directory.Exists(Path.GetDirectoryName(path)))
            return false;
        using JsonDocument? document = TryRead();
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            foreach (JsonElement entry in Entries(document))
            {
                if (TextOf(entry, CriteriaMember) != criteria)
                    entry.WriteTo(writer);
            }

            writeLast(writer);
            writer.WriteEndArray();
        }

        WholeFile.Replace(path, buffer.WrittenSpan, ReadableByGroup);
        return true;
    }

    // A missing or damaged file is an empty list: the reference handler also starts a new one.
    private JsonDocument? TryRead()
    {
        try
        {
            // The bytes become a string first: bytes that are not UTF-8 become U+FFFD, and the other entries stay readable.
            return JsonDocument.Parse(Encoding.UTF8.GetString(BoundedFile.Read(path, LargestFile)).TrimStart('\uFEFF'));
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return null;
        }
    }

    private static IEnumerable<JsonElement> Entries(JsonDocument? document)
    {
        if (document?.RootElement.ValueKind != JsonValueKind.Array)
            yield break;
        foreach (JsonElement entry in document.RootElement.EnumerateArray())
        {
            if (IsText(entry))
                yield return entry;
        }
    }

    // The parser accepts half of a surrogate pair, and reading it throws later. Such an entry is left out, because nobody could read it.
    private static bool IsText(JsonElement entry)
    {
        using var writer = new Utf8JsonWriter(Stream.Null);
        try
        {
            entry.WriteTo(writer);
            return true;
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            return false;
        }
    }

    private static string? TextOf(JsonElement entry, string member) =>
        entry.ValueKind == JsonValueKind.Object
        && entry.TryGetProperty(member, out JsonElement value)
        && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
