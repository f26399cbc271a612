namespace BulkQA.Web;

/// <summary>Who is signed in, as <c>GET /v1/me</c> tells it.</summary>
public sealed record CallerModel
{
    public static CallerModel Nobody { get; } = new();

    public string? Person { get; init; }
    public string Name { get; init; } = "";
    public IReadOnlyList<string> Roles { get; init; } = [];

    public bool IsOperator => Roles.Contains("operator");

    public bool MayLead => IsOperator || Roles.Contains("lead");
}

/// <summary>Some of a list, and where it goes on.</summary>
public sealed record PageModel<T>(IReadOnlyList<T> Items, string? NextCursor);
