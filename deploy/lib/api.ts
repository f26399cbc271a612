import { aws_certificatemanager as certificates, aws_ecs as ecs, aws_elasticloadbalancingv2 as balancing, aws_iam as iam, aws_logs as logs, aws_route53 as route53, aws_route53_targets as targets, aws_secretsmanager as secrets, Duration, RemovalPolicy, SecretValue, Validations } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { Functions } from './functions.js';
import { allow, allowAny, allowObjects, allowTables } from './grants.js';
import { httpPort, type Network } from './network.js';
import type { Redis } from './redis.js';
import type { Settings, SignInSettings } from './settings.js';
import { clusterEnvironment } from './silos.js';
import type { Storage } from './storage.js';
import { serviceDefaults, Task, withoutDesiredCount } from './tasks.js';

/** Requests under way when a task is taken out of service have this long to end before SIGTERM. */
export const drain = Duration.seconds(60);

/** Who may sign in, as the API reads it. */
function signInEnvironment({ oidc }: SignInSettings): Record<string, string> {
  const at = (name: string): string => `BulkQA__SignIn__Oidc__${name}`;
  return {
    // Where an identity provider says who people are, nobody sets a password here.
    BulkQA__SignIn__Enabled: oidc ? 'false' : 'true',
    ...oidc ? {
      [at('Authority')]: oidc.authority,
      [at('ClientId')]: oidc.clientId,
      ...oidc.scopes ? { [at('Scopes')]: oidc.scopes } : {},
      ...oidc.groupsClaim ? { [at('GroupsClaim')]: oidc.groupsClaim } : {},
      ...oidc.nameClaim ? { [at('NameClaim')]: oidc.nameClaim } : {},
      ...oidc.userInfo === undefined ? {} : { [at('UserInfo')]: `${oidc.userInfo}` },
      ...Object.fromEntries(Object.entries(oidc.rolesByGroup).map(([group, role]) => [at(`RolesByGroup__${group}`), role])),
      ...Object.fromEntries(Object.entries(oidc.teamsByGroup).map(([group, team]) => [at(`TeamsByGroup__${group}`), team])),
    } : {},
  };
}

/** The REST interface and its pages, behind TLS. */
export class Api extends Construct {
  readonly service: ecs.FargateService;
  readonly balancer: balancing.ApplicationLoadBalancer;
  readonly targets: balancing.ApplicationTargetGroup;
  readonly role: iam.Role;

