import { aws_ec2 as ec2, aws_logs as logs, RemovalPolicy } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { Settings } from './settings.js';

export const siloPort = 11111;
export const gatewayPort = 30000;
export const httpPort = 8080;
export const redisPort = 6379;

/**
 * The network, and who may speak to whom in it. Orleans' own protocol has no authentication: what keeps strangers from
 * it are these groups, so silos are reached on 11111 by silos and on 30000 by the API, and by nobody else.
 */
export class Network extends Construct {
  readonly vpc: ec2.Vpc;
  /** Where the load balancer's nodes are, and nothing else that may reach the API. */
  readonly balancerSubnets: ec2.SubnetSelection = { subnetType: ec2.SubnetType.PUBLIC };
  readonly balancer: ec2.SecurityGroup;
  readonly api: ec2.SecurityGroup;
  readonly silos: ec2.SecurityGroup;
  readonly redis: ec2.SecurityGroup;

  constructor(scope: Construct, settings: Settings) {
    super(scope, 'Network');
    this.vpc = new ec2.Vpc(this, 'Vpc', {
      vpcName: settings.name,
      availabilityZones: settings.zones.map(zone => settings.region + zone),
      // The API asks SageMaker and the issuer of tokens, which are outside; one gateway is enough for that.
      natGateways: 1,
      subnetConfiguration: [
        { name: 'public', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
        { name: 'private', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 22 },
      ],
      flowLogs: {
        rejected: {
          trafficType: ec2.FlowLogTrafficType.REJECT,
          destination: ec2.FlowLogDestination.toCloudWatchLogs(new logs.LogGroup(this, 'FlowLogs', {
            retention: logs.RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY,
          })),
        },
      },
    });
    this.balancer = this.group('Balancer', 'the load balancer', true);
    this.api = this.group('Api', 'the API', true);
    this.silos = this.group('Silos', 'the silos', true);
    this.redis = this.group('Redis', 'Redis, which silos and API find each other by', false);
    const endpoint = this.group('Endpoints', 'interface endpoints of AWS services', false);

    for (const cidr of settings.allowedCidrs) this.balancer.addIngressRule(ec2.Peer.ipv4(cidr), ec2.Port.tcp(443), 'callers');
    this.api.addIngressRule(this.balancer, ec2.Port.tcp(httpPort), 'requests');
    this.silos.addIngressRule(this.silos, ec2.Port.tcp(siloPort), 'silo to silo');
    this.silos.addIngressRule(this.api, ec2.Port.tcp(gatewayPort), 'API to silo');
    for (const client of [this.silos, this.api]) {
      this.redis.addIngressRule(client, ec2.Port.tcp(redisPort), 'membership');
      endpoint.addIngressRule(client, ec2.Port.tcp(443), 'AWS services');
    }

    // Rows, objects and messages stay inside the network, and cost no gateway's transfer.
    this.vpc.addGatewayEndpoint('DynamoDb', { service: ec2.GatewayVpcEndpointAwsService.DYNAMODB });
    this.vpc.addGatewayEndpoint('S3', { service: ec2.GatewayVpcEndpointAwsService.S3 });
    this.vpc.addInterfaceEndpoint('Sqs', { service: ec2.InterfaceVpcEndpointAwsService.SQS, securityGroups: [endpoint], open: false });
  }

  /** The addresses that the load balancer's nodes can have. */
  get balancerCidrs(): string[] {
    return this.vpc.selectSubnets(this.balancerSubnets).subnets.map(subnet => subnet.ipv4CidrBlock);
  }

  private group(id: string, what: string, allowAllOutbound: boolean): ec2.SecurityGroup {
    return new ec2.SecurityGroup(this, id, { vpc: this.vpc, description: `BulkQA: ${what}`, allowAllOutbound });
  }
}
