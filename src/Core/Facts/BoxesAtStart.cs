namespace BulkQA.Core;

/// <summary>How the boxes were when the worker first saw them. Stored as its number, which is never given to another.</summary>
public enum BoxesAtStart : byte
{
    /// <summary>Nobody said.</summary>
    Unknown = 0,

    /// <summary>All ticked as Confirm: the worker unticks what doesn't fit.</summary>
    Ticked = 1,

    /// <summary>None ticked, which is Disconfirm: the worker ticks what fits.</summary>
    Unticked = 2,

    /// <summary>Neither confirmed nor disconfirmed: the worker says something of every image.</summary>
    Neither = 3,
}

/// <summary>The names of the states: <c>ticked</c>, <c>unticked</c> and <c>neither</c>.</summary>
public static class BoxStates
{
    /// <summary>Null where the state is unknown.</summary>
    public static string? NameOf(BoxesAtStart state) => state switch
    {
        BoxesAtStart.Ticked => "ticked",
        BoxesAtStart.Unticked => "unticked",
        BoxesAtStart.Neither => "neither",
        _ => null,
    };

    /// <summary>Null where no state has that name.</summary>
    public static BoxesAtStart? OfName(string? name) => name switch
    {
        "ticked" => BoxesAtStart.Ticked,
        "unticked" => BoxesAtStart.Unticked,
        "neither" => BoxesAtStart.Neither,
        _ => null,
    };
}
