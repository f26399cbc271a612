using Amazon.S3;
using Amazon.SQS;
using BulkQA.Lambdas;

// One executable for both functions; Lambda names the one to be in _HANDLER.
return await RuntimeLoop.RunAsync(FunctionSettings.Read, settings =>
{
    var objects = new ObjectReader(settings, new AmazonS3Client(ObjectReader.Config(settings)));
    return settings.Handler == FunctionSettings.PreLabeling
        ? new PreLabelingFunction(objects).InvokeAsync
        : new PostLabelingFunction(objects, new AnswerSender(settings.QueueUrl, new AmazonSQSClient(AnswerSender.Config))).InvokeAsync;
});
