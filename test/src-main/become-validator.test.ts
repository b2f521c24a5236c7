import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openBecomeValidator } from '../../src-main/become-validator.ts';
import { findKeys, makeKeys } from '../../src-main/join/keys.ts';
import { besidePractice, endWithPractice } from '../../src-main/practice/beside.ts';
import { ownValidatorBefore, ownValidatorKeys } from '../../src-main/practice/own-validator.ts';
import { keysDirOf, OWN_MINER } from '../../src-main/practice/practice-keys.ts';
import { startOver } from '../../src-main/practice/start-over.ts';
import { type Consent, NOTHING_PAID } from '../../src-main/runs/joined.ts';
import type { JoinedRun, RunOrigin } from '../../src-main/runs/kept-runs.ts';
import type { Runs } from '../../src-main/runs/runs.ts';
import { listeners } from '../../src-node/listeners.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { practiceProfile } from '../../src-shared/profile/shipped.ts';
import { alphaRao, hex, rao, type Ss58, ss58 } from '../../src-shared/units.ts';

const TAO = 1_000_000_000n;
const miner = ss58('5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty');
const coldkey = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
const at = { endpoint: 'ws://127.0.0.1:9944', bootstrap: ['/ip4/127.0.0.1/tcp/4001'] };
const profile = practiceProfile({ witness: coldkey, ownerColdkey: coldkey, ...at });
const joined: JoinedRun = {
  ...{ kind: 'joined', networkName: 'lan', genesisHash: hex('ab'.repeat(32)), endpoints: [at.endpoint] },
  ...{ profile, role: 'miner', keysDir: '/keys', bootstrap: [], listen: null },
};

let folder: string;
let wallet: Ss58;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'become-'));
  wallet = (await makeKeys(keysDirOf(join(folder, OWN_MINER)))).coldkey;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A host whose one run mines; `starts` are what was begun, with what was agreed to pay. */
function host(from: RunOrigin, over: { readonly freeRao?: bigint; readonly isFull?: boolean } = {}) {
  const calls: unknown[] = [];
  const starts: [RunOrigin, Consent][] = [];
  let failsToStart: Error | null = null;
  const neuron = {
    ...{ uid: 3, hotkey: miner, validatorPermit: !over.isFull, incentive: 9, dividends: 0 },
    ...{ registeredAt: 1, lastUpdate: 1, stakeAlpha: alphaRao(5n * TAO) },
  };
  const seated = {
    ...neuron,
    uid: 4,
    hotkey: coldkey,
    validatorPermit: true,
    stakeAlpha: alphaRao(6n * TAO),
  };
  const snapshot = { block: { number: 9, hash: hex('cd'.repeat(32)) }, subnet: { burnRao: rao(TAO / 10n) } };
  const chain = {
    ...{ genesisHash: hex('ab'.repeat(32)), snapshot: { ...snapshot, neurons: [neuron, seated] } },
    balance: async () => rao(over.freeRao ?? 10n * TAO),
    economy: { rules: async () => ({ maxValidators: over.isFull ? 1 : 64 }) },
  };
  const run = {
    ...{
      chain,
      coldkey,
      hotkey: miner,
      config: { role: 'miner', profile },
      peerBook: { reachability: null, peers: new Map() },
    },
    train: { ready: { stepMs: 40, footprint: { disk: { bytes: 1, freeBytes: 100 } } } },
  };
  const runs = {
    get: () => ({ body: { run } }),
    originOf: () => from,
    end: async (id: string) => void calls.push(['end', id]),
    startAgain: async (id: string) => void calls.push(['startAgain', id]),
    async start(origin: RunOrigin, consent: Consent) {
      if (failsToStart) throw failsToStart;
      starts.push([origin, consent]);
      return { id: 'started' };
    },
  } as unknown as Runs;
  const signal = new AbortController().signal;
  const desk = openBecomeValidator({ runs, folder, blockMsOf: () => 1_000, signal });
  return {
    ...{ desk, calls, starts },
    fail: (error: Error) => {
      failsToStart = error;
    },
  };
}

