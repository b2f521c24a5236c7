import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { fetchProfileText } from '../../../src-main/join/fetch-profile.ts';
import { findRun } from '../../../src-main/join/find-run.ts';
import { seenAnnouncements } from '../../../src-main/join/seen-announcements.ts';
import type { Network } from '../../../src-main/network/client.ts';
import { NO_IDENTITY } from '../../../src-shared/chain/subnet-identity.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { profilePath, withAnnouncement } from '../../../src-shared/profile/announcement.ts';
import { PROFILE_BYTES_MAX } from '../../../src-shared/profile/limits.ts';
import { canonicalJson, profileHash } from '../../../src-shared/profile/profile.ts';
import type { Profile } from '../../../src-shared/profile/schema.ts';
import { practiceProfile } from '../../../src-shared/profile/shipped.ts';
import { parseStoreAddress, type StoreAddress } from '../../../src-shared/stores/store-address.ts';
import { hex, ss58 } from '../../../src-shared/units.ts';

const { signal } = new AbortController();
const owner = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
const stranger = ss58('5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty');
const genesis = hex('ab'.repeat(32));
const finney = hex('2f0555cc76fc2840a25a6ea3b9637146806f1f44b090c175ffde2a7e5ab36c03');
const NETUID = 38;
const made = practiceProfile({
  ...{ witness: owner, ownerColdkey: owner, genesis },
  ...{ endpoint: 'ws://127.0.0.1:9', bootstrap: ['/ip4/127.0.0.1/tcp/4001'] },
});
const withChain = (chain: Partial<Profile['consensus']['chain']>): Profile => ({
  ...made,
  consensus: { ...made.consensus, chain: { ...made.consensus.chain, ...chain } },
});

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'find-run-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** A run that takes over from one of this chain, whose profile is as it says. */
const follows = (before: Profile): Profile => ({
  ...made,
  consensus: { ...made.consensus, predecessor: { hash: profileHash(before.consensus), afterRound: 9 } },
});
const earlier: Profile = { ...made, consensus: { ...made.consensus, name: 'earlier' } };
const earlierOfOthers: Profile = {
  ...earlier,
  consensus: {
    ...earlier.consensus,
    chain: { ...earlier.consensus.chain, identity: { name: 'x', ownerColdkey: stranger } },
  },
};

interface Scene {
  /** Another profile that lies in the store. */
  readonly beside?: Profile;
  /** What is announced and lies in the store. */
  readonly profile?: Profile;
  /** What the store gives instead. */
  readonly served?: string | RequestListener;
  readonly ownerColdkey?: typeof owner;
  readonly block?: number;
  /** The announcement as it stands on chain; by default one of the profile in the store. */
  readonly additional?: string;
  readonly endpoint?: string;
  readonly genesisHash?: typeof genesis;
  readonly announced?: StoreAddress;
  readonly isThere?: boolean;
  /** Whether a person names the store. */
  readonly isStoreNamed?: boolean;
}

async function found(scene: Scene) {
  const { profile = made, served = JSON.stringify(profile), block = 3 } = scene;
  const hash = profileHash(profile.consensus);
  const url = await serve((request, answer) => {
    if (typeof served === 'function') served(request, answer);
    else if (request.url === `/${profilePath(hash)}`) answer.end(served);
    else if (scene.beside && request.url === `/${profilePath(profileHash(scene.beside.consensus))}`)
      answer.end(JSON.stringify(scene.beside));
    else answer.writeHead(404).end();
  });
  const here = parseStoreAddress(url);
  if (!here) throw new Error('a loopback address is a store');
  const announced = scene.announced ?? here;
  const additional =
    scene.additional ?? withAnnouncement('for others', { block, profileHash: hash, store: announced });
  const network = {
    genesisHash: scene.genesisHash ?? genesis,
    endpoint: scene.endpoint ?? 'ws://127.0.0.1:9944',
    finalized: { number: 7, hash: hex('cd'.repeat(32)), seenAtMs: 0 },
    money: {
      subnet: async () => ({ isThere: scene.isThere ?? true, ownerColdkey: scene.ownerColdkey ?? owner }),
      identity: async () => ({ ...NO_IDENTITY, additional }),
    },
  } as unknown as Network;
  const seen = seenAnnouncements(join(dataDir, 'seen.json'), () => undefined);
  return findRun({ network, netuid: NETUID, store: scene.isStoreNamed ? here : null }, seen, signal);
}

