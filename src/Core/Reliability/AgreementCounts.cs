namespace BulkQA.Core;

/// <summary>
/// What the agreement of workers on images is computed from: sums over the images with two votes or more, so that those of parts
/// add up to those of the whole.
/// </summary>
/// <param name="Images">Images with two votes or more.</param>
/// <param name="Votes">Their votes; a vote that is alone on its image can't agree with any.</param>
/// <param name="Confirms">Those that confirm.</param>
/// <param name="Disagreement">Over images, 2 * confirms * disconfirms / (votes - 1): pairs of votes that differ, an image weighing as many as its votes.</param>
public readonly record struct AgreementCounts(long Images, long Votes, long Confirms, double Disagreement)
{
    /// <summary>
    /// Krippendorff's alpha for two answers, at most 1: 1 where all agree, 0 where votes agree as often as by chance, below 0 where less
    /// often. Null where it is not defined: without two votes on an image, and where all votes are the same, as then nothing shows
    /// whether workers can tell images apart. K. Krippendorff, "Computing Krippendorff's Alpha-Reliability", 2011.
    /// </summary>
    public double? Alpha
    {
        get
        {
            var disconfirms = Votes - Confirms;
            return Confirms == 0 || disconfirms == 0 ? null : 1 - ((Votes - 1) * Disagreement / (2.0 * Confirms * disconfirms));
        }
    }

    /// <summary>Those of one image; nothing where it has less than two votes.</summary>
    public static AgreementCounts Of(int confirms, int disconfirms)
    {
        var votes = confirms + disconfirms;
        return votes < 2 ? default : new AgreementCounts(1, votes, confirms, 2.0 * confirms * disconfirms / (votes - 1));
    }

    public static AgreementCounts operator +(AgreementCounts left, AgreementCounts right) => new(
        left.Images + right.Images, left.Votes + right.Votes, left.Confirms + right.Confirms, left.Disagreement + right.Disagreement);

    public static AgreementCounts Add(AgreementCounts left, AgreementCounts right) => left + right;
}
