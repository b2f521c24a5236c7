import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startPublish } from '../../../src-main/publishing/start-publish.ts';
import type { SupervisedChild } from '../../../src-main/supervisor/supervise.ts';
import type { StorePlace } from '../../../src-shared/contract/publish/stores.ts';
import type { PublishContract } from '../../../src-shared/contract/publish.ts';
import { profileHash } from '../../../src-shared/profile/profile.ts';
import { practiceProfile } from '../../../src-shared/profile/shipped.ts';
import { hex, ss58 } from '../../../src-shared/units.ts';
import { type ModelHub, SIGNATURE, startModelHub } from '../../fakes/hub/models.ts';
import { type FakeS3, fakeS3, S3_KEY } from '../../fakes/stores/fake-s3.ts';
import type { Fault } from '../../fakes/stores/fake-store.ts';
import { formsOf, foundIn, type Secret } from '../../secret-forms.ts';
import { type MadeState, madeState } from './stores/made-state.ts';

const { signal } = new AbortController();
let home: string;
let hub: ModelHub;
let s3: FakeS3;
let child: SupervisedChild<PublishContract>;
let made: MadeState;
const profile = madeProfile();
/** All that comes out of the process: lines of its log, events, notices, answers and refusals. */
const said: string[] = [];

/** Begun once: that takes longer than what is tried of it. */
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'publish-secrets-'));
  const hears = (what: unknown) => void said.push(JSON.stringify(what));
  child = startPublish({
    ...{ dataDir: home, extraEnv: {} },
    notices: { notice: hears, clearNotice: hears },
    log: hears,
    onGaveUp: hears,
  });
  child.on('progress', hears);
  child.on('waiting', hears);
  await child.whenReady(signal);
});
afterAll(async () => {
  await child.stop();
  await rm(home, { recursive: true });
});
beforeEach(async () => {
  said.length = 0;
  const into = await mkdtemp(join(home, 'made-'));
  [hub, s3, made] = await Promise.all([startModelHub(), fakeS3(), madeState(into, '1.2.3')]);
});
afterEach(() => Promise.all([hub.stop(), s3.stop()]));

const places = (): Readonly<Record<'hub' | 's3', { store: StorePlace; secret: string }>> => ({
  hub: {
    store: { kind: 'hub', url: hub.url, repository: null, repositoryName: 'states', xet: false },
    secret: hub.token,
  },
  s3: {
    store: {
      kind: 's3',
      endpoint: s3.url,
      bucket: s3.bucket,
      region: 'auto',
      accessKeyId: S3_KEY.accessKeyId,
    },
    secret: S3_KEY.secretAccessKey,
  },
});

function madeProfile() {
  const nobody = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
  const one = practiceProfile({
    ...{ witness: nobody, ownerColdkey: nobody, genesis: hex('ab'.repeat(32)) },
    ...{ endpoint: 'ws://127.0.0.1:9', bootstrap: [] },
  });
  return { hash: profileHash(one.consensus), text: JSON.stringify(one) };
}

/**
 * A trial, an upload and a profile, whatever comes of them, and how the process looks from outside meanwhile. One after
 * another: the trial takes the repository away again that was made for it, and has one of its own in a host.
 */
async function use(kind: 'hub' | 's3'): Promise<void> {
  const at = places()[kind];
  const upload = { ...at, job: 'up', folder: made.folder, keepStates: 5, isPublic: false };
  const works: readonly (() => Promise<unknown>)[] = [
    () => child.call('store.test', { ...at, job: 'test' }, signal),
    () => child.call('store.upload', upload, signal),
    () => child.call('store.putProfile', { ...at, job: 'profile', ...profile }, signal),
  ];
  for (const work of works) {
    const done = work().catch((thrown: unknown) => ({ thrown, text: String(thrown) }));
    if (child.state.kind === 'ready' && process.platform === 'linux')
      for (const about of ['cmdline', 'environ'])
        said.push(await readFile(`/proc/${child.state.pid}/${about}`, 'latin1'));
    said.push(JSON.stringify(await done));
  }
}

async function leaks(): Promise<readonly string[]> {
  const secrets: Secret[] = [
    ...Object.entries(places()).map(([name, { secret }]) => ({ name, forms: formsOf(Buffer.from(secret)) })),
    { name: 'signature', forms: [Buffer.from(SIGNATURE)] },
  ];
  const entries = await readdir(home, { recursive: true, withFileTypes: true });
  const files = await Promise.all(
    entries.filter((one) => one.isFile()).map((one) => readFile(join(one.parentPath, one.name))),
  );
  return foundIn(Buffer.concat([Buffer.from(said.join('\n')), ...files]), secrets);
}

/** Refusals that quote what they were asked with, as careless services and proxies between do. */
const quoting = (status: number): Fault => ({
  ...{ kind: 'answer', when: 'before', status },
  body: `<Error><Code>Odd</Code><Message>${hub.token} ${S3_KEY.secretAccessKey} ${SIGNATURE}</Message></Error>`,
});

describe('keys of stores, and addresses that stores signed', () => {
  it('do not come out of the process that uses them where all goes well', async () => {
    for (const kind of ['hub', 's3'] as const) await use(kind);
    expect(hub.tags.has('1.2.3') && s3.objects.has('epoch-2/manifest.json')).toBe(true);
    expect(await leaks()).toEqual([]);
  });

  it.each([400, 401, 403, 404, 409, 418])('nor where a store answers %i and quotes them', async (status) => {
    // Of the service itself, and of where it sends large files.
    hub.fail(/PUT \/lfs\//, quoting(status));
    hub.fail(/\/api\//, quoting(status));
    s3.fail(/^PUT /, quoting(status));
    s3.fail(/^GET /, quoting(status));
    for (const kind of ['hub', 's3', 'hub', 's3'] as const) await use(kind);
    expect(said.join('')).toMatch(/STORE_/);
    expect(await leaks()).toEqual([]);
  });

  it('nor where an answer cannot be read', async () => {
    const garbled: Fault = { ...quoting(200), status: 200 } as Fault;
    for (const pattern of [/whoami/, /preupload/, /objects\/batch/, /\/commit\//]) {
      hub.fail(pattern, garbled);
      await use('hub');
    }
    for (const pattern of [/^GET .*uploads/, /^GET .*list-type/]) {
      s3.fail(pattern, garbled);
      await use('s3');
    }
    expect(said.join('')).toMatch(/STORE_ANSWER_FOREIGN/);
    expect(await leaks()).toEqual([]);
  });
});
