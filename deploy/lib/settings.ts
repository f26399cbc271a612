import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** What a deployment is like. Every field is described in docs/operations.md. */
export interface Settings {
  /** Begins the names of the stack and its resources. */
  readonly name: string;
  readonly account: string;
  readonly region: string;
  /** Two or more letters of the region's availability zones. Default a and b. */
  readonly zones: readonly string[];
  readonly images: { readonly silo: string; readonly api: string };
  readonly architecture: 'arm64' | 'x64';
  /** The folder with the native `bootstrap` of the functions, relative to the settings file. */
  readonly bootstrapFolder: string;
  readonly silos: {
    readonly cpu: number;
    readonly memoryMiB: number;
    readonly min: number;
    readonly max: number;
    /** Messages waiting a silo, at which the number of silos is right. */
    readonly backlogPerSilo: number;
  };
  readonly api: { readonly cpu: number; readonly memoryMiB: number; readonly count: number };
  readonly domain: {
    readonly name: string;
    readonly certificateArn: string;
    /** Where the name is entered; without it, that is yours to do. */
    readonly hostedZone?: { readonly id: string; readonly name: string };
  };
  /** Who may reach the load balancer at all. */
  readonly allowedCidrs: readonly string[];
  /** The issuer of bearer tokens; without one, API keys only. */
  readonly access?: { readonly issuer: string; readonly audience: string; readonly roleClaim?: string };
  /** Lets people sign in on pages; without it, keys and tokens only. */
  readonly signIn?: SignInSettings;
  readonly workteamArn: string;
  /** What a job has that doesn't say otherwise. */
  readonly defaults: { readonly batchSize: number; readonly workersPerTask: number };
  /** What the fact table, its index and the label table take each from their first minute; without it, 4,000 writes a second. */
  readonly warmThroughput?: { readonly reads: number; readonly writes: number };
  readonly alarmEmail: string;
  /** Hosts that jobs may name webhooks of, to be told when a class falls below its alarm; without it, none. */
  readonly alarmWebhookHosts?: readonly string[];
  /**
   * Whether tables, load balancer and stack refuse to be deleted. Off for the very first deployment: what it protects could not be cleaned up where that fails.
   */
  readonly protect: boolean;
  /** A collector of yours; without it each task has one beside it that writes to CloudWatch. */
  readonly otlpEndpoint?: string;
}

/** How people sign in: by invitation, and by an OIDC issuer where there is one. */
export interface SignInSettings {
  readonly oidc?: {
    readonly authority: string;
    readonly clientId: string;
    /** Whether the client has a secret, which is then put into Secrets Manager. */
    readonly hasSecret: boolean;
    readonly scopes?: string;
    readonly groupsClaim?: string;
    readonly nameClaim?: string;
    readonly userInfo?: boolean;
    readonly rolesByGroup: Readonly<Record<string, string>>;
    readonly teamsByGroup: Readonly<Record<string, string>>;
  };
}

/** Everything that is wrong with the settings, a sentence each. */
export class SettingsError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`the settings can't be deployed:\n${problems.map(problem => `- ${problem}`).join('\n')}`);
    this.name = 'SettingsError';
  }
}

/** CPU units that Fargate has, with the memory each may go with, in MiB. */
const fargateSizes: Readonly<Record<number, { from: number; to: number; step: number }>> = {
  256: { from: 512, to: 2048, step: 512 },
  512: { from: 1024, to: 4096, step: 1024 },
  1024: { from: 2048, to: 8192, step: 1024 },
  2048: { from: 4096, to: 16384, step: 1024 },
  4096: { from: 8192, to: 30720, step: 1024 },
  8192: { from: 16384, to: 61440, step: 4096 },
  16384: { from: 32768, to: 122880, step: 8192 },
};

