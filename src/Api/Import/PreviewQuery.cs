using System.ComponentModel;
using BulkQA.Core;
using Microsoft.AspNetCore.Mvc;

namespace BulkQA.Api;

/// <summary>The query of a preview: besides, what there is of a job that is still to be created.</summary>
internal sealed record PreviewQuery : CorpusQuery
{
    [FromQuery(Name = "imageBase"), Description("The imageBase of the job that is to be; default s3://bulkqa/images/")]
    public string? ImageBase { get; init; }

    [FromQuery(Name = "minConfidence"), Description("The minConfidence of the job that is to be; default none")]
    public double? MinConfidence { get; init; }

    [FromQuery(Name = "pictureHosts"), Description("A host of the pictureHosts of the job that is to be; repeatable; default none")]
    public string[]? PictureHosts { get; init; }

    /// <summary>The settings that matter to reading; everything that is wrong with them is added to the problems.</summary>
    public JobSettings ReadSettings(List<(string Field, string Reason)> problems)
    {
        var settings = new JobSettings();
        if (ImageBase is not null) settings = settings with { ImageBase = ImageBase };
        if (MinConfidence is { } least)
        {
            if (Percent.TryCreate(least, out var percent)) settings = settings with { MinConfidence = percent };
            else problems.Add(("minConfidence", $"{least} is not from 0 to 100"));
        }
        if (PictureHosts is { Length: > 0 })
        {
            if (Core.PictureHosts.TryCreate(PictureHosts, out var hosts, out var problem)) settings = settings with { PictureHosts = hosts };
            else problems.Add(("pictureHosts", problem));
        }
        problems.AddRange(settings.Problems());
        return settings;
    }
}
