import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { Settings } from './settings.js';
import { BulkQaStack } from './stack.js';

/** Behaviour of the library that newer projects have and that older ones keep unless asked; here and not in cdk.json, so that tests have it too. */
const flags = {
  '@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy': true,
  '@aws-cdk/aws-iam:minimizePolicies': true,
  '@aws-cdk/core:checkSecretUsage': true,
  '@aws-cdk/aws-ecs:disableExplicitDeploymentControllerForCircuitBreaker': true,
  '@aws-cdk/aws-ec2:uniqueImdsv2TemplateName': true,
  '@aws-cdk/core:enablePartitionLiterals': true,
};

/** The app with its one stack, checked against AWS Solutions' rules when it is synthesised. */
export function createApp(settings: Settings, outdir?: string): { app: App; stack: BulkQaStack } {
  const app = new App({ context: flags, ...outdir ? { outdir } : {} });
  const stack = new BulkQaStack(app, settings);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return { app, stack };
}
