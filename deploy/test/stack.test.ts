import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createApp } from '../lib/app.js';
import { checkSettings } from '../lib/settings.js';
import { exampleSettings, writeBootstrap } from './example.js';

const folder = mkdtempSync(join(tmpdir(), 'bulkqa-deploy-'));
after(() => rmSync(folder, { recursive: true }));
const functions = join(folder, 'functions');
mkdirSync(functions);
writeBootstrap(functions);

// Synthesising throws where a rule of AWS Solutions is met that nobody acknowledged with a reason.
const { app } = createApp(checkSettings(exampleSettings(functions), folder), join(folder, 'cdk.out'));
app.synth();
const template = JSON.parse(readFileSync(join(folder, 'cdk.out', 'BulkQA.template.json'), 'utf8'));
// The rehearsal (tests/Cluster.Tests) starts its processes as this says.
copyFileSync(join(folder, 'cdk.out', 'BulkQA.template.json'), new URL('../rehearsal.template.json', import.meta.url));

type Resource = { Type: string; Properties: any; DeletionPolicy?: string };
const resources: Record<string, Resource> = template.Resources;
const all = (type: string): Resource[] => Object.values(resources).filter(resource => resource.Type === type);
const named = (type: string, id: string): Resource => {
  const found = Object.entries(resources).filter(([name, resource]) => resource.Type === type && name.startsWith(id));
  assert.equal(found.length, 1, `${found.length} resources of type ${type} begin with ${id}`);
  return found[0]![1];
};
const container = (id: string) => named('AWS::ECS::TaskDefinition', id).Properties.ContainerDefinitions[0];
const environment = (id: string): Record<string, any> => Object.fromEntries(container(id).Environment.map((entry: any) => [entry.Name, entry.Value]));

/** Every statement of every role, with the names of its actions and resources as lists. */
const statements = all('AWS::IAM::Policy').flatMap(policy => policy.Properties.PolicyDocument.Statement as any[])
  .map(statement => ({ ...statement, actions: [statement.Action].flat() as string[], resources: [statement.Resource].flat().map(resource => JSON.stringify(resource)) }));

test('buckets are private, encrypted, and spoken to over TLS only', () => {
  assert.equal(all('AWS::S3::Bucket').length, 2);
  for (const bucket of all('AWS::S3::Bucket')) {
    assert.deepEqual(bucket.Properties.PublicAccessBlockConfiguration, { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true });
    assert.ok(bucket.Properties.BucketEncryption.ServerSideEncryptionConfiguration.length > 0);
    assert.equal(bucket.DeletionPolicy, 'Retain');
  }
  for (const policy of all('AWS::S3::BucketPolicy')) assert.match(JSON.stringify(policy.Properties), /"Effect":"Deny"[^}]*|"aws:SecureTransport":"false"/);
});

test('tables are on demand, backed up, protected, and keyed as the code writes them', () => {
  const [facts, labels, state] = ['StorageFacts', 'StorageLabelTable', 'StorageState'].map(id => named('AWS::DynamoDB::GlobalTable', id).Properties);
  assert.equal(all('AWS::DynamoDB::GlobalTable').length, 3);
  for (const table of [facts, labels, state]) {
    assert.equal(table.BillingMode, 'PAY_PER_REQUEST');
    assert.equal(table.SSESpecification.SSEEnabled, true);
    for (const replica of table.Replicas) {
      assert.equal(replica.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled, true);
      assert.equal(replica.DeletionProtectionEnabled, true);
    }
  }
  const keys = (schema: any[]) => schema.map(key => `${key.AttributeName}:${key.KeyType}`);
  assert.deepEqual(keys(facts.KeySchema), ['pk:HASH', 'sk:RANGE']);
  assert.deepEqual(keys(labels.KeySchema), ['pk:HASH', 's3_image_url:RANGE']);
  assert.deepEqual(keys(state.KeySchema), ['GrainReference:HASH', 'GrainType:RANGE']);
  const [index] = facts.GlobalSecondaryIndexes;
  assert.deepEqual([index.IndexName, ...keys(index.KeySchema), index.Projection.ProjectionType], ['by-url', 'url:HASH', 'pk:RANGE', 'KEYS_ONLY']);
  for (const warmed of [facts, index, labels]) assert.deepEqual(warmed.WarmThroughput, { ReadUnitsPerSecond: 12000, WriteUnitsPerSecond: 8000 });
  // With one, the label table would be taken for that of the layout before, which silos refuse.
  assert.equal(labels.GlobalSecondaryIndexes, undefined);
  for (const id of ['SilosSilo', 'ApiDefinition'])
    assert.deepEqual(['Fact', 'Label', 'State'].map(name => /Storage[A-Za-z]+?(?=[0-9A-F]{8})/.exec(JSON.stringify(environment(id)[`BulkQA__Dynamo__${name}Table`]))?.[0]), ['StorageFacts', 'StorageLabelTable', 'StorageState']);
});

