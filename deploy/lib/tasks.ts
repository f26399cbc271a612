import { aws_ec2 as ec2, aws_ecs as ecs, aws_iam as iam, aws_logs as logs, Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { allow, allowAny } from './grants.js';
import { httpPort } from './network.js';
import type { Settings } from './settings.js';

/** Between SIGTERM and SIGKILL: the most that Fargate gives. A silo ends within 110 s (src/Silo, SiloHosting). */
export const stopTimeout = Duration.seconds(120);

/** What the two kinds of task share: size, processor, logs, health check, collector. */
export interface TaskProps {
  readonly settings: Settings;
  /** Where the collector writes metrics; none where it is somebody else's. */
  readonly metrics?: logs.ILogGroup;
  readonly size: { readonly cpu: number; readonly memoryMiB: number };
  readonly image: string;
  /** The program in the image, such as BulkQA.Silo.dll; it answers `--health` with its exit code. */
  readonly program: string;
  /** Whether it keeps temporary files, such as a corpus or a picture that is too large for memory. */
  readonly keepsFiles?: boolean;
  readonly ports: readonly number[];
  readonly environment: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, ecs.Secret>>;
}

export class Task extends Construct {
  readonly definition: ecs.FargateTaskDefinition;
  readonly role: iam.Role;

  constructor(scope: Construct, id: string, props: TaskProps) {
    super(scope, id);
    const { settings } = props;
    this.role = new iam.Role(this, 'Role', {
      roleName: `${settings.name}-${id.toLowerCase()}`, assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com'),
    });
    this.definition = new ecs.FargateTaskDefinition(this, 'Definition', {
      family: `${settings.name}-${id.toLowerCase()}`,
      cpu: props.size.cpu,
      memoryLimitMiB: props.size.memoryMiB,
      taskRole: this.role,
      runtimePlatform: {
        cpuArchitecture: settings.architecture === 'arm64' ? ecs.CpuArchitecture.ARM64 : ecs.CpuArchitecture.X86_64,
        operatingSystemFamily: ecs.OperatingSystemFamily.LINUX,
      },
    });
    const logGroup = new logs.LogGroup(this, 'Logs', {
      logGroupName: `/${settings.name}/${id.toLowerCase()}`, retention: logs.RetentionDays.THREE_MONTHS, removalPolicy: RemovalPolicy.DESTROY,
    });
    const image = ecs.ContainerImage.fromRegistry(props.image);
    this.definition.addContainer('bulkqa', {
      containerName: 'bulkqa',
      image,
      essential: true,
      portMappings: props.ports.map(containerPort => ({ containerPort })),
      environment: {
        ...props.environment,
        ASPNETCORE_URLS: `http://*:${httpPort}`,
        AWS_REGION: settings.region,
        // It would write beside the program, whose file system is read-only.
        DOTNET_EnableDiagnostics: '0',
        OTEL_SERVICE_NAME: `${settings.name}-${id.toLowerCase()}`,
        OTEL_EXPORTER_OTLP_ENDPOINT: settings.otlpEndpoint ?? 'http://localhost:4317',
        // So that the collector can tell percentiles, and those of each minute: it takes no differences of histograms, and of a counter it would drop the first
        // point (awsemfexporter, metric_translator.go and datapoint.go).
        OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: 'base2_exponential_bucket_histogram',
        OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
        // X-Ray charges for each trace; of a few in a hundred one learns as much.
        OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
        OTEL_TRACES_SAMPLER_ARG: tracedShare,
      },
      secrets: props.secrets,
      // The image has no shell and no curl: the program asks itself.
      healthCheck: {
        command: ['CMD', 'dotnet', `/app/${props.program}`, '--health'],
        interval: Duration.seconds(30), timeout: Duration.seconds(10), retries: 3, startPeriod: Duration.seconds(60),
      },
      stopTimeout,
      // A volume on Fargate belongs to root, who the program is not: what it keeps goes into the container's own /tmp.
      readonlyRootFilesystem: !props.keepsFiles,
      logging: ecs.LogDriver.awsLogs({ streamPrefix: 'bulkqa', logGroup }),
    });
    this.grantPull(props.image);
    if (props.metrics) this.addCollector(settings, logGroup, props.metrics);
    Validations.of(this.definition).acknowledge(
      { id: 'AwsSolutions-ECS2', reason: 'the environment holds settings; every secret comes from Secrets Manager' });
  }

  /** Metrics and traces go to a collector beside the program, which writes them to CloudWatch and X-Ray. */
  private addCollector(settings: Settings, logGroup: logs.LogGroup, metrics: logs.ILogGroup): void {
    this.definition.addContainer('collector', {
      containerName: 'collector',
      image: ecs.ContainerImage.fromRegistry('public.ecr.aws/aws-observability/aws-otel-collector:v0.43.3'),
      essential: false,
      readonlyRootFilesystem: true,
      environment: { AOT_CONFIG_CONTENT: collectorConfig(settings, metrics) },
      logging: ecs.LogDriver.awsLogs({ streamPrefix: 'collector', logGroup }),
    });
    // The exporter writes its metrics as log lines of this group, which is there: it may not make one. The group's ARN ends with `:*`, as these actions want it.
    allow(this.role, ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'], [metrics.logGroupArn]);
    allowAny(this.role, ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], '*', 'the actions know no resources');
  }

  /** Where the image lies in ECR; from elsewhere it is pulled without asking. */
  private grantPull(image: string): void {
    const [, account, region, repository] = /^(\d{12})\.dkr\.ecr\.([^.]+)\.[^/]+\/([^:@]+)/.exec(image) ?? [];
    if (!repository) return;
    const role = this.definition.obtainExecutionRole();
    allow(role, ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'], [`arn:aws:ecr:${region}:${account}:repository/${repository}`]);
    allowAny(role, ['ecr:GetAuthorizationToken'], '*', 'the action knows no resources');
  }
}

/** The metrics that dashboard and alarms are made of, in the namespace BulkQA, by service. */
export const metricsNamespace = 'BulkQA';

/** Of requests. */
const tracedShare = '0.05';

function collectorConfig(settings: Settings, metrics: logs.ILogGroup): string {
  return JSON.stringify({
    receivers: { otlp: { protocols: { grpc: { endpoint: '127.0.0.1:4317' } } } },
    processors: {
      batch: { timeout: '30s' },
      // Gives the task's id, which the log streams are named by (aws.ecs.task.id).
      resourcedetection: { detectors: ['env', 'ecs'], timeout: '5s', override: false },
      // CloudWatch charges for each name: what Orleans and the runtime measure besides is at /metrics of each task.
      filter: { metrics: { include: { match_type: 'regexp', metric_names: ['bulkqa\\..*', 'http\\.server\\.request\\.duration', 'dotnet\\.process\\.memory\\.working_set', 'dotnet\\.gc\\.pause\\.time'] } } },
    },
    exporters: {
      awsemf: {
        region: settings.region,
        namespace: metricsNamespace,
        log_group_name: metrics.logGroupName,
        log_stream_name: '{TaskId}',
        resource_to_telemetry_conversion: { enabled: true },
        dimension_rollup_option: 'NoDimensionRollup',
        metric_declarations: [{ dimensions: [['service.name']], metric_name_selectors: ['.*'] }],
      },
      awsxray: { region: settings.region },
    },
    service: {
      pipelines: {
        metrics: { receivers: ['otlp'], processors: ['resourcedetection', 'filter', 'batch'], exporters: ['awsemf'] },
        traces: { receivers: ['otlp'], processors: ['batch'], exporters: ['awsxray'] },
      },
    },
  });
}

/** Where tasks run, and what watches over their replacement. */
export function serviceDefaults(vpc: ec2.IVpc, group: ec2.ISecurityGroup): Pick<ecs.FargateServiceProps, 'vpcSubnets' | 'securityGroups' | 'circuitBreaker' | 'minHealthyPercent' | 'assignPublicIp' | 'enableExecuteCommand' | 'propagateTags' | 'availabilityZoneRebalancing'> {
  return {
    vpcSubnets: vpc.selectSubnets({ subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS }),
    securityGroups: [group],
    // A deployment whose tasks don't get healthy goes back by itself.
    circuitBreaker: { rollback: true },
    // A new task is there before an old one goes.
    minHealthyPercent: 100,
    assignPublicIp: false,
    enableExecuteCommand: false,
    propagateTags: ecs.PropagatedTagSource.SERVICE,
    // Would stop tasks when nobody asked for it.
    availabilityZoneRebalancing: ecs.AvailabilityZoneRebalancing.DISABLED,
  };
}

/** Leaves to the service's scaling how many tasks there are. CDK would write 1 where the template is to say nothing. */
export function withoutDesiredCount(service: ecs.FargateService): void {
  (service.node.defaultChild as ecs.CfnService).addPropertyDeletionOverride('DesiredCount');
}
