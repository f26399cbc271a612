using Microsoft.Playwright;

namespace BulkQA.Api.Tests;

/// <summary>In which order the letters of a text are drawn, which that of the text may not be.</summary>
internal static class Letters
{
    private const string Places = """
        ([selector, letters]) => {
          const walker = document.createTreeWalker(document.querySelector(selector), NodeFilter.SHOW_TEXT);
          for (let node; (node = walker.nextNode());) {
            const at = node.data.indexOf(letters);
            if (at < 0) continue;
            return [...letters].map((_, offset) => {
              const range = document.createRange();
              range.setStart(node, at + offset);
              range.setEnd(node, at + offset + 1);
              return range.getBoundingClientRect().left;
            });
          }
          return [];
        }
        """;

    /// <summary>Where each of these letters is drawn, in pixels from the left; nothing where they are not in what <paramref name="selector"/> finds first.</summary>
    public static Task<double[]> PlacesAsync(this IPage page, string selector, string letters) => page.EvaluateAsync<double[]>(Places, new object[] { selector, letters });
}