test('queues: encrypted, TLS only, dead letters behind, and long enough for everything to fit', () => {
  const [votes, dead] = [named('AWS::SQS::Queue', 'StorageVotes').Properties, named('AWS::SQS::Queue', 'StorageDeadLetters').Properties];
  for (const queue of [votes, dead]) {
    assert.equal(queue.SqsManagedSseEnabled, true);
    assert.equal(queue.MessageRetentionPeriod, 14 * 24 * 3600);
    assert.equal(queue.MaximumMessageSize, 1024 * 1024);
  }
  assert.match(JSON.stringify(votes.RedrivePolicy.deadLetterTargetArn), /StorageDeadLetters/);
  // A message that an hour of throttling sent back a dozen times must not be buried.
  assert.ok(votes.RedrivePolicy.maxReceiveCount >= 1000);
  for (const policy of all('AWS::SQS::QueuePolicy')) assert.match(JSON.stringify(policy.Properties), /"aws:SecureTransport":"false"/);
});

test('nobody but the function and the API may send votes', () => {
  const policy = all('AWS::SQS::QueuePolicy').find(entry => JSON.stringify(entry.Properties).includes('OnlyTheseSend'))!;
  const deny = policy.Properties.PolicyDocument.Statement.find((statement: any) => statement.Sid === 'OnlyTheseSend');
  assert.deepEqual([deny.Effect, deny.Action, deny.Principal], ['Deny', 'sqs:SendMessage', { AWS: '*' }]);
  const allowed = JSON.stringify(deny.Condition.ArnNotEquals['aws:PrincipalArn']);
  assert.match(allowed, /FunctionsPostLabelingRole/);
  assert.match(allowed, /ApiRole/);
  assert.equal(deny.Condition.ArnNotEquals['aws:PrincipalArn'].length, 2);
});

test('timeouts fit each other', () => {
  const visibility = named('AWS::SQS::Queue', 'StorageVotes').Properties.VisibilityTimeout;
  const setting = (name: string): number => (environment('SilosSilo')[`BulkQA__Queue__${name}`] as string).split(':').reduce((sum, part) => 60 * sum + Number(part), 0);
  const [handler, receiveWait, drainTimeout] = [setting('HandlerTimeout'), setting('ReceiveWait'), setting('DrainTimeout')];
  // What the silo's host waits for when it is stopped (SiloHosting).
  const shutdown = 110;
  assert.equal(visibility, setting('VisibilityTimeout'));
  assert.ok(visibility > handler && handler > 0);
  for (const id of ['SilosSilo', 'ApiDefinition']) {
    const { StopTimeout, HealthCheck } = container(id);
    assert.equal(StopTimeout, 120);
    assert.ok(StopTimeout > shutdown && shutdown > drainTimeout + receiveWait);
    assert.ok(HealthCheck.Timeout < HealthCheck.Interval);
  }
  const attributes = Object.fromEntries(named('AWS::ElasticLoadBalancingV2::TargetGroup', 'ApiTargets').Properties.TargetGroupAttributes.map((entry: any) => [entry.Key, entry.Value]));
  assert.equal(attributes['deregistration_delay.timeout_seconds'], '60');
  assert.ok(60 < container('ApiDefinition').StopTimeout);
  // Ground Truth's functions may take what their work takes, and no more than Lambda has.
  assert.ok(named('AWS::Lambda::Function', 'FunctionsPostLabeling').Properties.Timeout <= 900);
});

