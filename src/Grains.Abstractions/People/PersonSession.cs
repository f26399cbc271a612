namespace BulkQA.Grains;

/// <summary>By what somebody has shown who it is.</summary>
[GenerateSerializer, Alias("BulkQA.SignInMeans")]
public enum SignInMeans : byte
{
    Password,

    Passkey,

    /// <summary>An identity provider said so.</summary>
    Provider,

    /// <summary>An invitation, or a link to set a new password.</summary>
    Link,
}

/// <summary>That somebody is signed in, in one browser.</summary>
/// <param name="Id">Random, and no secret: the session's cookie holds it under a seal, and it opens nothing by itself.</param>
/// <param name="BeganAt">When the person signed in.</param>
/// <param name="SeenAt">When it was used last, to within <see cref="SeenEvery"/> and the interval in which sessions are looked at.</param>
/// <param name="Means">By what the person signed in.</param>
/// <param name="Browser">Such as <c>Firefox</c>, as the browser says; null where it says none that is known. At most 20 characters.</param>
/// <param name="System">Such as <c>Windows</c>, likewise.</param>
[GenerateSerializer, Immutable, Alias("BulkQA.PersonSession")]
public sealed record PersonSession(
    [property: Id(0)] string Id, [property: Id(1)] DateTimeOffset BeganAt, [property: Id(2)] DateTimeOffset SeenAt, [property: Id(3)] SignInMeans Means, [property: Id(4)] string? Browser, [property: Id(5)] string? System)
{
    /// <summary>Sessions that a person has at most: with a further one the one ends that was not used for longest.</summary>
    public const int MaxPerPerson = 50;

    /// <summary>A session that is used all the time is written down no more often.</summary>
    public static readonly TimeSpan SeenEvery = TimeSpan.FromMinutes(5);

    /// <summary>Whether it has run out.</summary>
    /// <param name="now">The time.</param>
    /// <param name="lifetime">How long a session lasts at most.</param>
    /// <param name="silence">How long it lasts at most after <see cref="SeenAt"/>.</param>
    public bool IsOver(DateTimeOffset now, TimeSpan lifetime, TimeSpan silence) => now - BeganAt >= lifetime || now - SeenAt >= silence;
}
