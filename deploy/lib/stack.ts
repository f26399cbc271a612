import { aws_ecs as ecs, aws_logs as logs, CfnOutput, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Api } from './api.js';
import { Functions } from './functions.js';
import { Network } from './network.js';
import { Redis } from './redis.js';
import type { Settings } from './settings.js';
import { Silos } from './silos.js';
import { Storage } from './storage.js';
import { Watch } from './watch.js';

/** BulkQA in one region of one account. */
export class BulkQaStack extends Stack {
  constructor(scope: Construct, settings: Settings) {
    super(scope, 'BulkQA', {
      stackName: settings.name,
      description: 'BulkQA: bulk quality assurance of image labels',
      env: { account: settings.account, region: settings.region },
      terminationProtection: settings.protect,
    });
    Tags.of(this).add('application', settings.name);
    const network = new Network(this, settings);
    const storage = new Storage(this, settings);
    const redis = new Redis(this, settings, network);
    const functions = new Functions(this, settings, storage);
    const cluster = new ecs.Cluster(this, 'Cluster', { clusterName: settings.name, vpc: network.vpc, containerInsightsV2: ecs.ContainerInsights.ENABLED });
    // CloudWatch makes metrics of what is written here; the lines themselves are of use for a while only.
    const metrics = settings.otlpEndpoint ? undefined : new logs.LogGroup(this, 'Metrics', {
      logGroupName: `/${settings.name}/metrics`, retention: logs.RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY,
    });
    const silos = new Silos(this, settings, network, cluster, storage, redis, metrics);
    const api = new Api(this, settings, network, cluster, storage, redis, functions, metrics);
    storage.trustOnly([functions.postLabeling.role!, api.role]);
    storage.keepKeysFor(api.role);
    // The API is a client of the silos: they come first.
    api.service.node.addDependency(silos.service);
    new Watch(this, settings, { storage, silos, api, functions });

    new CfnOutput(this, 'Url', { value: `https://${settings.domain.name}`, description: 'Where the API is, once the name leads to the load balancer' });
    new CfnOutput(this, 'BalancerName', { value: api.balancer.loadBalancerDnsName, description: 'What the domain name has to lead to' });
    new CfnOutput(this, 'Bucket', { value: storage.bucket.bucketName });
    new CfnOutput(this, 'VoteQueue', { value: storage.votes.queueUrl });
    new CfnOutput(this, 'DeadLetters', { value: storage.deadLetters.queueUrl });
  }
}
