import { aws_iam as iam, Stack, Validations, type CfnResource } from 'aws-cdk-lib';
import type { Storage } from './storage.js';

/** Lets a role do no more than its code calls. */
export function allow(role: iam.IRole, actions: string[], resources: string[], conditions?: Record<string, Record<string, string>>): void {
  role.addToPrincipalPolicy(new iam.PolicyStatement({ actions, resources, ...conditions ? { conditions } : {} }));
}

/** The same on what has no name yet, or on an action that knows no resources: the rule against wildcards gets the reason. */
export function allowAny(role: iam.IRole, actions: string[], resource: string, reason: string): void {
  allow(role, actions, [resource]);
  acknowledgeWildcard(role, resource, reason);
}

export function allowTables(role: iam.IRole, storage: Storage, ...actions: readonly string[]): void {
  allow(role, actions.map(action => `dynamodb:${action}`), [storage.facts.tableArn, `${storage.facts.tableArn}/index/by-url`, storage.labels.tableArn, storage.state.tableArn]);
}

export function allowObjects(role: iam.IRole, storage: Storage, ...actions: readonly string[]): void {
  allow(role, actions.map(action => `s3:${action}`), [storage.bucket.arnForObjects('*')]);
  const bucket = Stack.of(storage).getLogicalId(storage.bucket.node.defaultChild as CfnResource);
  acknowledgeWildcard(role, `<${bucket}.Arn>/*`, "the objects of jobs have names that are not known before; the bucket is BulkQA's own");
  // Without it S3 says "forbidden" of what isn't there.
  allow(role, ['s3:ListBucket'], [storage.bucket.bucketArn]);
}

function acknowledgeWildcard(role: iam.IRole, resource: string, reason: string): void {
  Validations.of(role).acknowledge({ id: `AwsSolutions::AwsSolutions-IAM5[Resource::${resource}]`, reason });
}
