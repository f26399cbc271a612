using Plotly.Blazor;
using Plotly.Blazor.LayoutLib;
using Plotly.Blazor.Traces;
using Plotly.Blazor.Traces.ScatterLib;
using ErrorX = Plotly.Blazor.Traces.ScatterLib.ErrorX;
using ErrorY = Plotly.Blazor.Traces.ScatterLib.ErrorY;
using PlotLayout = Plotly.Blazor.Layout;

namespace BulkQA.Web;

/// <summary>What a chart shows: series over one horizontal axis, in the order in which they were added. Each colour stands for one series.</summary>
/// <param name="horizontal">The horizontal axis.</param>
/// <param name="vertical">The vertical axis.</param>
public sealed class Figure(FigureAxis horizontal, FigureAxis vertical)
{
    /// <summary>Told apart by those who see fewer colours, on light and dark grounds (Okabe and Ito's, without the two that need one of them).</summary>
    private static readonly string[] _colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"];

    private readonly List<ITrace> _traces = [];
    private readonly List<(object At, bool IsVertical, string Colour, bool IsMoved)> _marks = [];

    public IReadOnlyList<ITrace> Traces => _traces;

    /// <summary>Whether there is nothing to show.</summary>
    public bool IsEmpty => !_traces.OfType<Scatter>().Any(trace => trace.X is { Count: > 0 });

    /// <summary>Points, each with an interval where there is one, in data units.</summary>
    public Figure AddPoints(string name, IEnumerable<FigurePoint> points, bool isJoined = false)
    {
        var all = points.ToList();
        var trace = Begin(name, all);
        trace.Mode = isJoined ? ModeFlag.Markers | ModeFlag.Lines : ModeFlag.Markers;
        var sizes = all.Select(point => (decimal?)point.Size).ToList();
        trace.Marker = new Marker { Color = Colour(_traces.Count), SizeArray = sizes.Exists(size => size is not null) ? sizes : null, Size = sizes.Exists(size => size is not null) ? null : 8 };
        if (all.Exists(point => point.Lower is not null)) trace.ErrorY = new ErrorY
        {
            Type = Plotly.Blazor.Traces.ScatterLib.ErrorYLib.TypeEnum.Data,
            Symmetric = false,
            Array = [.. all.Select(point => (object)(point.Upper - point.Y ?? 0))],
            ArrayMinus = [.. all.Select(point => (object)(point.Y - point.Lower ?? 0))],
            Visible = true,
            Thickness = 1.5m,
            Width = 4,
        };
        if (all.Exists(point => point.Left is not null)) trace.ErrorX = new ErrorX
        {
            Type = Plotly.Blazor.Traces.ScatterLib.ErrorXLib.TypeEnum.Data,
            Symmetric = false,
            Array = [.. all.Select(point => (object)(point.Right - Convert.ToDouble(point.X, System.Globalization.CultureInfo.InvariantCulture) ?? 0))],
            ArrayMinus = [.. all.Select(point => (object)(Convert.ToDouble(point.X, System.Globalization.CultureInfo.InvariantCulture) - point.Left ?? 0))],
            Visible = true,
            Thickness = 1.5m,
            Width = 4,
        };
        _traces.Add(trace);
        return this;
    }

    /// <summary>A line through points.</summary>
    /// <param name="name">What it is.</param>
    /// <param name="points">In the order in which they are joined.</param>
    /// <param name="isStepped">Whether a value holds until the next point.</param>
    /// <param name="isFaint">Whether it is there to compare with.</param>
    public Figure AddLine(string name, IEnumerable<FigurePoint> points, bool isStepped = false, bool isFaint = false)
    {
        var trace = Begin(name, [.. points]);
        trace.Mode = ModeFlag.Lines;
        trace.Line = new Line
        {
            Color = isFaint ? "#888888" : Colour(_traces.Count),
            Width = isFaint ? 1.5m : 2,
            Dash = isFaint ? "dash" : "solid",
            Shape = isStepped ? Plotly.Blazor.Traces.ScatterLib.LineLib.ShapeEnum.Hv : Plotly.Blazor.Traces.ScatterLib.LineLib.ShapeEnum.Linear,
        };
        _traces.Add(trace);
        return this;
    }