describe('a run that is announced', () => {
  it('is found whole; of its local part only peers to ask first are believed', async () => {
    const textFolder = '/home/somebody/secrets';
    const strange = { ...made, local: { ...made.local, endpoints: ['ws://evil.example'], textFolder } };
    const { announcement, profile } = await found({ profile: strange });
    expect(announcement.block).toBe(3);
    expect(profile.consensus).toEqual(made.consensus);
    expect(profile.local).toEqual({
      endpoints: ['ws://127.0.0.1:9944'],
      bootstrap: made.local.bootstrap,
      mark: 'PRACTICE',
    });
  });

  it('is found in a folder, where the chain is this computer’s too', async () => {
    const hash = profileHash(made.consensus);
    const path = join(dataDir, profilePath(hash));
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, canonicalJson(made));
    await expect(found({ announced: { kind: 'folder', path: dataDir } })).resolves.toMatchObject({
      profile: { consensus: made.consensus },
    });
  });

  it.each<[code: string, what: string, scene: Scene]>([
    ['RUN_NOT_ANNOUNCED', 'nothing is announced', { additional: 'for others' }],
    ['SUBNET_ABSENT', 'there is no subnet', { isThere: false }],
    [
      'PROFILE_HASH_WRONG',
      'the store serves another profile',
      { served: JSON.stringify(withChain({ netuid: 39 })) },
    ],
    ['PROFILE_INVALID', 'the store serves no profile', { served: '{"consensus":{}}' }],
    ['PROFILE_INVALID', 'the store serves no JSON', { served: '<html>' }],
    [
      'PROFILE_INVALID',
      'the store serves no end of it',
      { served: JSON.stringify(made) + ' '.repeat(PROFILE_BYTES_MAX) },
    ],
    [
      'RUN_STORE_WITHOUT_PROFILE',
      'the store has nothing',
      { served: (_asked, answer) => void answer.writeHead(404).end() },
    ],
    ['RUN_STORE_SILENT', 'the store fails', { served: (_asked, answer) => void answer.writeHead(500).end() }],
    [
      'RUN_STORE_SILENT',
      'the store cuts it off',
      { served: (_asked, answer) => void answer.writeHead(200, { 'content-length': 900 }).destroy() },
    ],
    [
      'RUN_STORE_SILENT',
      'the store sends one elsewhere',
      { served: (_asked, answer) => void answer.writeHead(302, { location: 'http://127.0.0.1:9/' }).end() },
    ],
    ['PROFILE_OWNER_OTHER', 'another owner’s run is announced', { ownerColdkey: stranger }],
    ['PROFILE_CHAIN_OTHER', 'another subnet’s run is announced', { profile: withChain({ netuid: 39 }) }],
    [
      'PROFILE_CHAIN_OTHER',
      'another chain’s run is announced',
      { profile: withChain({ genesis: hex('ef'.repeat(32)) }) },
    ],
    [
      'PROFILE_UNPINNED',
      'its weights are not pinned',
      { profile: { ...made, consensus: { ...made.consensus, initialWeights: { seed: 'x', digest: null } } } },
    ],
    ['RUN_STORE_WITHOUT_PROFILE', 'what it takes over from is nowhere', { profile: follows(earlier) }],
    [
      'PREDECESSOR_OTHER',
      'it takes over from a run of another owner',
      { profile: follows(earlierOfOthers), beside: earlierOfOthers },
    ],
    [
      'ANNOUNCEMENT_NEARBY',
      'a chain of elsewhere points into this computer',
      { endpoint: 'wss://node.example' },
    ],
    [
      'ANNOUNCEMENT_NEARBY',
      'a known network, of which a node runs here, points into this computer',
      { genesisHash: finney, profile: withChain({ genesis: finney }) },
    ],
    [
      'ANNOUNCEMENT_NEARBY',
      'a known network, of which a node runs here, names a folder',
      { genesisHash: finney, announced: { kind: 'folder', path: '/etc' } },
    ],
    ['ANNOUNCEMENT_AHEAD', 'it says that it is of a block to come, and would bar all before', { block: 8 }],
    [
      'PROFILE_INVALID',
      'the store names more peers than a list of runs keeps',
      { profile: { ...made, local: { ...made.local, bootstrap: Array(65).fill('/ip4/203.0.113.5/tcp/1') } } },
    ],
  ])('%s where %s', async (code, _what, scene) => {
    await expect(found(scene)).rejects.toMatchObject({ code });
  });

  it('names no peers within the network of whoever joins, unless the chain is this computer’s own', async () => {
    const bootstrap = ['/ip4/192.168.1.1/tcp/80', '/ip4/198.51.100.7/tcp/4001', '/unix/tmp/x'];
    const profile = { ...made, local: { ...made.local, bootstrap } };
    const far = await found({ profile, endpoint: 'wss://node.example', isStoreNamed: true });
    expect(far.profile.local.bootstrap).toEqual(['/ip4/198.51.100.7/tcp/4001']);
    expect((await found({ profile })).profile.local.bootstrap).toEqual(bootstrap.slice(0, 2));
  });

  it('that says nonsense is refused with a sentence, however much it says', async () => {
    const served = JSON.stringify({
      ...made,
      consensus: { ...made.consensus, tokenizer: '\u001b[2J'.repeat(900) },
    });
    const thrown: unknown = await found({ served }).catch((refused: unknown) => refused);
    if (!(thrown instanceof AppError)) throw thrown;
    expect(thrown.code).toBe('PROFILE_INVALID');
    expect(String(thrown.params.reason)).toMatch(/^consensus\.tokenizer: [^\p{C}]{1,190}…$/u);
  });

  it('may take over from another of the same owner', async () => {
    const { profile } = await found({ profile: follows(earlier), beside: earlier });
    expect(profile.consensus.predecessor?.afterRound).toBe(9);
  });

  it('is read from a store that a person names, wherever that is', async () => {
    await expect(found({ endpoint: 'wss://node.example', isStoreNamed: true })).resolves.toMatchObject({
      announcement: { block: 3 },
    });
  });

  it('is not gone back behind: an older announcement is a node that is behind, or lies', async () => {
    await found({ block: 5 });
    await expect(found({ block: 4 })).rejects.toMatchObject({
      code: 'ANNOUNCEMENT_OLDER',
      params: { netuid: NETUID, block: 4, newest: 5 },
    });
    await expect(found({ block: 6 })).resolves.toMatchObject({ announcement: { block: 6 } });
  });

  it('that lies bars none of before', async () => {
    await found({ block: 5 });
    await expect(found({ block: 7, served: 'x' })).rejects.toMatchObject({ code: 'PROFILE_INVALID' });
    await expect(found({ block: 5 })).resolves.toMatchObject({ announcement: { block: 5 } });
  });
});

