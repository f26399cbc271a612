namespace BulkQA.Web;

/// <summary>Somebody who works here.</summary>
public sealed record PersonModel
{
    public string Id { get; init; } = "";
    public string Name { get; init; } = "";
    public string? SignInName { get; init; }
    public string State { get; init; } = "";
    public IReadOnlyList<GrantSettingsModel> Grants { get; init; } = [];
    public DateTimeOffset CreatedAt { get; init; }
    public int Revision { get; init; }
    public string? Issuer { get; init; }
    public IReadOnlyList<string>? WorkerIds { get; init; }
}

public sealed record SessionModel
{
    public string Id { get; init; } = "";
    public DateTimeOffset BeganAt { get; init; }
    public DateTimeOffset SeenAt { get; init; }
    public string Means { get; init; } = "";
    public string? Browser { get; init; }
    public string? System { get; init; }
    public bool IsThis { get; init; }
}

public sealed record TeamModel
{
    public string Name { get; init; } = "";
    public string Description { get; init; } = "";
    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A link that makes whoever follows it somebody here.</summary>
public sealed record InvitationModel
{
    public string Id { get; init; } = "";
    public string? Link { get; init; }
    public IReadOnlyList<GrantSettingsModel> Grants { get; init; } = [];
    public string? For { get; init; }
    public int Uses { get; init; }
    public int Used { get; init; }
    public DateTimeOffset ExpiresAt { get; init; }
    public string CreatedBy { get; init; } = "";
    public DateTimeOffset CreatedAt { get; init; }
    public string? Note { get; init; }
    public string State { get; init; } = "";
}

/// <summary>What a worker did in a job on a day.</summary>
public sealed record WorkRecordModel
{
    public string Job { get; init; } = "";
    public string Worker { get; init; } = "";
    public string? Name { get; init; }
    public string? Day { get; init; }
    public long Tasks { get; init; }
    public long Images { get; init; }
    public double Seconds { get; init; }
    public long TasksTimed { get; init; }
}