describe('a validator of one’s own in a practice', () => {
  it('begins beside the miner, with a hotkey of its own that the practice’s wallet pays for', async () => {
    const { desk, calls, starts } = host({ kind: 'practice' });
    const { costs, way } = await desk.needs(miner);
    expect(way).toBe('beside');
    expect(await ownValidatorBefore(folder)).toBeNull();
    expect(await desk.become(miner)).toBe('started');
    const [[origin, consent] = []] = starts;
    expect(origin).toMatchObject({
      kind: 'joined',
      beside: 'practice',
      role: 'validator',
      networkName: 'practice',
    });
    expect(consent).toMatchObject({ stakeRao: costs.stakeRao, isConsentFresh: true });
    expect(calls).toEqual([]);
    const keys = await findKeys((origin as JoinedRun).keysDir);
    expect(keys.coldkey).toBe(wallet);
    expect(keys.hotkey).not.toBe(miner);
    expect(await ownValidatorBefore(folder)).toBe(keys.hotkey);
  });

  it('keeps the keys that it has, readable by their owner alone', async () => {
    const dir = await ownValidatorKeys(folder);
    const { hotkey } = await findKeys(dir);
    expect(await ownValidatorKeys(folder)).toBe(dir);
    expect((await findKeys(dir)).hotkey).toBe(hotkey);
    const file = join(dir, 'practice-coldkeys', 'default-coldkey.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).toBe(
      await readFile(
        join(keysDirOf(join(folder, OWN_MINER)), 'practice-coldkeys', 'default-coldkey.json'),
        'utf8',
      ),
    );
  });

  it('is not begun by a wallet that cannot pay, and says what is lacking', async () => {
    const { desk, starts } = host({ kind: 'practice' }, { freeRao: TAO / 10n });
    await expect(desk.become(miner)).rejects.toMatchObject({
      code: 'VALIDATOR_NEEDS_LACKING',
      params: { need: 'place' },
    });
    expect(starts).toEqual([]);
  });
});

describe('validating instead of mining', () => {
  it('ends the miner and begins its hotkey as a validator, and pays nothing', async () => {
    const { desk, calls, starts } = host(joined);
    expect(await desk.become(miner)).toBe('started');
    expect(calls).toEqual([['end', miner]]);
    expect(starts).toEqual([[{ ...joined, role: 'validator' }, NOTHING_PAID]]);
  });

  it('does not end a miner that others keep from a permit', async () => {
    const { desk, calls, starts } = host(joined, { isFull: true });
    await expect(desk.become(miner)).rejects.toMatchObject({ params: { need: 'permit' } });
    expect([calls, starts]).toEqual([[], []]);
  });

  it('lets it mine on where the validator cannot begin', async () => {
    const { desk, calls, fail } = host(joined);
    fail(new AppError('KEYS_FOLDER_WITHOUT_KEYS', { path: '/keys' }));
    await expect(desk.become(miner)).rejects.toThrow('KEYS_FOLDER_WITHOUT_KEYS');
    expect(calls).toEqual([
      ['end', miner],
      ['startAgain', miner],
    ]);
  });

  it('begins once, however often it is asked', async () => {
    const { desk, starts } = host(joined);
    const both = await Promise.allSettled([desk.become(miner), desk.become(miner)]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(starts).toHaveLength(1);
  });
});

describe('what works beside a practice', () => {
  const beside = { ...joined, beside: 'practice' } as const;
  const origins: Record<string, RunOrigin> = {
    practice: { kind: 'practice' },
    own: beside,
    far: joined,
    old: beside,
  };

  function runsOf() {
    const events = listeners<{ gone: { id: Ss58 } }>();
    const calls: string[] = [];
    const live = new Map<string, unknown>([
      ['practice', {}],
      ['own', {}],
      ['far', {}],
    ]);
    const runs = {
      on: events.on,
      live,
      stopped: [{ id: 'old' }],
      originOf: (id: string) => origins[id],
      factsOf: () => ({ controls: ['start-over'] }),
      async end(id: string) {
        calls.push(`end ${id}`);
        live.delete(id);
        events.emit('gone', { id: id as Ss58 });
      },
      forget: async (id: string) => void calls.push(`forget ${id}`),
      start: async ({ kind }: RunOrigin) => void calls.push(`start ${kind}`),
    } as unknown as Runs;
    return { runs, calls, events };
  }

  it('is told from runs of other networks, running and stopped', () => {
    expect(besidePractice(runsOf().runs)).toEqual(['own', 'old']);
  });

  it('ends with it, and nothing else does', async () => {
    const { runs, calls } = runsOf();
    endWithPractice(runs, () => undefined);
    await runs.end('far' as Ss58, 'now');
    expect(calls).toEqual(['end far']);
    await runs.end('practice' as Ss58, 'now');
    expect(calls).toEqual(['end far', 'end practice', 'end own']);
  });

  it('is gone with the practice that is begun anew', async () => {
    const { runs, calls } = runsOf();
    endWithPractice(runs, () => undefined);
    await startOver(runs, 'practice' as Ss58, join(folder, 'practice'));
    expect(calls).toEqual([
      ...['end own', 'forget own', 'forget old'],
      ...['end practice', 'forget practice', 'start practice'],
    ]);
  });
});
