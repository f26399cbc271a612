import { aws_dynamodb as dynamodb, aws_iam as iam, aws_s3 as s3, aws_sqs as sqs, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { Settings } from './settings.js';

/** How long SQS hides a message that a silo holds, unless the silo extends it. */
export const visibilityTimeout = Duration.minutes(2);

/** How long a silo works on one message: less, so that nobody else gets it meanwhile even where extending fails. */
export const handlerTimeout = Duration.seconds(90);

/** How long a receive call waits for messages, and how long what is in hand may take to end when a silo is stopped. */
export const receiveWait = Duration.seconds(20);
export const drainTimeout = Duration.seconds(45);

/** As long as SQS can keep a message; a deleted job's tombstone outlives it by a day. */
export const retention = Duration.days(14);

/** A message that fails for a passing reason rests and comes back: an hour of throttling must not bury it. */
export const maxReceiveCount = 1000;

/** What lasts: facts, the label table, grain state, objects, and the votes on their way. */
export class Storage extends Construct {
  readonly facts: dynamodb.TableV2;
  readonly labels: dynamodb.TableV2;
  readonly state: dynamodb.TableV2;
  readonly bucket: s3.Bucket;
  readonly logs: s3.Bucket;
  readonly votes: sqs.Queue;
  readonly deadLetters: sqs.Queue;

  constructor(scope: Construct, settings: Settings) {
    super(scope, 'Storage');
    const table = {
      billing: dynamodb.Billing.onDemand(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      encryption: dynamodb.TableEncryptionV2.awsManagedKey(),
      deletionProtection: settings.protect,
      // A table outlives its stack; but one that a failed first deployment made goes with it, so that the next can make it again under the same name.
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    } satisfies Partial<dynamodb.TablePropsV2>;
    const warm = settings.warmThroughput && { readUnitsPerSecond: settings.warmThroughput.reads, writeUnitsPerSecond: settings.warmThroughput.writes };
    this.facts = new dynamodb.TableV2(this, 'Facts', {
      ...table,
      tableName: `${settings.name}-facts`,
      partitionKey: { name: 'pk', type: dynamodb.AttributeType.STRING },
      sortKey: { name: 'sk', type: dynamodb.AttributeType.STRING },
      globalSecondaryIndexes: [{
        indexName: 'by-url',
        partitionKey: { name: 'url', type: dynamodb.AttributeType.STRING },
        sortKey: { name: 'pk', type: dynamodb.AttributeType.STRING },
        projectionType: dynamodb.ProjectionType.KEYS_ONLY,
        // An import writes the index as often as the table.
        ...warm ? { warmThroughput: warm } : {},
      }],
      ...warm ? { warmThroughput: warm } : {},
    });
    // Not 'Labels', as in the layout before this: so an update of a stack of that layout fails, the table's name being taken,
    // and leaves everything as it was. It would drop an index that the release before needs to take its jobs along.
    this.labels = new dynamodb.TableV2(this, 'LabelTable', {
      ...table,
      tableName: `${settings.name}-labels`,
      partitionKey: { name: 'pk', type: dynamodb.AttributeType.STRING },
      sortKey: { name: 's3_image_url', type: dynamodb.AttributeType.STRING },
      ...warm ? { warmThroughput: warm } : {},
    });
    this.state = new dynamodb.TableV2(this, 'State', {
      ...table,
      tableName: `${settings.name}-state`,
      partitionKey: { name: 'GrainReference', type: dynamodb.AttributeType.STRING },
      sortKey: { name: 'GrainType', type: dynamodb.AttributeType.STRING },
    });

    const bucket = {
      encryption: s3.BucketEncryption.S3_MANAGED,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      // Their names are nobody's, and by the time a first deployment fails there are logs in them, which CloudFormation does not delete.
      removalPolicy: RemovalPolicy.RETAIN,
    } satisfies s3.BucketProps;
    this.logs = new s3.Bucket(this, 'Logs', { ...bucket, lifecycleRules: [{ expiration: Duration.days(90) }] });
    this.bucket = new s3.Bucket(this, 'Objects', {
      ...bucket,
      versioned: true,
      serverAccessLogsBucket: this.logs,
      serverAccessLogsPrefix: 'objects/',
      lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(7), noncurrentVersionExpiration: Duration.days(30) }],
      // Ground Truth's worker page reads pictures by signed URLs from its own origin, and asks for this.
      cors: [{ allowedMethods: [s3.HttpMethods.GET], allowedOrigins: ['*'], allowedHeaders: [], exposedHeaders: ['Access-Control-Allow-Origin'] }],
    });

    // The largest message that there is, in both: a dead letter is the message as it came.
    const queue = { encryption: sqs.QueueEncryption.SQS_MANAGED, enforceSSL: true, retentionPeriod: retention, maxMessageSizeBytes: 1024 * 1024 } satisfies sqs.QueueProps;
    this.deadLetters = new sqs.Queue(this, 'DeadLetters', { ...queue, queueName: `${settings.name}-dead-letters` });
    this.votes = new sqs.Queue(this, 'Votes', {
      ...queue,
      queueName: `${settings.name}-votes`,
      visibilityTimeout,
      receiveMessageWaitTime: receiveWait,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount },
    });
  }

  /** Who can read the key ring and knows its secret can sign in as anybody; who can write there could at least sign everybody out. */
  keepKeysFor(reader: iam.IRole): void {
    this.bucket.addToResourcePolicy(new iam.PolicyStatement({
      sid: 'OnlyTheApiUsesTheKeyRing',
      effect: iam.Effect.DENY,
      principals: [new iam.AnyPrincipal()],
      actions: ['s3:GetObject', 's3:PutObject'],
      resources: [this.bucket.arnForObjects('keys/*')],
      conditions: { ArnNotEquals: { 'aws:PrincipalArn': reader.roleArn } },
    }));
  }

  /** What silos believe comes from the queue: nobody but these may put anything there, whatever their own policies say. */
  trustOnly(senders: readonly iam.IRole[]): void {
    this.votes.addToResourcePolicy(new iam.PolicyStatement({
      sid: 'OnlyTheseSend',
      effect: iam.Effect.DENY,
      principals: [new iam.AnyPrincipal()],
      actions: ['sqs:SendMessage'],
      resources: [this.votes.queueArn],
      conditions: { ArnNotEquals: { 'aws:PrincipalArn': senders.map(sender => sender.roleArn) } },
    }));
  }
}
