using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AptHandler.Files;

namespace AptHandler.Authoring.Repositories;

/// <summary>Reads and writes the records of a store, which are files of JSON.</summary>
internal static class RecordFile
{
    /// <summary>The name of the record of the store itself.</summary>
    public const string NameOfStore = "store.json";

    private const int LargestRecord = 16 << 20;

    /// <summary>Writes a record, whole.</summary>
    public static void Write<T>(string file, T record, JsonTypeInfo<T> type)
        where T : class => WholeFile.Replace(file, JsonSerializer.SerializeToUtf8Bytes(record, type), WholeFile.ReadableByAll);

    /// <summary>Reads a record.</summary>
    /// <exception cref="InputException">It is damaged.</exception>
    public static T Read<T>(string file, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(BoundedFile.Read(file, LargestRecord), type) ?? throw new JsonException("it says null");
        }
        catch (Exception e) when (e is JsonException or FileNotFoundException)
        {
            throw new InputException($"cannot use {file}: {e.Message}; bring it back from a copy of the repository");
        }
    }

    /// <summary>Reads the history of a channel.</summary>
    /// <exception cref="InputException">It is damaged.</exception>
    public static ChannelRecord ReadChannel(string file)
    {
        ChannelRecord record = Read(file, StoreJson.Default.ChannelRecord);
        return record.Moves is [.., _] moves && Array.TrueForAll(moves, move => move is not null)
            ? record
            : throw new InputException($"cannot use {file}: a move is missing there; bring it back from a copy of the repository");
    }

    /// <summary>Reads the record of a store.</summary>
    /// <param name="location">Where the store lies.</param>
    /// <exception cref="InputException">There is none, or it has a form that is not known here.</exception>
    public static StoreRecord OfStore(string location)
    {
        if (!File.Exists(Path.Combine(location, NameOfStore)))
            throw new InputException($"cannot find a repository in {location}; make one with du-apt repository init");
        StoreRecord record = Read(Path.Combine(location, NameOfStore), StoreJson.Default.StoreRecord);
        return record.Format == StoreRecord.KnownFormat
            ? record
            : throw new InputException(
                $"cannot use {location}: it has the form {record.Format}, and this du-apt knows the form "
                    + $"{StoreRecord.KnownFormat} only; use a newer one"
            );
    }
}
