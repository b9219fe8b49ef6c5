using AptHandler.Native;
using AptHandler.Requests;

namespace AptHandler.Records;

/// <summary>The record of the update that is being worked on, and the one who writes it.</summary>
internal sealed class Journal(UpdateRecords records, TimeProvider clock, UpdateRecord record)
{
    /// <summary>The record, as it was written last.</summary>
    public UpdateRecord Record { get; private set; } = record;

    /// <summary>Writes the record. On a full disk the room that was kept for that is given up.</summary>
    /// <exception cref="IOException">It cannot be written; the old one is as it was.</exception>
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
    /// Goes on with a new record where this one has changed the device already: what is kept now would take the place of its way back.
    /// </summary>
    public void BeginAnew(UpdateRequest request)
    {
        if (Record.HasChangedMachine)
            Record = records.Begin(request, clock.GetUtcNow());
    }
}