    /// <summary>A line across the whole chart, at a place of the horizontal axis where it stands upright.</summary>
    /// <param name="at">Where.</param>
    /// <param name="isUpright">Whether it stands upright.</param>
    /// <param name="isMoved">Whether it can be dragged; one of a chart may.</param>
    public Figure AddMark(double at, bool isUpright = true, bool isMoved = false)
    {
        _marks.Add((at, isUpright, "#d55e00", isMoved));
        return this;
    }

    /// <summary>As the library takes it.</summary>
    /// <param name="isDark">Whether it stands on a dark ground.</param>
    /// <param name="height">In pixels.</param>
    public PlotLayout LayoutOf(bool isDark, int height)
    {
        var (ink, grid) = isDark ? ("#e4e9ef", "#36414d") : ("#1d2530", "#d8dee6");
        return new PlotLayout
        {
            AutoSize = true,
            Height = height,
            PaperBgColor = "rgba(0,0,0,0)",
            PlotBgColor = "rgba(0,0,0,0)",
            Font = new Font { Color = ink, Family = "system-ui, sans-serif", Size = 13 },
            Margin = new Margin { L = 64, R = 16, T = 16, B = 56 },
            ShowLegend = _traces.Count > 1,
            Legend = [new Legend { Orientation = Plotly.Blazor.LayoutLib.LegendLib.OrientationEnum.H, Y = 1.02m, YAnchor = Plotly.Blazor.LayoutLib.LegendLib.YAnchorEnum.Bottom, X = 0 }],
            DragMode = DragModeEnum.False,
            XAxis = [new XAxis { Title = new Plotly.Blazor.LayoutLib.XAxisLib.Title { Text = horizontal.Title }, GridColor = grid, LineColor = grid, ZeroLineColor = grid, TickSuffix = horizontal.Unit, Range = horizontal.Range, FixedRange = true }],
            YAxis = [new YAxis { Title = new Plotly.Blazor.LayoutLib.YAxisLib.Title { Text = vertical.Title }, GridColor = grid, LineColor = grid, ZeroLineColor = grid, TickSuffix = vertical.Unit, Range = vertical.Range, FixedRange = true }],
            Shapes = [.. _marks.Select(mark => mark.IsVertical
                ? new Shape { Type = Plotly.Blazor.LayoutLib.ShapeLib.TypeEnum.Line, X0 = mark.At, X1 = mark.At, YRef = "paper", Y0 = 0, Y1 = 1, Editable = mark.IsMoved, Line = Dashed(mark.Colour) }
                : new Shape { Type = Plotly.Blazor.LayoutLib.ShapeLib.TypeEnum.Line, Y0 = mark.At, Y1 = mark.At, XRef = "paper", X0 = 0, X1 = 1, Editable = mark.IsMoved, Line = Dashed(mark.Colour) })],
        };
    }

    private static Plotly.Blazor.LayoutLib.ShapeLib.Line Dashed(string colour) => new() { Color = colour, Width = 3, Dash = "dot" };

    private static string Colour(int series) => _colours[series % _colours.Length];

    private static Scatter Begin(string name, List<FigurePoint> points) => new()
    {
        Name = name,
        X = [.. points.Select(point => point.X)],
        Y = [.. points.Select(point => (object)point.Y!)],
        TextArray = points.Exists(point => point.Text is not null) ? [.. points.Select(point => point.Text ?? "")] : null,
        HoverTemplate = points.Exists(point => point.Text is not null) ? "%{text}<extra></extra>" : null,
    };
}

/// <param name="Title">What is measured.</param>
/// <param name="Unit">Behind each number.</param>
/// <param name="From">The lower end; null where data say.</param>
/// <param name="To">The upper end.</param>
public sealed record FigureAxis(string Title, string Unit = "", double? From = null, double? To = null)
{
    internal IList<object>? Range => From is { } from && To is { } to ? [from, to] : null;
}

/// <param name="X">A number, or a day as <c>2026-11-30</c>.</param>
/// <param name="Y">Null where the line is interrupted.</param>
/// <param name="Lower">Of the interval of <paramref name="Y"/>.</param>
/// <param name="Upper">Of the interval of <paramref name="Y"/>.</param>
/// <param name="Left">Of the interval of <paramref name="X"/>.</param>
/// <param name="Right">Of the interval of <paramref name="X"/>.</param>
/// <param name="Size">Of the point, in pixels across.</param>
/// <param name="Text">Said of the point where it is pointed at.</param>
public sealed record FigurePoint(object X, double? Y, double? Lower = null, double? Upper = null, double? Left = null, double? Right = null, double? Size = null, string? Text = null);
