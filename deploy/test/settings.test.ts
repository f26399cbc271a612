import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { checkSettings, readSettings, SettingsError } from '../lib/settings.js';
import { exampleSettings, writeBootstrap } from './example.js';

const folder = mkdtempSync(join(tmpdir(), 'bulkqa-settings-'));
after(() => rmSync(folder, { recursive: true }));

function problemsOf(change: (settings: any) => void): readonly string[] {
  writeBootstrap(folder);
  const json = exampleSettings(folder);
  change(json);
  try {
    checkSettings(json, folder);
    return [];
  } catch (error) {
    assert.ok(error instanceof SettingsError, `${error}`);
    return error.problems;
  }
}

test('the example, filled in, is taken', () => assert.deepEqual(problemsOf(() => {}), []));

const oidc = (change: object): object => ({ oidc: { authority: 'https://idp.example.com', clientId: 'bulkqa', ...change } });

const wrong: ReadonlyArray<readonly [string, (settings: any) => void, RegExp]> = [
  ['a name that AWS would refuse', s => { s.name = 'Bulk_QA'; }, /^name is "Bulk_QA"; give 3 to 22 lower-case/],
  ['an account that is a number', s => { s.account = 123456789012; }, /^account is 123456789012; give the 12 digits/],
  ['a setting that does not exist', s => { s.sillos = {}; }, /^sillos is not a setting; known are name, account/],
  ['a setting of a section that does not exist', s => { s.api.desired = 2; }, /^api\.desired is not a setting/],
  ['a section that is a text', s => { s.silos = 'two'; }, /^silos is not an object/],
  ['a size that Fargate has not', s => { s.silos.cpu = 1000; }, /^silos\.cpu is 1000; Fargate has 256, 512/],
  ['memory that does not go with the CPU', s => { s.api.memoryMiB = 512; }, /^api\.memoryMiB is 512; with 1024 CPU units Fargate has 2048 to 8192/],
  ['one silo alone', s => { s.silos.min = 1; }, /^silos\.min is 1; give a whole number from 2/],
  ['fewer at most than at least', s => { s.silos.max = 2; s.silos.min = 3; }, /^silos\.min is 3, more than silos\.max of 2/],
  ['an image without tag', s => { s.images.silo = 'bulkqa-silo'; }, /^images\.silo is "bulkqa-silo"; give the image with its tag/],
  ['a certificate of another region', s => { s.domain.certificateArn = s.domain.certificateArn.replace('eu-central-1', 'us-east-1'); }, /is of region us-east-1; the load balancer in eu-central-1 needs/],
  ['nobody who may reach it', s => { s.allowedCidrs = []; }, /^allowedCidrs is \[\]; give the IPv4 ranges/],
  ['an issuer over plain http', s => { s.access.issuer = 'http://idp.example.com'; }, /^access\.issuer is "http:\/\/idp/],
  ['an issuer without audience', s => { delete s.access.audience; }, /^access\.audience is undefined; give the audience/],
  ['less warm throughput than a cold table has', s => { s.warmThroughput.writes = 100; }, /^warmThroughput\.writes is 100; give a whole number from 4000/],
  ['batches larger than the service takes', s => { s.defaults.batchSize = 1000; }, /^defaults\.batchSize is 1000; give a whole number from 1 to 250/],
  ['the URL of a webhook in place of its host', s => { s.alarmWebhookHosts = ['https://hooks.example.org/a']; }, /^alarmWebhookHosts is .*give the names of hosts/],
  ['an issuer to sign in with over plain http', s => { s.signIn = oidc({ authority: 'http://idp.example.com' }); }, /^signIn\.oidc\.authority is "http:\/\/idp/],
  ['a role that there is not', s => { s.signIn = oidc({ rolesByGroup: { qa: 'root' } }); }, /^signIn\.oidc\.rolesByGroup: 'qa' is "root"; give viewer, adjudicator/],
  ['a group whose name no setting can have', s => { s.signIn = oidc({ teamsByGroup: { 'urn:qa': 'dogs' } }); }, /^signIn\.oidc\.teamsByGroup: 'urn:qa' can't be a setting's name/],
  ['groups that are a list', s => { s.signIn = oidc({ rolesByGroup: ['qa'] }); }, /^signIn\.oidc\.rolesByGroup is \["qa"\]; give an object/],
  ['a setting of signing in that does not exist', s => { s.signIn = oidc({ issuer: 'https://idp.example.com' }); }, /^signIn\.oidc\.issuer is not a setting/],
  ['no address for alarms', s => { delete s.alarmEmail; }, /^alarmEmail is undefined; give the address/],
  ['one zone', s => { s.zones = ['a']; }, /^zones has 1; Redis and the load balancer need two/],
  ['a folder without executable', s => { s.bootstrapFolder = 'nowhere'; }, /nowhere\/bootstrap is not there; make it with `dotnet publish/],
  ['an executable for another processor', s => { s.architecture = 'arm64'; }, /bootstrap is for x64, and architecture is arm64/],
];
for (const [name, change, expected] of wrong)
  test(`${name}: a sentence that helps`, () => {
    const problems = problemsOf(change);
    assert.equal(problems.length, 1, problems.join('\n'));
    assert.match(problems[0]!, expected);
  });

test('everything that is wrong is said at once', () =>
  assert.equal(problemsOf(s => { s.name = ''; s.region = 'europe'; s.api.count = 0; s.alarmEmail = 'x'; }).length, 5));

test('a script in the place of the executable is seen', () => {
  writeBootstrap(folder);
  writeFileSync(join(folder, 'bootstrap'), '#!/bin/sh\nexit 0\n padding to the header\'s length');
  assert.throws(() => checkSettings(exampleSettings(folder), folder), /is not a Linux executable/);
});

test('a file that is missing or no JSON is named', () => {
  assert.throws(() => readSettings(join(folder, 'none.json')), /none\.json is not there; copy settings\.example\.json/);
  writeFileSync(join(folder, 'bad.json'), '{');
  assert.throws(() => readSettings(join(folder, 'bad.json')), /bad\.json is not JSON/);
});
