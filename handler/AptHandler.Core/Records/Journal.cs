using AptHandler.Native;
using AptHandler.Requests;

namespace AptHandler.Records;

/// <summary>Holds and writes the record of the running update.</summary>
internal sealed class Journal(UpdateRecords records, TimeProvider clock, UpdateRecord record)
{
    /// <summary>The record, as it was written last.</summary>
    public UpdateRecord Record { get; private set; } = record;

    /// <summary>Writes the record. If the disk is full, the room that was kept for this is freed first.</summary>
    /// <exception cref="IOException">The record cannot be written; the old one is unchanged.</exception>
    public UpdateRecord Save(UpdateRecord changed)
    {
        try
        {
            return Record = records.Save(changed, clock.GetUtcNow());
        }
        catch (IOException e) when (e.HResult == Libc.ENOSPC && records.Backup(changed).FreeRoom())
        {
            return Record = records.Save(changed, clock.GetUtcNow());
        }
    }

    /// <summary>
    /// Starts a new record if this update has already changed the device. Otherwise the backup that is made next would replace its way
    /// back.
    /// </summary>
    public void BeginAnew(UpdateRequest request)
    {
        if (Record.HasChangedMachine)
            Record = records.Begin(request, clock.GetUtcNow());
    }
}