test('ports: Orleans is reached by silos and API only, Redis by those two, the API by the balancer, the balancer by those named', () => {
  const rules = all('AWS::EC2::SecurityGroupIngress').map(rule => {
    const name = (group: any) => /Network(\w+?)[0-9A-F]{8}/.exec(JSON.stringify(group))![1]!;
    return `${name(rule.Properties.GroupId)} ${rule.Properties.FromPort}-${rule.Properties.ToPort} from ${name(rule.Properties.SourceSecurityGroupId)}`;
  }).sort();
  assert.deepEqual(rules, [
    'Api 8080-8080 from Balancer', 'Endpoints 443-443 from Api', 'Endpoints 443-443 from Silos',
    'Redis 6379-6379 from Api', 'Redis 6379-6379 from Silos', 'Silos 11111-11111 from Silos', 'Silos 30000-30000 from Api',
  ]);
  const inline = all('AWS::EC2::SecurityGroup').flatMap(group => group.Properties.SecurityGroupIngress ?? []);
  assert.deepEqual(inline.map((rule: any) => [rule.CidrIp, rule.FromPort, rule.ToPort]), [['203.0.113.0/24', 443, 443]]);
  for (const service of all('AWS::ECS::Service')) assert.equal(service.Properties.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp, 'DISABLED');
});

test('the API believes the load balancer, and nobody else, of where requests come from', () => {
  const subnets = named('AWS::ElasticLoadBalancingV2::LoadBalancer', 'ApiBalancer').Properties.Subnets.map((subnet: any) => resources[subnet.Ref]!.Properties);
  assert.ok(subnets.length >= 2);
  assert.equal(environment('ApiDefinition')['BulkQA__Access__TrustedProxies'], subnets.map((subnet: any) => subnet.CidrBlock).join(','));
  // Tasks run elsewhere: none of them could pass for the balancer.
  for (const service of all('AWS::ECS::Service'))
    for (const subnet of service.Properties.NetworkConfiguration.AwsvpcConfiguration.Subnets) assert.ok(!subnets.includes(resources[subnet.Ref]!.Properties));
  // The balancer adds the address it sees to what the caller sent.
  const attributes = Object.fromEntries(named('AWS::ElasticLoadBalancingV2::LoadBalancer', 'ApiBalancer').Properties.LoadBalancerAttributes.map((entry: any) => [entry.Key, entry.Value]));
  assert.equal(attributes['routing.http.xff_header_processing.mode'], 'append');
});

test('TLS 1.2 or later, and nothing over plain HTTP from outside', () => {
  assert.equal(all('AWS::ElasticLoadBalancingV2::Listener').length, 1);
  const listener = all('AWS::ElasticLoadBalancingV2::Listener')[0]!.Properties;
  assert.deepEqual([listener.Port, listener.Protocol], [443, 'HTTPS']);
  assert.match(listener.SslPolicy, /TLS13-1-2/);
  const redis = named('AWS::ElastiCache::ReplicationGroup', 'RedisGroup').Properties;
  assert.deepEqual([redis.TransitEncryptionEnabled, redis.AtRestEncryptionEnabled, redis.AutomaticFailoverEnabled, redis.MultiAZEnabled], [true, true, true, true]);
  assert.match(JSON.stringify(redis.AuthToken), /resolve:secretsmanager/);
});

