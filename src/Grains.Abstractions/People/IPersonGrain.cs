using BulkQA.Core;
using Orleans.CodeGeneration;
using Orleans.Concurrency;

namespace BulkQA.Grains;

/// <summary>
/// One person (<see cref="PersonId"/> is the key): what the person may do, and by what it signs in. Calls that change something are carried out
/// one after the other, and are durable on return.
/// </summary>
[Alias("BulkQA.IPersonGrain"), Version(1)]
public interface IPersonGrain : IGrainWithStringKey
{
    /// <returns>Null where there is none; one that was erased is still there, without what it was known by.</returns>
    [Alias("Get"), SafeToRepeat, AlwaysInterleave]
    Task<Person?> GetAsync();

    /// <summary>Makes the person known. Where it is already, nothing is done.</summary>
    [Alias("Create"), SafeToRepeat]
    Task<PersonReceipt> CreateAsync(PersonDraft draft);

    /// <summary>Changes what the person may do, or is called. Sessions of somebody who is suspended are over.</summary>
    [Alias("Change"), NotSafeToRepeat("could undo a later change")]
    Task<PersonReceipt> ChangeAsync(PersonChange change);

    /// <summary>Deletes name, address, grants and ways to sign in for good. The id stays, for the answers that are kept under it. Idempotent.</summary>
    [Alias("Erase"), SafeToRepeat]
    Task EraseAsync();

    /// <returns>Null where there is none, or it was erased.</returns>
    [Alias("GetAccount"), SafeToRepeat, AlwaysInterleave]
    Task<SignInRecord?> GetAccountAsync();

    /// <summary>
    /// Counts a try to sign in, before its password is looked at. After <paramref name="most"/> that no <see cref="NoteSignInAsync"/> followed none
    /// is let through for <paramref name="lockout"/>. Where there is no such person it is counted all the same: that nobody is there takes the same steps.
    /// </summary>
    /// <returns>Whether the password may be looked at.</returns>
    [Alias("TrySignIn"), NotSafeToRepeat("counts a try that nobody made")]
    Task<bool> TrySignInAsync(int most, TimeSpan lockout);

    /// <summary>The person has shown who it is: tries are counted anew. Idempotent.</summary>
    [Alias("NoteSignIn"), SafeToRepeat]
    Task NoteSignInAsync();

    /// <summary>
    /// Writes by what the person signs in, where <see cref="PersonAccount.Revision"/> is still the one stored, there are at most
    /// <see cref="PersonAccount.MaxPasskeys"/> passkeys, and none is another's. Under another security stamp all sessions are over.
    /// </summary>
    /// <returns>As stored now; null where it was not written.</returns>
    [Alias("WriteAccount"), NotSafeToRepeat("would be refused by the revision that the first call wrote")]
    Task<PersonAccount?> WriteAccountAsync(PersonAccount account);

    /// <summary>Writes down that a session begins; those that have run out are forgotten. Once however often it is called.</summary>
    /// <param name="session">The session.</param>
    /// <param name="stamp">The security stamp under which the person has shown who it is.</param>
    /// <param name="lifetime">How long a session lasts at most.</param>
    /// <param name="silence">How long it lasts at most after it was written down as used.</param>
    /// <returns>False where there is no such person, or its security stamp is another by now: then nothing is done.</returns>
    [Alias("BeginSession"), SafeToRepeat]
    Task<bool> BeginSessionAsync(PersonSession session, string stamp, TimeSpan lifetime, TimeSpan silence);

    /// <summary>Writes down that the session is used, unless that was done within <see cref="PersonSession.SeenEvery"/>. Nobody waits for it: what is lost is made good by the next call.</summary>
    [Alias("NoteSeen"), OneWay, SafeToRepeat]
    Task NoteSeenAsync(string session);

    /// <summary>Ends one session. Durable on return; idempotent.</summary>
    /// <returns>False where there was none.</returns>
    [Alias("EndSession"), NotSafeToRepeat("would say that there was none")]
    Task<bool> EndSessionAsync(string session);

    /// <summary>Ends all sessions but one. Durable on return; idempotent.</summary>
    /// <param name="but">Which goes on; null for none.</param>
    [Alias("EndSessions"), SafeToRepeat]
    Task EndSessionsAsync(string? but);
}

/// <summary>
/// A name that at most one person has (<see cref="Keys"/> says which there are): what is typed to sign in, who one is at an identity provider, a passkey, or
/// a worker id.
/// </summary>
[Alias("BulkQA.IPersonNameGrain"), Version(1)]
public interface IPersonNameGrain : IGrainWithStringKey
{
    /// <summary>Has the name given to a person, unless another has it.</summary>
    /// <returns>Who has it now.</returns>
    [Alias("Claim"), SafeToRepeat]
    Task<PersonId> ClaimAsync(PersonId person);

    /// <summary>Gives the name back, where the person has it. Idempotent.</summary>
    [Alias("Release"), SafeToRepeat]
    Task ReleaseAsync(PersonId person);

    /// <returns>Null for nobody.</returns>
    [Alias("Find"), SafeToRepeat]
    Task<PersonId?> FindAsync();

    static class Keys
    {
        public static string Of(SignInName name) => $"name/{name.Key}";

        /// <summary>Hashed: a subject may be long, and hold whatever an issuer likes.</summary>
        public static string Of(ExternalLogin login) => "login/" + Convert.ToHexStringLower(
            System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{login.Issuer}\n{login.Subject}")));

        /// <summary>Hashed: a worker id may hold whatever it likes.</summary>
        public static string Of(WorkerId worker) => "worker/" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(worker.Value)));

        /// <summary>Hashed: authenticators make ids of up to 1,023 bytes.</summary>
        public static string OfPasskey(ReadOnlySpan<byte> credentialId) => "passkey/" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(credentialId));
    }
}
