using BulkQA.Core;
using Fluid;
using Fluid.Values;

namespace BulkQA.Api;

/// <summary>
/// Bounds what a template can make of our time and memory. The library counts steps; a single step can still double a
/// text, and forty steps can fill any memory, so texts, output and time are bounded here.
/// </summary>
internal sealed class TemplateLimits(TimeProvider time)
{
    private const int MaxSteps = 100_000;
    private const int MaxRecursion = 20;

    /// <summary>Characters of one value, and of what one filter may come near to making.</summary>
    private const int MaxText = 256 * 1024;

    /// <summary>Characters of a page.</summary>
    public const int MaxOutput = 4 * 1024 * 1024;

    private static readonly TimeSpan _maxTime = TimeSpan.FromSeconds(2);

    /// <summary>Filters whose result may have the length of their input times that of an argument.</summary>
    private static readonly HashSet<string> _multiplying = ["replace", "join", "words"];

    private readonly long _began = time.GetTimestamp();

    /// <summary>Options that keep a rendering which begins now within its bounds; beyond them it ends with a <see cref="BadInputException"/>.</summary>
    /// <param name="filters">Filters of our own, bounded like all others.</param>
    public TemplateOptions Options(TemplateFilters filters)
    {
        var options = new TemplateOptions { MaxSteps = MaxSteps, MaxRecursion = MaxRecursion };
        filters.AddTo(options.Filters);
        foreach (var (name, filter) in options.Filters.ToList()) options.Filters.AddFilter(name, (input, arguments, context) => RunAsync(name, filter, input, arguments, context));
        options.Assigned = (_, value, _) => ValueTask.FromResult(Checked(value));
        options.Captured = (_, value, _) => ValueTask.FromResult(Checked(value));
        return options;
    }

    private async ValueTask<FluidValue> RunAsync(string name, FilterDelegate filter, FluidValue input, FilterArguments arguments, TemplateContext context)
    {
        if (time.GetElapsedTime(_began) > _maxTime) throw new BadInputException($"the template takes longer than {_maxTime.TotalSeconds} s");
        if (_multiplying.Contains(name))
        {
            var factor = arguments.Count == 0 ? 1 : Math.Max(1L, arguments.Values.Select(argument => argument.ToStringValue().Length).DefaultIfEmpty().Max());
            if (LengthOf(input) * factor > MaxText * 16L) throw new BadInputException($"the template's filter '{name}' could make a text of more than {MaxText} characters");
        }
        return Checked(await filter(input, arguments, context));
    }

    private static FluidValue Checked(FluidValue value) => LengthOf(value) <= MaxText
        ? value : throw new BadInputException($"the template makes a value of more than {MaxText} characters");

    private static long LengthOf(FluidValue value) => value switch
    {
        StringValue text => text.ToStringValue().Length,
        ArrayValue array => array.Values.Count,
        _ => 0,
    };
}

/// <summary>Takes no more characters than a page may have.</summary>
internal sealed class BoundedWriter() : StringWriter(System.Globalization.CultureInfo.InvariantCulture)
{
    public override void Write(char value)
    {
        Require(1);
        base.Write(value);
    }

    public override void Write(char[] buffer, int index, int count)
    {
        Require(count);
        base.Write(buffer, index, count);
    }

    public override void Write(ReadOnlySpan<char> buffer)
    {
        Require(buffer.Length);
        base.Write(buffer);
    }

    public override void Write(string? value)
    {
        Require(value?.Length ?? 0);
        base.Write(value);
    }

    private void Require(int more)
    {
        if (GetStringBuilder().Length + more > TemplateLimits.MaxOutput)
            throw new BadInputException($"the template makes a page of more than {TemplateLimits.MaxOutput} characters");
    }
}