describe('a profile in a store', () => {
  const hash = profileHash(made.consensus);

  it('of the Hub is had where the Hub sends one on to', async () => {
    const url = await serve((asked, answer) => {
      if (asked.url === `/me/run/resolve/main/${profilePath(hash)}`)
        answer.writeHead(307, { location: '/cache/it' }).end();
      else if (asked.url === '/cache/it') answer.end('its text');
      else answer.writeHead(404).end();
    });
    const hub = { kind: 'hub', repository: 'me/run' } as const;
    await expect(fetchProfileText(hub, hash, signal, url.replace(/\/$/, ''))).resolves.toBe('its text');
  });

  it.each([
    [null, /^\/runs\/run-profiles\/[0-9a-f]{64}\.json$/],
    [
      { keyId: 'reader', secretKey: 'secret' },
      /^\/runs\/run-profiles\/[0-9a-f]{64}\.json\?.*X-Amz-Credential=reader/,
    ],
  ])('in a bucket is had with the key that reads it: %j', async (readKey, wanted) => {
    const url = await serve((asked, answer) => {
      answer.writeHead(wanted.test(asked.url ?? '') ? 200 : 404).end('its text');
    });
    const bucket = { kind: 's3', endpoint: new URL(url).host, bucket: 'runs', readKey } as const;
    await expect(fetchProfileText(bucket, hash, signal)).resolves.toBe('its text');
  });
});