const known: Readonly<Record<string, readonly string[]>> = {
  '': ['name', 'account', 'region', 'zones', 'images', 'architecture', 'bootstrapFolder', 'silos', 'api', 'domain', 'allowedCidrs', 'access', 'signIn', 'workteamArn', 'defaults', 'warmThroughput', 'alarmEmail', 'alarmWebhookHosts', 'protect', 'otlpEndpoint'],
  images: ['silo', 'api'],
  silos: ['cpu', 'memoryMiB', 'min', 'max', 'backlogPerSilo'],
  api: ['cpu', 'memoryMiB', 'count'],
  domain: ['name', 'certificateArn', 'hostedZone'],
  access: ['issuer', 'audience', 'roleClaim'],
  signIn: ['oidc'],
  'signIn.oidc': ['authority', 'clientId', 'hasSecret', 'scopes', 'groupsClaim', 'nameClaim', 'userInfo', 'rolesByGroup', 'teamsByGroup'],
  defaults: ['batchSize', 'workersPerTask'],
  warmThroughput: ['reads', 'writes'],
};

/** Reads and checks a settings file. Throws SettingsError with every problem at once. */
export function readSettings(path: string): Settings {
  if (!existsSync(path)) throw new SettingsError([`${path} is not there; copy settings.example.json and fill it in`]);
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new SettingsError([`${path} is not JSON: ${(error as Error).message}`]);
  }
  return checkSettings(json, dirname(resolve(path)));
}

