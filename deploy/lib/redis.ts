import { aws_elasticache as elasticache, aws_secretsmanager as secrets, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { redisPort, type Network } from './network.js';
import type { Settings } from './settings.js';

/**
 * Where silos and API find each other. It holds the membership table and nothing else: lost, the silos write it anew.
 * Two nodes in two zones, so that losing one is no reason to lose it.
 */
export class Redis extends Construct {
  readonly connectionString: string;
  readonly password: secrets.Secret;

  constructor(scope: Construct, settings: Settings, network: Network) {
    super(scope, 'Redis');
    this.password = new secrets.Secret(this, 'Password', {
      secretName: `${settings.name}/redis-password`,
      description: "What silos and API authenticate with at Redis",
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Validations.of(this.password).acknowledge({
      id: 'AwsSolutions-SMG4', reason: 'Redis takes one password at a time: rotating is a deployment that replaces it (docs/operations.md), no schedule',
    });
    const subnets = new elasticache.CfnSubnetGroup(this, 'Subnets', {
      description: 'BulkQA: Redis', subnetIds: network.vpc.privateSubnets.map(subnet => subnet.subnetId),
    });
    const group = new elasticache.CfnReplicationGroup(this, 'Group', {
      replicationGroupId: `${settings.name}-redis`,
      replicationGroupDescription: 'BulkQA: membership of silos',
      engine: 'valkey',
      engineVersion: '8.0',
      cacheNodeType: 'cache.t4g.micro',
      numCacheClusters: 2,
      automaticFailoverEnabled: true,
      multiAzEnabled: true,
      transitEncryptionEnabled: true,
      atRestEncryptionEnabled: true,
      authToken: this.password.secretValue.unsafeUnwrap(),
      port: redisPort,
      cacheSubnetGroupName: subnets.ref,
      securityGroupIds: [network.redis.securityGroupId],
      snapshotRetentionLimit: 0,
    });
    Validations.of(group).acknowledge(
      { id: 'AwsSolutions-AEC5', reason: 'the port is no secret: security group, TLS and password are what keeps strangers out' });
    this.connectionString = `${group.attrPrimaryEndPointAddress}:${redisPort},ssl=true,abortConnect=false`;
  }
}
