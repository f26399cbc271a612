namespace BulkQA.Api;

/// <summary>What a caller may do. Every endpoint names the role it asks for; one that doesn't asks for an operator.</summary>
internal static class Role
{
    /// <summary>Reads jobs, tables, images and exports.</summary>
    public const string Viewer = "viewer";

    /// <summary>Reads like a viewer, and decides images.</summary>
    public const string Adjudicator = "adjudicator";

    /// <summary>Takes tasks and answers them, under the worker's own id.</summary>
    public const string Worker = "worker";

    /// <summary>Everything, votes in others' names included.</summary>
    public const string Operator = "operator";

    /// <summary>Runs teams: their people, invitations and new jobs; in their jobs, what an operator does.</summary>
    public const string Lead = "lead";

    /// <summary>For what both viewers and workers need: pictures, and the styles of pages.</summary>
    public const string Anyone = "anyone";

    /// <summary>For whoever has said who it is, whatever it may do: what it may do, and that there is nothing for it.</summary>
    public const string SignedIn = "signedIn";

    public static bool IsKnown(string role) => role is Viewer or Adjudicator or Worker or Operator;

    /// <summary>Says that the endpoints ask for this role; an operator has all of them.</summary>
    public static TBuilder For<TBuilder>(this TBuilder endpoints, string role) where TBuilder : IEndpointConventionBuilder =>
        endpoints.RequireAuthorization(role);
}