/** Checks settings that were read from JSON; paths in them are relative to `folder`. */
export function checkSettings(json: unknown, folder: string): Settings {
  const problems: string[] = [];
  const require = (holds: boolean, problem: string) => { if (!holds) problems.push(problem); };
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new SettingsError(['they are not a JSON object']);
  const given = json as Record<string, unknown>;
  for (const [section, names] of Object.entries(known)) {
    const part = section === '' ? given : section.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown> | null | undefined)?.[name], given);
    if (part === undefined) continue;
    if (typeof part !== 'object' || part === null) problems.push(`${section} is not an object`);
    else for (const name of Object.keys(part)) require(names.includes(name), `${section ? `${section}.` : ''}${name} is not a setting; known are ${names.join(', ')}`);
  }
  if (problems.length > 0) throw new SettingsError(problems);

  const at = (path: string): unknown => path.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], given);
  const text = (path: string, pattern: RegExp, wanted: string): string => {
    const value = at(path);
    require(typeof value === 'string' && pattern.test(value), `${path} is ${JSON.stringify(value)}; give ${wanted}`);
    return typeof value === 'string' ? value : '';
  };
  const whole = (path: string, from: number, to: number): number => {
    const value = at(path);
    require(Number.isInteger(value) && (value as number) >= from && (value as number) <= to, `${path} is ${JSON.stringify(value)}; give a whole number from ${from} to ${to}`);
    return value as number;
  };
  const size = (path: string): { cpu: number; memoryMiB: number } => {
    const [cpu, memoryMiB] = [at(`${path}.cpu`) as number, at(`${path}.memoryMiB`) as number];
    const range = fargateSizes[cpu];
    require(range !== undefined, `${path}.cpu is ${JSON.stringify(cpu)}; Fargate has ${Object.keys(fargateSizes).join(', ')}`);
    if (range !== undefined)
      require(Number.isInteger(memoryMiB) && memoryMiB >= range.from && memoryMiB <= range.to && memoryMiB % range.step === 0,
        `${path}.memoryMiB is ${JSON.stringify(memoryMiB)}; with ${cpu} CPU units Fargate has ${range.from} to ${range.to} in steps of ${range.step}`);
    return { cpu, memoryMiB };
  };
  const list = (path: string, pattern: RegExp, wanted: string): string[] => {
    const value = at(path);
    const good = Array.isArray(value) && value.length > 0 && value.every(entry => typeof entry === 'string' && pattern.test(entry));
    require(good, `${path} is ${JSON.stringify(value)}; give ${wanted}`);
    return good ? value as string[] : [];
  };
  const flag = (path: string, otherwise: boolean): boolean => {
    const value = at(path) ?? otherwise;
    require(typeof value === 'boolean', `${path} is ${JSON.stringify(value)}; give true or false`);
    return value === true;
  };
  // A group's name becomes part of an environment variable's, where these have a meaning of their own.
  const map = (path: string, pattern: RegExp, wanted: string): Record<string, string> => {
    const value = at(path) ?? {};
    const good = typeof value === 'object' && !Array.isArray(value);
    require(good, `${path} is ${JSON.stringify(value)}; give an object of groups`);
    if (!good) return {};
    for (const [group, meaning] of Object.entries(value as object)) {
      require(group !== '' && !/[:=]|__/.test(group), `${path}: '${group}' can't be a setting's name; a group with a colon, an equals sign or two underscores needs another`);
      require(typeof meaning === 'string' && pattern.test(meaning), `${path}: '${group}' is ${JSON.stringify(meaning)}; give ${wanted}`);
    }
    return value as Record<string, string>;
  };

  const architecture = at('architecture');
  require(architecture === 'arm64' || architecture === 'x64', `architecture is ${JSON.stringify(architecture)}; give arm64 or x64`);
  const bootstrapFolder = resolve(folder, text('bootstrapFolder', /./, 'the folder that `dotnet publish src/Lambdas` wrote'));
  const problem = bootstrapProblem(join(bootstrapFolder, 'bootstrap'), architecture as string);
  if (problem) problems.push(problem);
  const silos = { ...size('silos'), min: whole('silos.min', 2, 100), max: whole('silos.max', 2, 100), backlogPerSilo: whole('silos.backlogPerSilo', 1, 1_000_000) };
  require(!(silos.min > silos.max), `silos.min is ${silos.min}, more than silos.max of ${silos.max}`);
  const zones = given['zones'] === undefined ? ['a', 'b'] : list('zones', /^[a-f]$/, 'two or more letters such as "a" and "b"');
  require(zones.length >= 2, `zones has ${zones.length}; Redis and the load balancer need two`);
  const settings: Settings = {
    name: text('name', /^[a-z][a-z0-9-]{1,20}[a-z0-9]$/, '3 to 22 lower-case letters, digits and dashes'),
    account: text('account', /^\d{12}$/, 'the 12 digits of the account'),
    region: text('region', /^[a-z]{2}(-[a-z]+)+-\d$/, 'a region such as eu-central-1'),
    zones,
    images: {
      silo: text('images.silo', /^[^\s]+[:@][^\s/]+$/, 'the image with its tag or digest'),
      api: text('images.api', /^[^\s]+[:@][^\s/]+$/, 'the image with its tag or digest'),
    },
    architecture: architecture as 'arm64' | 'x64',
    bootstrapFolder,
    silos,
    api: { ...size('api'), count: whole('api.count', 1, 100) },
    domain: {
      name: text('domain.name', /^([a-z0-9-]+\.)+[a-z]{2,}$/, 'the host name that the API is reached by'),
      certificateArn: text('domain.certificateArn', /^arn:[^:]+:acm:[^:]+:\d{12}:certificate\/.+$/, 'the ARN of a certificate for it, in the same region'),
      ...given['domain'] && at('domain.hostedZone') !== undefined
        ? { hostedZone: { id: text('domain.hostedZone.id', /^Z[A-Z0-9]+$/, 'the id of a hosted zone'), name: text('domain.hostedZone.name', /^([a-z0-9-]+\.)+[a-z]{2,}$/, "the hosted zone's name") } } : {},
    },
    allowedCidrs: list('allowedCidrs', /^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/, 'the IPv4 ranges that may reach the API, such as 203.0.113.0/24'),
    ...at('access') === undefined ? {} : {
      access: {
        issuer: text('access.issuer', /^https:\/\/.+/, 'the https address of the issuer of tokens'),
        audience: text('access.audience', /./, 'the audience (or client) that tokens are for'),
        ...at('access.roleClaim') === undefined ? {} : { roleClaim: text('access.roleClaim', /./, 'the claim that names roles') },
      },
    },
    ...at('signIn') === undefined ? {} : { signIn: at('signIn.oidc') === undefined ? {} : { oidc: {
      authority: text('signIn.oidc.authority', /^https:\/\/.+/, 'the https address of the issuer'),
      clientId: text('signIn.oidc.clientId', /./, 'what BulkQA is registered as with the issuer'),
      hasSecret: flag('signIn.oidc.hasSecret', true),
      ...at('signIn.oidc.scopes') === undefined ? {} : { scopes: text('signIn.oidc.scopes', /./, 'scopes with spaces between') },
      ...at('signIn.oidc.groupsClaim') === undefined ? {} : { groupsClaim: text('signIn.oidc.groupsClaim', /./, 'the claim that names groups') },
      ...at('signIn.oidc.nameClaim') === undefined ? {} : { nameClaim: text('signIn.oidc.nameClaim', /./, 'the claim that pages show as name') },
      ...at('signIn.oidc.userInfo') === undefined ? {} : { userInfo: flag('signIn.oidc.userInfo', true) },
      rolesByGroup: map('signIn.oidc.rolesByGroup', /^(viewer|adjudicator|worker|operator|lead)$/, 'viewer, adjudicator, worker, operator or lead'),
      teamsByGroup: map('signIn.oidc.teamsByGroup', /./, 'the name of a team'),
    } } },
    workteamArn: text('workteamArn', /^arn:[^:]+:sagemaker:[^:]+:\d*:workteam\/.+$/, 'the ARN of the work team that answers'),
    defaults: { batchSize: whole('defaults.batchSize', 1, 250), workersPerTask: whole('defaults.workersPerTask', 1, 9) },
    ...at('warmThroughput') === undefined ? {} : {
      warmThroughput: { reads: whole('warmThroughput.reads', 12_000, 10_000_000), writes: whole('warmThroughput.writes', 4_000, 10_000_000) },
    },
    alarmEmail: text('alarmEmail', /^[^@\s]+@[^@\s]+\.[^@\s]+$/, 'the address that alarms go to'),
    ...at('alarmWebhookHosts') === undefined ? {} : { alarmWebhookHosts: list('alarmWebhookHosts', /^([a-z0-9-]+\.)+[a-z][a-z0-9-]*$/, 'the names of hosts whose webhooks may be called, such as hooks.example.org') },
    protect: flag('protect', true),
    ...at('otlpEndpoint') === undefined ? {} : { otlpEndpoint: text('otlpEndpoint', /^https?:\/\/.+/, 'the address of a collector') },
  };
  const region = settings.domain.certificateArn.split(':')[3];
  require(region === undefined || region === settings.region, `domain.certificateArn is of region ${region}; the load balancer in ${settings.region} needs one of its own region`);
  require(!settings.allowedCidrs.some(cidr => cidr.endsWith('/0')) || settings.access !== undefined || settings.allowedCidrs.length === 1,
    'allowedCidrs names everybody and others besides; name everybody alone, if that is meant');
  if (problems.length > 0) throw new SettingsError(problems);
  return settings;
}

/** Why the functions' executable would not start in Lambda; undefined where it would. */
function bootstrapProblem(path: string, architecture: string): string | undefined {
  if (!existsSync(path)) return `bootstrapFolder: ${path} is not there; make it with \`dotnet publish src/Lambdas -c Release -r linux-${architecture}\``;
  const header = Buffer.alloc(20);
  const file = openSync(path, 'r');
  try {
    readSync(file, header, 0, header.length, 0);
  } finally {
    closeSync(file);
  }
  if (header.toString('latin1', 0, 4) !== '\x7fELF') return `bootstrapFolder: ${path} is not a Linux executable`;
  const machine = { 0x3e: 'x64', 0xb7: 'arm64' }[header.readUInt16LE(18)];
  return machine === architecture ? undefined : `bootstrapFolder: ${path} is for ${machine ?? 'another processor'}, and architecture is ${architecture}`;
}