test('no role may do everything of a service, and wildcards stand only where an action or a name knows no better', () => {
  assert.ok(statements.length > 10);
  for (const statement of statements) {
    for (const action of statement.actions) assert.ok(!action.includes('*'), `${action} is a wildcard`);
    for (const resource of statement.resources.filter((resource: string) => resource === '"*"'))
      assert.ok(statement.actions.every((action: string) => ['cloudwatch:PutMetricData', 'xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'sagemaker:ListLabelingJobs', 'ecr:GetAuthorizationToken'].includes(action)), `${statement.actions} on ${resource}`);
  }
  assert.equal(all('AWS::IAM::Role').filter(role => role.Properties.ManagedPolicyArns !== undefined).length, 0);
});

test('each part may do what its code calls, and the functions touch no table', () => {
  const of = (id: string): string[] => {
    const actions = all('AWS::IAM::Policy').filter(policy => JSON.stringify(policy.Properties.Roles).includes(id))
      .flatMap(policy => policy.Properties.PolicyDocument.Statement.flatMap((statement: any) => [statement.Action].flat()));
    assert.ok(actions.length > 0, `${id} has no policy`);
    return actions;
  };
  assert.ok(!of('FunctionsP').some(action => action.startsWith('dynamodb:')));
  assert.ok(of('FunctionsPostLabelingRole').includes('sqs:SendMessage') && of('FunctionsPostLabelingRole').includes('sts:AssumeRole'));
  assert.ok(!of('FunctionsPreLabelingRole').some(action => action.startsWith('sqs:')));
  // Inputs and what is decided lie in the same bucket; without ListBucket "not there" would be "forbidden".
  assert.deepEqual(of('FunctionsPreLabelingRole').filter(action => action.startsWith('s3:')).sort(), ['s3:GetObject', 's3:ListBucket']);
  const tables = (id: string): string[] => of(id).filter(action => action.startsWith('dynamodb:')).map(action => action.slice('dynamodb:'.length)).sort();
  assert.deepEqual(tables('SilosSiloRole'), ['BatchGetItem', 'BatchWriteItem', 'DeleteItem', 'DescribeTable', 'GetItem', 'PutItem', 'Query']);
  assert.deepEqual(tables('ApiRole'), ['BatchGetItem', 'DescribeTable', 'GetItem', 'Query'], 'the API writes to no table');
  assert.ok(!of('SilosSiloRole').some(action => action.startsWith('sagemaker:') || action === 'iam:PassRole'));
  const pass = statements.find(statement => statement.actions.includes('iam:PassRole'))!;
  assert.deepEqual(pass.Condition, { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } });
});

test('functions have names that Ground Truth\'s managed policy may invoke, and are native', () => {
  for (const [id, handler] of [['FunctionsPreLabeling', 'pre-labeling'], ['FunctionsPostLabeling', 'post-labeling']] as const) {
    const { Properties } = named('AWS::Lambda::Function', id);
    assert.match(Properties.FunctionName, /LabelingFunction/);
    assert.deepEqual([Properties.Runtime, Properties.Handler, Properties.Architectures], ['provided.al2023', handler, ['x86_64']]);
  }
});

test('silos are replaced one at a time and go back where a new one does not get healthy', () => {
  const service = named('AWS::ECS::Service', 'SilosService').Properties;
  const { MinimumHealthyPercent, MaximumPercent, DeploymentCircuitBreaker } = service.DeploymentConfiguration;
  const fewest = 2;
  assert.equal(Math.floor(fewest * MaximumPercent / 100) - fewest, 1);
  assert.equal(MinimumHealthyPercent, 100);
  assert.deepEqual(DeploymentCircuitBreaker, { Enable: true, Rollback: true });
});

test('a silo keeps no file, and the API only temporary ones', () => {
  assert.deepEqual(['SilosSilo', 'ApiDefinition'].map(id => container(id).ReadonlyRootFilesystem), [true, false]);
});

test('secrets come from Secrets Manager and stand in no environment', () => {
  for (const id of ['SilosSilo', 'ApiDefinition']) {
    for (const name of Object.keys(environment(id))) assert.doesNotMatch(name, /Password|KeysJson|Operator__Key|Secret/i);
  }
  assert.deepEqual(container('SilosSilo').Secrets.map((secret: any) => secret.Name), ['BulkQA__Cluster__RedisPassword', 'BulkQA__Operator__Key']);
  assert.deepEqual(container('ApiDefinition').Secrets.map((secret: any) => secret.Name), ['BulkQA__Cluster__RedisPassword', 'BulkQA__Access__KeysJson', 'BulkQA__Access__KeyRingSecret']);
});

test('the key ring is sealed by a secret of its own, and nobody but the API reads or writes it', () => {
  const { GenerateSecretString: generated } = named('AWS::SecretsManager::Secret', 'ApiKeyRing').Properties;
  // Letters and digits are base64 where their number is a multiple of four; 43 of them have 256 bits.
  assert.deepEqual([generated.PasswordLength % 4, generated.PasswordLength >= 44, generated.ExcludePunctuation], [0, true, true]);
  const policy = named('AWS::S3::BucketPolicy', 'StorageObjects').Properties.PolicyDocument.Statement.find((statement: any) => statement.Sid === 'OnlyTheApiUsesTheKeyRing');
  assert.deepEqual([policy.Effect, policy.Principal, policy.Action], ['Deny', { AWS: '*' }, ['s3:GetObject', 's3:PutObject']]);
  assert.match(JSON.stringify(policy.Resource), /\/keys\/\*/);
  assert.match(JSON.stringify(policy.Condition.ArnNotEquals['aws:PrincipalArn']), /ApiApiRole|ApiRole/);
});

test('people sign in where the settings say so, the secret of the client in Secrets Manager', () => {
  assert.ok(Object.keys(environment('ApiDefinition')).every(name => !name.includes('SignIn')));
  const api = (signIn: unknown): any => {
    const out = join(folder, 'cdk-sign-in.out');
    createApp(checkSettings({ ...exampleSettings(functions), signIn }, folder), out).app.synth();
    return Object.entries<Resource>(JSON.parse(readFileSync(join(out, 'BulkQA.template.json'), 'utf8')).Resources)
      .find(([name, resource]) => resource.Type === 'AWS::ECS::TaskDefinition' && name.startsWith('ApiDefinition'))![1].Properties.ContainerDefinitions[0];
  };
  const signIn = (container: any): Record<string, string> =>
    Object.fromEntries(container.Environment.filter((entry: any) => entry.Name.includes('SignIn')).map((entry: any) => [entry.Name.replace('BulkQA__SignIn__', ''), entry.Value]));
  const secrets = (container: any): string[] => container.Secrets.map((secret: any) => secret.Name);
  assert.deepEqual(signIn(api({})), { Enabled: 'true' });
  const oidc = { authority: 'https://idp.example/qa', clientId: 'bulkqa', userInfo: false, rolesByGroup: { '/qa/leads': 'lead' }, teamsByGroup: { '/qa/dogs': 'dogs' } };
  const container = api({ oidc });
  assert.deepEqual(signIn(container), {
    Enabled: 'false', Oidc__Authority: 'https://idp.example/qa', Oidc__ClientId: 'bulkqa', Oidc__UserInfo: 'false',
    'Oidc__RolesByGroup__/qa/leads': 'lead', 'Oidc__TeamsByGroup__/qa/dogs': 'dogs',
  });
  assert.ok(secrets(container).includes('BulkQA__SignIn__Oidc__ClientSecret'));
  assert.ok(!secrets(api({ oidc: { ...oidc, hasSecret: false } })).includes('BulkQA__SignIn__Oidc__ClientSecret'));
});

test('webhooks of alarms are called where hosts are named, and signed by a secret of Secrets Manager', () => {
  assert.ok(Object.keys(environment('SilosSilo')).every(name => !name.includes('Alarms')));
  const out = join(folder, 'cdk-webhooks.out');
  createApp(checkSettings({ ...exampleSettings(functions), alarmWebhookHosts: ['hooks.example.org', 'more.example.org'] }, folder), out).app.synth();
  const silo = Object.entries<Resource>(JSON.parse(readFileSync(join(out, 'BulkQA.template.json'), 'utf8')).Resources)
    .find(([name, resource]) => resource.Type === 'AWS::ECS::TaskDefinition' && name.startsWith('SilosSilo'))![1].Properties.ContainerDefinitions[0];
  assert.deepEqual(silo.Environment.filter((entry: any) => entry.Name.includes('Alarms')).map((entry: any) => [entry.Name, entry.Value]),
    [['BulkQA__Alarms__WebhookHosts__0', 'hooks.example.org'], ['BulkQA__Alarms__WebhookHosts__1', 'more.example.org']]);
  assert.ok(silo.Secrets.some((secret: any) => secret.Name === 'BulkQA__Alarms__WebhookSecret'));
});

test('a first deployment that fails leaves nothing that the next one stumbles over', () => {
  for (const table of all('AWS::DynamoDB::GlobalTable')) assert.equal(table.DeletionPolicy, 'RetainExceptOnCreate');
  const out = join(folder, 'cdk-first.out');
  const { app: first } = createApp(checkSettings({ ...exampleSettings(functions), protect: false }, folder), out);
  const artifact = first.synth().getStackByName('bulkqa');
  assert.equal(artifact.terminationProtection, false);
  assert.equal(app.synth().getStackByName('bulkqa').terminationProtection, true);
  const unprotected: Resource[] = Object.values(artifact.template.Resources);
  for (const table of unprotected.filter(resource => resource.Type === 'AWS::DynamoDB::GlobalTable'))
    for (const replica of table.Properties.Replicas) assert.equal(replica.DeletionProtectionEnabled, false);
  const deletion = (some: Resource[]): string => some.find(resource => resource.Type === 'AWS::ElasticLoadBalancingV2::LoadBalancer')!.Properties.LoadBalancerAttributes
    .find((entry: any) => entry.Key === 'deletion_protection.enabled').Value;
  assert.deepEqual([deletion(unprotected), deletion(Object.values(resources))], ['false', 'true']);
});

test('metrics arrive: in a group that is there, named by the task, each minute by itself, and no more of them than somebody looks at', () => {
  const group = Object.entries(resources).find(([, resource]) => resource.Type === 'AWS::Logs::LogGroup' && resource.Properties.LogGroupName === '/bulkqa/metrics')!;
  assert.ok(group[1].Properties.RetentionInDays > 0);
  for (const id of ['SilosSilo', 'ApiDefinition']) {
    assert.equal(environment(id)['OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE'], 'delta');
    assert.ok(Number(environment(id)['OTEL_TRACES_SAMPLER_ARG']) < 1);
  }
  const written = statements.filter(statement => statement.actions.includes('logs:PutLogEvents') && statement.resources.some((resource: string) => resource.includes(group[0])));
  assert.equal(written.length, 2);
  // The ARN that CloudFormation gives ends with `:*`, which is what these actions are granted on.
  for (const statement of written) assert.deepEqual(statement.resources, [JSON.stringify({ 'Fn::GetAtt': [group[0], 'Arn'] })]);
  for (const statement of written) assert.ok(!statement.actions.includes('logs:CreateLogGroup'));
  const { parts, names } = collector();
  assert.ok(parts.service.pipelines.metrics.processors.includes('resourcedetection') && parts.processors.resourcedetection.detectors.includes('ecs'));
  assert.equal(parts.exporters.awsemf.log_stream_name, '{TaskId}');
  const shown = all('AWS::CloudWatch::Alarm').map(alarm => alarm.Properties).filter(alarm => alarm.Namespace === 'BulkQA').map(alarm => alarm.MetricName);
  assert.ok(shown.length > 0);
  for (const name of shown) assert.ok(names.some(pattern => new RegExp(`^${pattern}$`).test(name)), `${name} is not exported`);
  assert.ok(!names.some(pattern => new RegExp(`^${pattern}$`).test('orleans-messaging-sent-bytes')));
});

/** What the collector beside a silo is told. Its log group's name is a reference. */
function collector(): { parts: any; names: string[] } {
  const found = named('AWS::ECS::TaskDefinition', 'SilosSilo').Properties.ContainerDefinitions.find((container: any) => container.Name === 'collector');
  const value = found.Environment.find((entry: any) => entry.Name === 'AOT_CONFIG_CONTENT').Value;
  const text = typeof value === 'string' ? value : value['Fn::Join'][1].map((part: any) => typeof part === 'string' ? part : part.Ref).join('');
  const parts = JSON.parse(text);
  return { parts, names: parts.processors.filter.metrics.include.metric_names };
}

test('an alarm of a class comes by what stands', () => {
  const alarm = all('AWS::CloudWatch::Alarm').find(found => found.Properties.AlarmName === 'bulkqa-ClassesBelowTarget')!.Properties;
  assert.deepEqual([alarm.MetricName, alarm.Statistic, alarm.Threshold], ['bulkqa.alarms.standing', 'Maximum', 0]);
});

test('the scaling says how many tasks there are, and a deployment changes nothing about it', () => {
  for (const service of all('AWS::ECS::Service')) assert.ok(!('DesiredCount' in service.Properties));
  const ranges = all('AWS::ApplicationAutoScaling::ScalableTarget').map(target => [JSON.stringify(target.Properties.ResourceId).includes('Silos') ? 'silos' : 'api', target.Properties.MinCapacity, target.Properties.MaxCapacity]);
  assert.deepEqual(ranges.sort(), [['api', 2, 8], ['silos', 2, 8]]);
});

test('the load balancer lets go of connections before the API does, and replaces no task because the store is out of reach', () => {
  const idle = named('AWS::ElasticLoadBalancingV2::LoadBalancer', 'ApiBalancer').Properties.LoadBalancerAttributes.find((entry: any) => entry.Key === 'idle_timeout.timeout_seconds').Value;
  const source = readFileSync(new URL('../../../src/Api/Hosting/HostingRegistration.cs', import.meta.url), 'utf8');
  assert.ok(60 * Number(/KeepAliveTimeout = TimeSpan\.FromMinutes\((\d+)\)/.exec(source)![1]) > Number(idle));
  assert.equal(named('AWS::ElasticLoadBalancingV2::TargetGroup', 'ApiTargets').Properties.HealthCheckPath, '/health/live');
});

test('what is missing raises an alarm, also where nothing is left to count it', () => {
  for (const name of ['SilosMissing', 'ApiTasksMissing', 'NoHealthyApi'])
    assert.equal(all('AWS::CloudWatch::Alarm').find(found => found.Properties.AlarmName === `bulkqa-${name}`)!.Properties.TreatMissingData, 'breaching');
});

test('silos scale by messages waiting per running silo, out at once and in slowly', () => {
  const policy = all('AWS::ApplicationAutoScaling::ScalingPolicy').map(entry => entry.Properties.TargetTrackingScalingPolicyConfiguration).find(entry => entry.CustomizedMetricSpecification);
  assert.deepEqual([policy.TargetValue, policy.ScaleOutCooldown, policy.ScaleInCooldown], [500, 60, 900]);
  const metrics = policy.CustomizedMetricSpecification.Metrics;
  assert.deepEqual(metrics.filter((metric: any) => metric.ReturnData).map((metric: any) => metric.Expression), ['waiting / silos']);
  assert.deepEqual(metrics.slice(0, 2).map((metric: any) => metric.MetricStat.Metric.MetricName), ['ApproximateNumberOfMessagesVisible', 'RunningTaskCount']);
});

test('every alarm says what to do, reaches somebody, and is described in the runbook', () => {
  const runbook = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8');
  assert.ok(all('AWS::CloudWatch::Alarm').length >= 10);
  for (const { Properties } of all('AWS::CloudWatch::Alarm')) {
    assert.equal(Properties.AlarmActions.length, 1);
    assert.ok(Properties.AlarmDescription.length > 60);
    const name = Properties.AlarmName.replace('bulkqa-', '');
    assert.ok(runbook.includes(`**${name}**`), `docs/operations.md does not say what to do when ${name} comes`);
  }
});