  constructor(scope: Construct, settings: Settings, network: Network, cluster: ecs.Cluster, storage: Storage, redis: Redis, functions: Functions, metrics?: logs.ILogGroup) {
    super(scope, 'Api');
    const keys = new secrets.Secret(this, 'Keys', {
      secretName: `${settings.name}/api-keys`,
      description: 'API keys by their hashes, as a JSON array; none at first (docs/operations.md)',
      secretStringValue: SecretValue.unsafePlainText('[]'),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Validations.of(keys).acknowledge({
      id: 'AwsSolutions-SMG4', reason: 'holds hashes of keys that callers have: each is rotated with its caller, two in force meanwhile (docs/operations.md)',
    });
    const keyRing = new secrets.Secret(this, 'KeyRing', {
      secretName: `${settings.name}/key-ring-secret`,
      description: 'Seals the keys that sessions are protected by; several with commas between, of which the first seals and all open',
      // Letters and digits, four by four: that is base64, of 33 bytes.
      generateSecretString: { passwordLength: 44, excludePunctuation: true },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Validations.of(keyRing).acknowledge({
      id: 'AwsSolutions-SMG4', reason: 'the one before has to stay behind the new one until its keys have expired (docs/operations.md)',
    });
    const clientSecret = !settings.signIn?.oidc?.hasSecret ? undefined : new secrets.Secret(this, 'OidcClientSecret', {
      secretName: `${settings.name}/oidc-client-secret`,
      description: "The secret of BulkQA's client at the issuer that people sign in with; a made-up one at first (docs/operations.md)",
      generateSecretString: { passwordLength: 40, excludePunctuation: true },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    if (clientSecret) Validations.of(clientSecret).acknowledge({
      id: 'AwsSolutions-SMG4', reason: 'the issuer makes it: rotating is a new value from there and a new deployment',
    });
    const task = new Task(this, 'Api', {
      settings,
      ...metrics ? { metrics } : {},
      size: settings.api,
      image: settings.images.api,
      program: 'BulkQA.Api.dll',
      keepsFiles: true,
      ports: [httpPort],
      environment: {
        ...clusterEnvironment(settings, storage, redis),
        BulkQA__Mode: 'Cluster',
        // Whose word counts for where a request comes from: the load balancer's nodes have addresses in these.
        BulkQA__Access__TrustedProxies: network.balancerCidrs.join(','),
        ...settings.access ? {
          BulkQA__Access__Issuer: settings.access.issuer,
          BulkQA__Access__Audience: settings.access.audience,
          ...settings.access.roleClaim ? { BulkQA__Access__RoleClaim: settings.access.roleClaim } : {},
        } : {},
        ...settings.signIn ? signInEnvironment(settings.signIn) : {},
        BulkQA__SageMaker__RoleArn: functions.groundTruth.roleArn,
        BulkQA__SageMaker__WorkteamArn: settings.workteamArn,
        BulkQA__SageMaker__PreLabelingFunctionArn: functions.preLabeling.functionArn,
        BulkQA__SageMaker__PostLabelingFunctionArn: functions.postLabeling.functionArn,
      },
      secrets: {
        BulkQA__Cluster__RedisPassword: ecs.Secret.fromSecretsManager(redis.password),
        BulkQA__Access__KeysJson: ecs.Secret.fromSecretsManager(keys),
        BulkQA__Access__KeyRingSecret: ecs.Secret.fromSecretsManager(keyRing),
        ...clientSecret ? { BulkQA__SignIn__Oidc__ClientSecret: ecs.Secret.fromSecretsManager(clientSecret) } : {},
      },
    });
    this.role = task.role;
    allowTables(task.role, storage, 'GetItem', 'Query', 'BatchGetItem', 'DescribeTable');
    allowObjects(task.role, storage, 'GetObject', 'PutObject');
    allow(task.role, ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'], [storage.deadLetters.queueArn]);
    allow(task.role, ['sqs:SendMessage', 'sqs:GetQueueAttributes'], [storage.votes.queueArn]);
    allowAny(task.role, ['sagemaker:CreateLabelingJob', 'sagemaker:DescribeLabelingJob', 'sagemaker:StopLabelingJob'],
      `arn:aws:sagemaker:${settings.region}:${settings.account}:labeling-job/*`, 'labeling jobs are named by whoever creates the job');
    allowAny(task.role, ['sagemaker:ListLabelingJobs'], '*', 'the action knows no resources');
    allow(task.role, ['iam:PassRole'], [functions.groundTruth.roleArn], { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } });

    this.balancer = new balancing.ApplicationLoadBalancer(this, 'Balancer', {
      loadBalancerName: settings.name,
      vpc: network.vpc,
      vpcSubnets: network.balancerSubnets,
      internetFacing: true,
      securityGroup: network.balancer,
      dropInvalidHeaderFields: true,
      // It adds the caller's address behind whatever the caller says: the API counts the last.
      xffHeaderProcessingMode: balancing.XffHeaderProcessingMode.APPEND,
      deletionProtection: settings.protect,
      // Imports stream for minutes.
      idleTimeout: Duration.minutes(5),
    });
    this.balancer.logAccessLogs(storage.logs, 'balancer');
    if (settings.allowedCidrs.includes('0.0.0.0/0')) Validations.of(network.balancer).acknowledge({
      id: 'AwsSolutions-EC23', reason: 'the settings say that everybody may reach the API; every call is authenticated',
    });
    this.targets = new balancing.ApplicationTargetGroup(this, 'Targets', {
      vpc: network.vpc,
      port: httpPort,
      protocol: balancing.ApplicationProtocol.HTTP,
      targetType: balancing.TargetType.IP,
      deregistrationDelay: drain,
      // Whether it lives: where the store or all silos are out of reach no task is ready, and replacing them all would not help. An alarm tells of that.
      healthCheck: { path: '/health/live', interval: Duration.seconds(15), timeout: Duration.seconds(10), healthyThresholdCount: 2, unhealthyThresholdCount: 3 },
    });
    this.balancer.addListener('Https', {
      port: 443,
      protocol: balancing.ApplicationProtocol.HTTPS,
      sslPolicy: balancing.SslPolicy.TLS13_RES,
      certificates: [certificates.Certificate.fromCertificateArn(this, 'Certificate', settings.domain.certificateArn)],
      defaultTargetGroups: [this.targets],
      open: false,
    });
    if (settings.domain.hostedZone) new route53.ARecord(this, 'Name', {
      zone: route53.HostedZone.fromHostedZoneAttributes(this, 'Zone', { hostedZoneId: settings.domain.hostedZone.id, zoneName: settings.domain.hostedZone.name }),
      recordName: settings.domain.name,
      target: route53.RecordTarget.fromAlias(new targets.LoadBalancerTarget(this.balancer)),
    });
    this.service = new ecs.FargateService(this, 'Service', {
      ...serviceDefaults(network.vpc, network.api),
      cluster,
      serviceName: `${settings.name}-api`,
      taskDefinition: task.definition,
      maxHealthyPercent: 200,
      healthCheckGracePeriod: Duration.minutes(2),
    });
    this.service.attachToApplicationTargetGroup(this.targets);
    // How many there are is the scaling's to say: a number in the template would take tasks away from a busy service with each deployment.
    withoutDesiredCount(this.service);
    const count = this.service.autoScaleTaskCount({ minCapacity: settings.api.count, maxCapacity: 4 * settings.api.count });
    count.scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: 60, scaleOutCooldown: Duration.seconds(60), scaleInCooldown: Duration.minutes(10) });
  }
}
