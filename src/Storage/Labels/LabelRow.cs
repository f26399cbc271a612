using BulkQA.Core;

namespace BulkQA.Storage;

/// <summary>One image as it lies in the label table: <c>s3_image_url</c>, <c>label</c>, <c>confidence</c>, <c>WorkerConfirmCount</c>, <c>WorkerDisconfirmCount</c>, <c>Verdict</c>.</summary>
/// <param name="Confidence">Null where the corpus gave none.</param>
/// <param name="Verdict">By the policy in force when the row was written.</param>
public sealed record LabelRow(ImageUrl Url, Percent? Confidence, int Confirms, int Disconfirms, Verdict Verdict);
