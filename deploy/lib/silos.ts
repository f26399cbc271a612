import { aws_applicationautoscaling as scaling, aws_ecs as ecs, aws_logs as logs, aws_secretsmanager as secrets, Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { allow, allowAny, allowObjects, allowTables } from './grants.js';
import { gatewayPort, httpPort, siloPort, type Network } from './network.js';
import type { Redis } from './redis.js';
import type { Settings } from './settings.js';
import { drainTimeout, handlerTimeout, receiveWait, visibilityTimeout, type Storage } from './storage.js';
import { serviceDefaults, Task, withoutDesiredCount } from './tasks.js';

/** What silos and API have to agree on. */
export function clusterEnvironment(settings: Settings, storage: Storage, redis: Redis): Record<string, string> {
  return {
    BulkQA__Cluster__Redis: redis.connectionString,
    BulkQA__Cluster__ClusterId: settings.name,
    BulkQA__Cluster__ServiceId: 'bulkqa',
    BulkQA__Cluster__SiloPort: `${siloPort}`,
    BulkQA__Cluster__GatewayPort: `${gatewayPort}`,
    BulkQA__Dynamo__FactTable: storage.facts.tableName,
    BulkQA__Dynamo__LabelTable: storage.labels.tableName,
    BulkQA__Dynamo__StateTable: storage.state.tableName,
    BulkQA__Objects__Bucket: storage.bucket.bucketName,
    BulkQA__Queue__Url: storage.votes.queueUrl,
    BulkQA__Queue__DeadLetterUrl: storage.deadLetters.queueUrl,
  };
}

/** As .NET reads a time: hours, minutes, seconds. */
function timeSpan(duration: Duration): string {
  return new Date(duration.toMilliseconds()).toISOString().slice(11, 19);
}

/** The silos, and how many of them there are. */
export class Silos extends Construct {
  readonly service: ecs.FargateService;

  constructor(scope: Construct, settings: Settings, network: Network, cluster: ecs.Cluster, storage: Storage, redis: Redis, metrics?: logs.ILogGroup) {
    super(scope, 'Silos');
    const operatorKey = new secrets.Secret(this, 'OperatorKey', {
      secretName: `${settings.name}/operator-key`,
      description: "Opens the silos' dashboard and metrics",
      generateSecretString: { passwordLength: 40, excludePunctuation: true },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Validations.of(operatorKey).acknowledge({
      id: 'AwsSolutions-SMG4', reason: 'reaches nothing from outside the network; rotating is a new value and a new deployment (docs/operations.md)',
    });
    const hosts = settings.alarmWebhookHosts ?? [];
    const webhookSecret = hosts.length === 0 ? undefined : new secrets.Secret(this, 'AlarmWebhookSecret', {
      secretName: `${settings.name}/alarm-webhook-secret`,
      description: 'Signs what webhooks are told of alarms',
      generateSecretString: { passwordLength: 40, excludePunctuation: true },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    if (webhookSecret) Validations.of(webhookSecret).acknowledge({
      id: 'AwsSolutions-SMG4', reason: 'receivers have to be told a new value: rotating is that and a new deployment',
    });
    const task = new Task(this, 'Silo', {
      settings,
      ...metrics ? { metrics } : {},
      size: settings.silos,
      image: settings.images.silo,
      program: 'BulkQA.Silo.dll',
      ports: [siloPort, gatewayPort, httpPort],
      environment: {
        ...clusterEnvironment(settings, storage, redis),
        BulkQA__Queue__VisibilityTimeout: timeSpan(visibilityTimeout),
        BulkQA__Queue__HandlerTimeout: timeSpan(handlerTimeout),
        BulkQA__Queue__ReceiveWait: timeSpan(receiveWait),
        BulkQA__Queue__DrainTimeout: timeSpan(drainTimeout),
        BulkQA__Grains__DefaultBatchSize: `${settings.defaults.batchSize}`,
        BulkQA__Grains__DefaultWorkersPerTask: `${settings.defaults.workersPerTask}`,
        ...Object.fromEntries(hosts.map((host, at) => [`BulkQA__Alarms__WebhookHosts__${at}`, host])),
      },
      secrets: {
        BulkQA__Cluster__RedisPassword: ecs.Secret.fromSecretsManager(redis.password),
        BulkQA__Operator__Key: ecs.Secret.fromSecretsManager(operatorKey),
        ...webhookSecret ? { BulkQA__Alarms__WebhookSecret: ecs.Secret.fromSecretsManager(webhookSecret) } : {},
      },
    });
    allowTables(task.role, storage, 'GetItem', 'PutItem', 'DeleteItem', 'Query', 'BatchGetItem', 'BatchWriteItem', 'DescribeTable');
    allowObjects(task.role, storage, 'GetObject', 'PutObject', 'DeleteObject');
    allow(task.role, ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'], [storage.votes.queueArn]);
    allow(task.role, ['sqs:SendMessage'], [storage.deadLetters.queueArn]);
    allowAny(task.role, ['ecs:GetTaskProtection', 'ecs:UpdateTaskProtection'],
      `arn:aws:ecs:${settings.region}:${settings.account}:task/${settings.name}/*`, 'tasks are named when they start; the cluster is ours alone');

    this.service = new ecs.FargateService(this, 'Service', {
      ...serviceDefaults(network.vpc, network.silos),
      cluster,
      serviceName: `${settings.name}-silos`,
      taskDefinition: task.definition,
      // One more than there are, at the smallest size: silos are replaced one at a time. ECS only takes a percentage.
      maxHealthyPercent: 100 + Math.ceil(100 / settings.silos.min),
    });
    withoutDesiredCount(this.service);
    this.scale(settings, storage);
  }

  /** By messages waiting per running silo; by CPU where a few heavy messages hide behind a short queue. */
  private scale(settings: Settings, storage: Storage): void {
    const count = this.service.autoScaleTaskCount({ minCapacity: settings.silos.min, maxCapacity: settings.silos.max });
    // A silo that ends moves its partitions, which their next votes wait for: out at once, in slowly.
    const cooldowns = { scaleOutCooldown: 60, scaleInCooldown: 900 };
    count.scaleOnCpuUtilization('Cpu', {
      targetUtilizationPercent: 65, scaleOutCooldown: Duration.seconds(cooldowns.scaleOutCooldown), scaleInCooldown: Duration.seconds(cooldowns.scaleInCooldown),
    });
    const target = count.node.findChild('Target') as scaling.ScalableTarget;
    const service = [{ name: 'ClusterName', value: settings.name }, { name: 'ServiceName', value: this.service.serviceName }];
    // The construct for it takes no metric math.
    new scaling.CfnScalingPolicy(this, 'Backlog', {
      policyName: `${settings.name}-backlog-per-silo`,
      policyType: 'TargetTrackingScaling',
      scalingTargetId: target.scalableTargetId,
      targetTrackingScalingPolicyConfiguration: {
        ...cooldowns,
        targetValue: settings.silos.backlogPerSilo,
        customizedMetricSpecification: {
          metrics: [
            {
              id: 'waiting', returnData: false, label: 'messages waiting',
              metricStat: {
                stat: 'Average',
                metric: { namespace: 'AWS/SQS', metricName: 'ApproximateNumberOfMessagesVisible', dimensions: [{ name: 'QueueName', value: storage.votes.queueName }] },
              },
            },
            {
              id: 'silos', returnData: false, label: 'running silos',
              metricStat: { stat: 'Average', metric: { namespace: 'ECS/ContainerInsights', metricName: 'RunningTaskCount', dimensions: service } },
            },
            { id: 'backlog', label: 'messages waiting per running silo', expression: 'waiting / silos', returnData: true },
          ],
        },
      },
    });
  }
}

