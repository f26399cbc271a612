import { aws_iam as iam, aws_lambda as lambda, aws_logs as logs, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { allow, allowAny, allowObjects } from './grants.js';
import type { Settings } from './settings.js';
import type { Storage } from './storage.js';

/** Ground Truth's two functions, one native executable, and the role that Ground Truth works under. */
export class Functions extends Construct {
  readonly preLabeling: lambda.Function;
  readonly postLabeling: lambda.Function;
  readonly groundTruth: iam.Role;

  constructor(scope: Construct, settings: Settings, storage: Storage) {
    super(scope, 'Functions');
    // Their names contain LabelingFunction: that is what Ground Truth's managed policy lets a role invoke, too.
    this.preLabeling = this.create('PreLabeling', 'pre-labeling', settings, Duration.seconds(30), 256, {});
    this.postLabeling = this.create('PostLabeling', 'post-labeling', settings, Duration.minutes(5), 512, { BULKQA_QUEUE_URL: storage.votes.queueUrl });

    this.groundTruth = new iam.Role(this, 'GroundTruth', {
      roleName: `${settings.name}-ground-truth`,
      description: 'Ground Truth: reads inputs, writes outputs, calls the two functions',
      assumedBy: new iam.ServicePrincipal('sagemaker.amazonaws.com'),
    });
    allowObjects(this.groundTruth, storage, 'GetObject', 'PutObject');
    allow(this.groundTruth, ['s3:GetBucketLocation'], [storage.bucket.bucketArn]);
    allow(this.groundTruth, ['lambda:InvokeFunction'], [this.preLabeling.functionArn, this.postLabeling.functionArn]);
    allowAny(this.groundTruth, ['cloudwatch:PutMetricData'], '*', 'the action knows no resources');
    allowAny(this.groundTruth, ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:CreateLogGroup', 'logs:DescribeLogStreams'],
      `arn:aws:logs:${settings.region}:${settings.account}:log-group:/aws/sagemaker/LabelingJobs*`, 'Ground Truth names the log streams of labeling jobs');

    allowObjects(this.preLabeling.role!, storage, 'GetObject');
    allowObjects(this.postLabeling.role!, storage, 'GetObject');
    allow(this.postLabeling.role!, ['sqs:SendMessage'], [storage.votes.queueArn]);
    // Payloads that only Ground Truth's role may read are read as that role.
    this.groundTruth.grantAssumeRole(this.postLabeling.role!);
    this.groundTruth.assumeRolePolicy!.addStatements(new iam.PolicyStatement({
      actions: ['sts:AssumeRole'], principals: [new iam.ArnPrincipal(this.postLabeling.role!.roleArn)],
    }));
  }

  private create(id: string, handler: string, settings: Settings, timeout: Duration, memorySize: number, environment: Record<string, string>): lambda.Function {
    const functionName = `${settings.name}-${id}Function`;
    const logGroup = new logs.LogGroup(this, `${id}Logs`, {
      logGroupName: `/aws/lambda/${functionName}`, retention: logs.RetentionDays.THREE_MONTHS, removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new iam.Role(this, `${id}Role`, { roleName: `${settings.name}-${handler}`, assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    return new lambda.Function(this, id, {
      functionName,
      description: `BulkQA: Ground Truth's ${handler} function`,
      runtime: lambda.Runtime.PROVIDED_AL2023,
      architecture: settings.architecture === 'arm64' ? lambda.Architecture.ARM_64 : lambda.Architecture.X86_64,
      code: lambda.Code.fromAsset(settings.bootstrapFolder, { exclude: ['*.dbg', '*.pdb', '*.xml'] }),
      handler,
      timeout,
      memorySize,
      environment,
      role,
      logGroup,
    });
  }
}
