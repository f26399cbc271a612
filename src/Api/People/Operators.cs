using BulkQA.Grains;
using BulkQA.Storage;

namespace BulkQA.Api;

/// <summary>Who runs the whole deployment.</summary>
internal sealed class Operators(IGrainFactory grains, IListings listings)
{
    /// <summary>Whether somebody may sign in who is an operator of all.</summary>
    public async Task<bool> AreThereAnyAsync(CancellationToken cancellation)
    {
        await foreach (var key in listings.ReadAsync(PeopleListings.Operators, "", null, cancellation))
            if (await PeopleEndpoints.Person(grains, PeopleListings.PersonOf(key)).GetAsync() is { State: PersonState.Active } person && new Leading(person.Grants).LeadsAll) return true;
        return false;
    }
}
