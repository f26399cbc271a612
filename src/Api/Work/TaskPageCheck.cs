using System.Globalization;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using BulkQA.Core;
using BulkQA.Grains;

namespace BulkQA.Api;

/// <summary>
/// Whether a rendered page asks what its task asks: a card for each image, with the image's own picture and the box that
/// its answer goes under, all in one form. Beside that box may stand one for each answer that is no vote.
/// </summary>
internal static class TaskPageCheck
{
    /// <summary>The values of boxes that say why there is no vote.</summary>
    private static readonly HashSet<string?> _others = ["CantTell", "NotSeen"];

    /// <summary>The problems, each kind once.</summary>
    /// <param name="html">What <see cref="Markup.Clean"/> made, whose depth and number of tags are bounded.</param>
    /// <param name="granted">What the page reads the pictures by.</param>
    public static IReadOnlyList<string> Problems(string html, LabeledTask content, IReadOnlyDictionary<string, string> granted)
    {
        using var page = new HtmlParser().ParseDocument($"<!doctype html><body><main>{html}</main>");
        var problems = new List<string>();
        var forms = page.QuerySelectorAll("crowd-form");
        if (forms.Length != 1) problems.Add(forms.Length == 0 ? "there is no <crowd-form>" : "there is more than one <crowd-form>");
        var all = page.QuerySelectorAll("crowd-checkbox").ToLookup(box => _others.Contains(box.GetAttribute("value")));
        var (boxes, others) = (ByName(all[false]), ByName(all[true]));
        var cards = page.QuerySelectorAll("crowd-card").ToList();
        var boxesOf = boxes.SelectMany(group => group).ToLookup(box => box.Closest("crowd-card"));
        var names = Enumerable.Range(0, content.Images.Length).Select(index => Answers.BoxName(content.Label.Value, index)).ToList();

        Add(names.Where(name => !boxes.Contains(name)), name => $"the box '{name}' is missing: give each image a <crowd-checkbox name=\"{{label}}-{{index from 0}}\">");
        Add(names.Where(name => boxes[name].Skip(1).Any()), name => $"the box '{name}' comes more than once");
        Add(boxes.Concat(others).Select(group => group.Key).Except(names, StringComparer.Ordinal), name => $"the box '{name}' is of no image");
        Add(names.Where(name => boxes[name].Any(box => box.GetAttribute("value") != "Confirmed")), name => $"the box '{name}' has not the value \"Confirmed\", nor \"CantTell\" or \"NotSeen\"");
        Add(names.Where(name => others[name].GroupBy(box => box.GetAttribute("value")).Any(same => same.Skip(1).Any())), name => $"the box '{name}' comes more than once with the same value");
        Add(names.Where(name => others[name].Any(box => box.Closest("crowd-card") is not { } card || boxes[name].Any(own => own.Closest("crowd-card") != card))),
            name => $"a box '{name}' is in another card than the one with the value \"Confirmed\"");
        Add(names.Where(name => boxes[name].Any(box => box.Closest("crowd-form") is null)), name => $"the box '{name}' is outside of the <crowd-form>");
        Add(names.Where(name => boxes[name].Any(box => box.Closest("crowd-card") is null)), name => $"the box '{name}' is in no <crowd-card>");
        Add(cards.Where(card => boxesOf[card].Count() != 1), card => $"a <crowd-card> has {boxesOf[card].Count()} boxes with the value \"Confirmed\" instead of one");
        Add(names.Where((name, index) => boxes[name].Any(box => !Shows(box.Closest("crowd-card"), content.Images[index].Url.Value))),
            name => $"the card of box '{name}' does not show its image's picture: give it image=\"{{{{ … .s3_image_url | grant_read_access }}}}\", or an <img> with that src");
        Add(page.QuerySelectorAll("crowd-button").Where(button => button.GetAttribute("form-action") != "submit"), _ => "a <crowd-button> without form-action=\"submit\" does nothing here");
        return problems;

        static ILookup<string, IElement> ByName(IEnumerable<IElement> boxes) => boxes.ToLookup(box => box.GetAttribute("name") ?? "", StringComparer.Ordinal);

        void Add<T>(IEnumerable<T> found, Func<T, string> problem)
        {
            var such = found.ToList();
            if (such.Count > 0) problems.Add(problem(such[0]) + (such.Count == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" (and {such.Count - 1} more such)")));
        }

        // Its own and no other image's; pictures that are of no image, such as an example, may stand beside it.
        bool Shows(IElement? card, string imageUrl)
        {
            if (card is null || !granted.TryGetValue(imageUrl, out var own)) return card is null;
            var shown = card.QuerySelectorAll("img").Select(image => image.GetAttribute("src")).Append(card.GetAttribute("image")).ToList();
            return shown.Contains(own) && !content.Images.Any(other => other.Url.Value != imageUrl && granted.TryGetValue(other.Url.Value, out var theirs) && theirs != own && shown.Contains(theirs));
        }
    }
}
