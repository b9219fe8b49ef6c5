using AptHandler.Files;

namespace AptHandler.Authoring.Repositories;

/// <summary>
/// Makes stores. A folder becomes a store with its record, which is written last. If the process is killed before, the next run continues.
/// </summary>
public static class StoreCreation
{
    /// <summary>Makes a store in a folder, or finishes a store that was only partly made.</summary>
    /// <param name="folder">The folder; it is made.</param>
    /// <param name="key">A secret key that gpg knows; null for a new one that belongs to the store.</param>
    /// <param name="patience">How long to wait for other processes that do the same.</param>
    /// <param name="cancellation">Cancels the waiting.</param>
    /// <returns>Null where there was a store already.</returns>
    /// <exception cref="InputException">The folder holds something else, or there is no such key.</exception>
    public static StoreRecord? Make(string folder, string? key, TimeSpan patience, CancellationToken cancellation)
    {
        string location = Store.Located(folder);
        string? given = key is null ? null : SigningKey.Find(key);
        if (!File.Exists(Path.Combine(location, RecordFile.NameOfStore)) && HoldsSomethingElse(location))
            throw new InputException(
                $"cannot make a repository in {location}: there are other files in it; name an empty folder, or one that is not there yet"
            );
        string keys = Path.Combine(location, Store.KeyFolderName);
        if (given is null)
            GnupgHome.Check(keys);
        try
        {
            _ = Directory.CreateDirectory(location);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"cannot make a repository in {location}: {e.Message}; name a folder that can be made");
        }

        using Descriptor turn = StoreLock.Take(location, isToBeChanged: true, patience, cancellation);
        if (File.Exists(Path.Combine(location, RecordFile.NameOfStore)))
        {
            StoreRecord there = RecordFile.OfStore(location);
            if (given is not null && given != there.Key)
                throw new InputException(
                    $"cannot change the key of {location}, which is {there.Key}: devices know it; make another repository for another key"
                );
            if (given is not null)
                ExportKey(new Store(location, there, turn));
            return null;
        }

        Store.MakeFolders(location);
        try
        {
            var record = new StoreRecord { Key = given ?? GnupgHome.MakeKey(keys), HasOwnKey = given is null };
            var store = new Store(location, record, turn);
            ExportKey(store);
            RecordFile.Write(Path.Combine(location, RecordFile.NameOfStore), record, StoreJson.Default.StoreRecord);
            return record;
        }
        finally
        {
            GnupgHome.EndAgent(keys);
        }
    }

    private static void ExportKey(Store store)
    {
        byte[] exported = new SigningKey(store).Export();
        WholeFile.Replace(store.KeyFile, exported, WholeFile.ReadableByAll);
        WholeFile.Replace(store.TrustedKeyFile, exported, WholeFile.ReadableByAll);
    }

    // The lock is the first file in a new store. So a folder with other files and without a lock is something else.
    private static bool HoldsSomethingElse(string location)
    {
        string[] ours =
        [
            .. Store.Folders,
            "public",
            StoreLock.Name,
            Store.KeyFolderName,
            GnupgHome.Unfinished(Store.KeyFolderName),
            "key.asc",
            ".key.asc.new",
            $".{RecordFile.NameOfStore}.new",
        ];
        string[] there = Directory.Exists(location)
            ? [.. Directory.GetFileSystemEntries(location).Select(path => Path.GetFileName(path))]
            : [];
        return there.Length > 0 && (!there.Contains(StoreLock.Name) || there.Except(ours, StringComparer.Ordinal).Any());
    }
}
