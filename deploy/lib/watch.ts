import { aws_cloudwatch as cloudwatch, aws_cloudwatch_actions as actions, aws_elasticloadbalancingv2 as balancing, aws_sns as sns, aws_sns_subscriptions as subscriptions, Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { Api } from './api.js';
import type { Functions } from './functions.js';
import type { Settings } from './settings.js';
import type { Silos } from './silos.js';
import type { Storage } from './storage.js';
import { metricsNamespace } from './tasks.js';

const minute = Duration.minutes(1);
const below = cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD;

/** Where nothing runs nothing is counted, which is just what such an alarm is for. */
const missing = cloudwatch.TreatMissingData.BREACHING;

/** The sum of several metrics. */
function total(id: string, metrics: cloudwatch.IMetric[], label: string): cloudwatch.MathExpression {
  const named = Object.fromEntries(metrics.map((metric, at) => [`${id}${at}`, metric]));
  return new cloudwatch.MathExpression({ expression: Object.keys(named).join(' + '), usingMetrics: named, label, period: minute });
}

/** The dashboard, and the alarms: each says what to do, docs/operations.md says it at length. */
export class Watch extends Construct {
  readonly topic: sns.Topic;

  constructor(scope: Construct, private readonly settings: Settings, parts: { storage: Storage; silos: Silos; api: Api; functions: Functions }) {
    super(scope, 'Watch');
    const { storage, silos, api, functions } = parts;
    this.topic = new sns.Topic(this, 'Alarms', { topicName: `${settings.name}-alarms`, enforceSSL: true });
    this.topic.addSubscription(new subscriptions.EmailSubscription(settings.alarmEmail));

    const deadLetters = storage.deadLetters.metricApproximateNumberOfMessagesVisible({ period: minute, statistic: 'Maximum' });
    const oldest = storage.votes.metricApproximateAgeOfOldestMessage({ period: minute, statistic: 'Maximum' });
    const waiting = storage.votes.metricApproximateNumberOfMessagesVisible({ period: minute, statistic: 'Maximum' });
    const running = this.container('RunningTaskCount', silos.service.serviceName, 'Minimum');
    const slow = api.targets.metrics.targetResponseTime({ period: minute, statistic: 'p99' });
    const errors = api.targets.metrics.httpCodeTarget(balancing.HttpCodeTarget.TARGET_5XX_COUNT, { period: minute, statistic: 'Sum' });
    const throttles = this.ours('silo', 'bulkqa.dynamo.throttles', 'Sum');
    const differences = this.ours('silo', 'bulkqa.audit.differences', 'Sum');
    // What stands, and not what was raised: a silo that dies with a count that it has not sent yet loses nothing by it.
    const fallen = this.ours('silo', 'bulkqa.alarms.standing', 'Maximum');
    const untold = this.ours('silo', 'bulkqa.alarms.webhook.givenup', 'Sum');
    const failures = total('failures', [functions.preLabeling, functions.postLabeling].map(one => one.metricErrors({ period: minute, statistic: 'Sum' })), 'functions: errors');
    const functionThrottles = total('refusals', [functions.preLabeling, functions.postLabeling].map(one => one.metricThrottles({ period: minute, statistic: 'Sum' })), 'functions: throttles');
    const balancerErrors = api.balancer.metrics.httpCodeElb(balancing.HttpCodeElb.ELB_5XX_COUNT, { period: minute, statistic: 'Sum' });
    const healthy = api.targets.metrics.healthyHostCount({ period: minute, statistic: 'Minimum' });
    const apis = this.container('RunningTaskCount', api.service.serviceName, 'Minimum');
    const [siloReady, apiReady] = [this.ours('silo', 'bulkqa.ready', 'Minimum'), this.ours('api', 'bulkqa.ready', 'Minimum')];
    const refused = total('throttles', [storage.facts, storage.labels, storage.state].flatMap(table => ['ReadThrottleEvents', 'WriteThrottleEvents'].map(metricName =>
      new cloudwatch.Metric({ namespace: 'AWS/DynamoDB', metricName, period: minute, statistic: 'Sum', dimensionsMap: { TableName: table.tableName } }))), 'tables: requests throttled');
    const redisMemory = new cloudwatch.Metric({
      namespace: 'AWS/ElastiCache', metricName: 'DatabaseMemoryUsagePercentage', period: minute, statistic: 'Maximum', dimensionsMap: { CacheClusterId: `${settings.name}-redis-001` },
    });

    this.alarm('DeadLetters', deadLetters, 0, 1, 'Votes that could not be taken. Read the reasons (GET /v1/dead-letters), mend the cause, redrive.');
    this.alarm('OldVotes', oldest, 900, 3, 'A vote has waited for more than 15 minutes. Look at silos (running? throttled?), then raise silos.max.');
    this.alarm('SilosMissing', running, settings.silos.min, 5, 'Fewer silos run than asked for. Look at the stopped tasks\' reasons and logs.', below, missing);
    this.alarm('ApiTasksMissing', apis, settings.api.count, 5, 'Fewer tasks of the API run than asked for. Look at the stopped tasks\' reasons and logs.', below, missing);
    this.alarm('NoHealthyApi', healthy, 1, 2, 'The load balancer has no task to send requests to. Look at the service\'s events and the tasks\' logs.', below, missing);
    this.alarm('BalancerErrors', balancerErrors, 10, 3, 'The load balancer itself answers 5xx: no task took the request. See NoHealthyApi; else a task ended with requests in hand.');
    this.alarm('SiloNotReady', siloReady, 1, 3, 'A silo can\'t do its work: GET /health/ready of each says what is out of reach, the log why.', below);
    this.alarm('ApiNotReady', apiReady, 1, 3, 'A task of the API can\'t do its work: GET /health/ready says whether it is the store or the silos, the log why.', below);
    this.alarm('RedisMemory', redisMemory, 80, 15, 'Redis fills up. It should hold a few rows of membership: look at who else writes there, or take larger nodes.');
    this.alarm('ApiErrors', errors, 10, 3, 'The API answers 5xx. Its log has the cause of each; 503 in numbers means that the store or the silos are out of reach.');
    this.alarm('ApiSlow', slow, 2, 5, 'One request of a hundred takes more than 2 s. Look at rebuilds and at DynamoDB\'s latency.');
    this.alarm('Throttles', throttles, 100, 5, 'DynamoDB throttles. Nothing is lost; raise warm throughput before imports, see "How hot a shard gets".');
    this.alarm('TableThrottles', refused, 100, 5, 'DynamoDB itself counts throttled requests, also such as were made by others than silos. See Throttles.');
    this.alarm('FunctionFailures', failures, 0, 1, 'A function of Ground Truth\'s fails; Ground Truth tries again for a while. Its log has the reason.');
    this.alarm('FunctionThrottles', functionThrottles, 0, 5, 'Lambda refuses calls of Ground Truth\'s functions. Raise the account\'s concurrency, or take it from another function.');
    this.alarm('AuditDifferences', differences, 0, 1, 'An audit found counters that differed from the facts, and repaired them. That is a bug: keep the log and report it.');
    this.alarm('ClassesBelowTarget', fallen, 0, 1, 'A class of a job no longer keeps what the job\'s alarm asks for. GET /v1/jobs/{job}/alarms says which; the log names the job. It is over once none stands.');
    this.alarm('WebhooksGivenUp', untold, 0, 1, 'A webhook could not be told of an alarm for a day. GET /v1/jobs/{job}/alarms says why; mend the receiver.');

    new cloudwatch.Dashboard(this, 'Dashboard', {
      dashboardName: settings.name,
      defaultInterval: Duration.hours(3),
      widgets: [
        [
          this.graph('Answers', [this.ours('silo', 'bulkqa.answers', 'Sum', 'answers a minute'), this.ours('silo', 'bulkqa.answers.duplicates', 'Sum', 'seen before'), this.ours('silo', 'bulkqa.answers.rejected', 'Sum', 'rejected')]),
          this.graph('Waiting', [waiting, deadLetters], [oldest]),
          this.graph('From sent to durable (s)', ['p50', 'p99'].map(statistic => this.ours('silo', 'bulkqa.queue.lag', statistic, statistic))),
        ],
        [
          this.graph('Silos', [running, this.container('DesiredTaskCount', silos.service.serviceName, 'Maximum')], [silos.service.metricCpuUtilization({ period: minute })]),
          this.graph('Memory (%)', [silos.service.metricMemoryUtilization({ period: minute }), api.service.metricMemoryUtilization({ period: minute })]),
          this.graph('Rebuilds (s)', ['p50', 'p99'].map(statistic => this.ours('silo', 'bulkqa.partition.rebuild', statistic, statistic)), [this.ours('silo', 'bulkqa.partition.handovers', 'Sum', 'handed over')]),
        ],
        [
          this.graph('API: requests', [api.targets.metrics.requestCount({ period: minute }), errors]),
          this.graph('API: response time (s)', [api.targets.metrics.targetResponseTime({ period: minute, statistic: 'p50' }), slow]),
          this.graph('Messages', [this.ours('silo', 'bulkqa.queue.received', 'Sum', 'received'), this.ours('silo', 'bulkqa.queue.redelivered', 'Sum', 'redelivered'), this.ours('silo', 'bulkqa.queue.postponed', 'Sum', 'postponed')]),
        ],
        [
          this.graph('DynamoDB: write units', [storage.facts, storage.labels, storage.state].map(table => table.metricConsumedWriteCapacityUnits({ period: minute, statistic: 'Sum' }))),
          this.graph('DynamoDB: throttles', [throttles, refused]),
          this.graph('Functions', [failures, functionThrottles], [functions.postLabeling.metricDuration({ period: minute, statistic: 'p99' })]),
        ],
      ],
    });
  }

  private alarm(id: string, metric: cloudwatch.IMetric, threshold: number, minutes: number, whatToDo: string,
    comparisonOperator = cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD, treatMissingData = cloudwatch.TreatMissingData.NOT_BREACHING): void {
    const alarm = new cloudwatch.Alarm(this, `${id}Alarm`, {
      alarmName: `${this.settings.name}-${id}`,
      alarmDescription: `${whatToDo} (docs/operations.md, "When an alarm comes", ${id})`,
      metric, threshold, comparisonOperator,
      evaluationPeriods: minutes,
      treatMissingData,
    });
    alarm.addAlarmAction(new actions.SnsAction(this.topic));
    alarm.addOkAction(new actions.SnsAction(this.topic));
  }

  private graph(title: string, left: cloudwatch.IMetric[], right: cloudwatch.IMetric[] = []): cloudwatch.GraphWidget {
    return new cloudwatch.GraphWidget({ title, left, right, width: 8, height: 6 });
  }

  /** A metric that our own programs count. */
  private ours(service: string, metricName: string, statistic: string, label?: string): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: metricsNamespace, metricName, statistic, period: minute, ...label ? { label } : {},
      dimensionsMap: { 'service.name': `${this.settings.name}-${service}` },
    });
  }

  private container(metricName: string, service: string, statistic: string): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: 'ECS/ContainerInsights', metricName, statistic, period: minute, dimensionsMap: { ClusterName: this.settings.name, ServiceName: service },
    });
  }
}
