import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSeenAnnouncements } from '../../src-main/join/seen-announcements.ts';
import type { Networks } from '../../src-main/network/networks.ts';
import type { JoinedRun, RunOrigin } from '../../src-main/runs/kept-runs.ts';
import type { LiveRun } from '../../src-main/runs/live-run.ts';
import type { Runs } from '../../src-main/runs/runs.ts';
import { openSuccessorDesk } from '../../src-main/successor-desk.ts';
import { listeners } from '../../src-node/listeners.ts';
import { NO_IDENTITY } from '../../src-shared/chain/subnet-identity.ts';
import type { SuccessorView } from '../../src-shared/contract/page/successor.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import { profilePath, withAnnouncement } from '../../src-shared/profile/announcement.ts';
import { profileHash } from '../../src-shared/profile/profile.ts';
import type { Consensus, Profile } from '../../src-shared/profile/schema.ts';
import { practiceProfile } from '../../src-shared/profile/shipped.ts';
import { defaultSettings } from '../../src-shared/settings.ts';
import { hex, ss58 } from '../../src-shared/units.ts';

const owner = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
const hotkey = ss58('5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty');
const genesis = hex('ab'.repeat(32));
const own = practiceProfile({
  ...{ witness: owner, ownerColdkey: owner, genesis },
  ...{ endpoint: 'ws://127.0.0.1:9944', bootstrap: ['/ip4/127.0.0.1/tcp/4001'] },
});
const after = (before: Profile, changes: Partial<Consensus>): Profile => ({
  local: { ...before.local, bootstrap: ['/ip4/127.0.0.1/tcp/4002'] },
  consensus: {
    ...before.consensus,
    predecessor: { hash: profileHash(before.consensus), afterRound: 9 },
    ...changes,
  },
});
const second = after(own, { name: 'second', model: { ...own.consensus.model, layers: 3 } });
const third = after(second, { name: 'third' });
const unrelated: Profile = { ...own, consensus: { ...own.consensus, name: 'another' } };

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'successor-'));
  for (const profile of [own, second, third, unrelated]) {
    const path = join(home, profilePath(profileHash(profile.consensus)));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, JSON.stringify(profile));
  }
});
afterEach(() => rm(home, { recursive: true, force: true }));

const origin: JoinedRun = {
  ...{ kind: 'joined', networkName: 'lan', genesisHash: genesis, endpoints: ['ws://127.0.0.1:9944'] },
  ...{ profile: own, role: 'miner', keysDir: '/keys', bootstrap: ['/ip4/127.0.0.1/tcp/4009'], listen: null },
};

/** A host with one run; each `look` lets the desk look once more, and waits until it has. */
function host(from: RunOrigin = origin) {
  let additional = '';
  const begun = listeners<{ begun: LiveRun; gone: LiveRun; failed: never }>();
  const working = listeners<{ working: unknown }>();
  const looked: (() => void)[] = [];
  const waits: (() => void)[] = [];
  const seenViews: (SuccessorView | null)[] = [];
  const notices: CodedError[] = [];
  const cleared: string[] = [];
  const log: string[] = [];
  const calls: unknown[] = [];
  let failsToStart: Error | null = null;
  const live = { id: hotkey, on: working.on } as unknown as LiveRun;
  const network = {
    ...{ genesisHash: genesis, endpoint: 'ws://127.0.0.1:9944' },
    finalized: { number: 7, hash: hex('cd'.repeat(32)), seenAtMs: 0 },
    money: {
      subnet: async () => ({ isThere: true, ownerColdkey: owner }),
      identity: async () => ({ ...NO_IDENTITY, additional }),
    },
  };
  const desk = openSuccessorDesk({
    runs: {
      on: begun.on,
      originOf: () => from,
      end: async (id: string) => void calls.push(['end', id]),
      startAgain: async (id: string) => void calls.push(['startAgain', id]),
      async start(next: RunOrigin) {
        if (failsToStart) throw failsToStart;
        calls.push(['start', next]);
        return { id: hotkey };
      },
    } as unknown as Runs,
    networks: { open: async () => ({ network, release: async () => undefined }) } as unknown as Networks,
    seen: openSeenAnnouncements(home, () => undefined),
    keeper: { updateRun: (_id, { successor }) => void seenViews.push(successor ?? null) },
    told: {
      of: () => ({
        notice: (error) => void notices.push(error),
        clearNotice: (code) => void cleared.push(code),
      }),
    },
    settings: () => defaultSettings,
    pause: (_ms, signal) =>
      new Promise((resolve) => {
        waits.push(resolve);
        signal.addEventListener('abort', () => resolve());
        looked.shift()?.();
      }),
    log: (line) => void log.push(line),
  });
  const begin = () => {
    begun.emit('begun', live);
    working.emit('working', {});
  };
  return {
    ...{ desk, seenViews, notices, cleared, log, calls, begin },
    announce(profile: Profile | null, block = 3) {
      const store = { kind: 'folder', path: home } as const;
      additional = profile
        ? withAnnouncement('', { block, profileHash: profileHash(profile.consensus), store })
        : '';
    },
    look() {
      const done = new Promise<void>((resolve) => looked.push(resolve));
      if (waits.length === 0) begin();
      else waits.shift()!();
      return done;
    },
    gone: () => begun.emit('gone', live),
    failToStart: (error: Error) => {
      failsToStart = error;
    },
  };
}

describe('a run that takes over from one of this host', () => {
  it('is told with what it does otherwise once its owner announces it, and once', async () => {
    const scene = host();
    scene.announce(own);
    await scene.look();
    expect(scene.seenViews.filter(Boolean)).toEqual([]);
    scene.announce(second, 5);
    await scene.look();
    await scene.look();
    expect(scene.seenViews.filter(Boolean)).toMatchObject([
      { summary: { name: 'second', predecessor: { afterRound: 9 } }, changes: ['model'], block: 5 },
    ]);
    expect(scene.notices).toEqual([
      { code: 'RUN_SUCCEEDED', params: { run: own.consensus.name, name: 'second' } },
    ]);
    await scene.desk.stop();
  });

  it('is found also where it follows a run that follows ours', async () => {
    const scene = host();
    scene.announce(third);
    await scene.look();
    expect(scene.seenViews.at(-1)).toMatchObject({ summary: { name: 'third' } });
    await scene.desk.stop();
  });

  it('is none where another run is announced that follows nobody', async () => {
    const scene = host();
    scene.announce(unrelated);
    await scene.look();
    expect(scene.seenViews.filter(Boolean)).toEqual([]);
    expect(scene.notices).toEqual([]);
    await scene.desk.stop();
  });

  it('is taken back when the owner withdraws it', async () => {
    const scene = host();
    scene.announce(second);
    await scene.look();
    scene.announce(null);
    await scene.look();
    expect(scene.seenViews.at(-1)).toBeNull();
    expect(scene.cleared).toContain('RUN_SUCCEEDED');
    await scene.desk.stop();
  });

  it('is gone over to with the keys, role and addresses of before, and its own peers', async () => {
    const scene = host();
    scene.announce(second);
    await scene.look();
    await scene.desk.follow(hotkey, profileHash(second.consensus));
    const next = {
      ...origin,
      profile: { consensus: second.consensus, local: { ...second.local, endpoints: own.local.endpoints } },
      bootstrap: second.local.bootstrap,
    };
    expect(scene.calls).toEqual([
      ['end', hotkey],
      ['start', next],
    ]);
    await scene.desk.stop();
  });

  it('is not gone over to where a person looked at another one', async () => {
    const scene = host();
    scene.announce(second);
    await scene.look();
    const follow = scene.desk.follow(hotkey, profileHash(third.consensus));
    await expect(follow).rejects.toMatchObject({ code: 'SUCCESSOR_OTHER' });
    expect(scene.calls).toEqual([]);
    await scene.desk.stop();
  });

  it('is not gone over to where its owner withdrew it after it was looked at', async () => {
    const scene = host();
    scene.announce(second);
    await scene.look();
    scene.announce(null);
    const follow = scene.desk.follow(hotkey, profileHash(second.consensus));
    await expect(follow).rejects.toMatchObject({ code: 'SUCCESSOR_OTHER' });
    expect(scene.calls).toEqual([]);
    expect(scene.seenViews.at(-1)).toBeNull();
    await scene.desk.stop();
  });

  it('is gone over to once where a page and a terminal say so at the same time', async () => {
    const scene = host();
    scene.announce(second);
    await scene.look();
    const hash = profileHash(second.consensus);
    const [one, other] = await Promise.allSettled([
      scene.desk.follow(hotkey, hash),
      scene.desk.follow(hotkey, hash),
    ]);
    expect(one).toMatchObject({ status: 'fulfilled' });
    expect(other).toMatchObject({ status: 'rejected', reason: { code: 'NOT_NOW' } });
    expect(scene.calls.map((call) => (call as [string])[0])).toEqual(['end', 'start']);
    await scene.desk.stop();
  });

  it('brings no mark of its own: what its store writes there is nobody’s word', async () => {
    const scene = host();
    const marked: Profile = { ...second, local: { ...second.local, mark: 'REAL MONEY', textFolder: '/etc' } };
    await writeFile(join(home, profilePath(profileHash(second.consensus))), JSON.stringify(marked));
    scene.announce(second);
    await scene.look();
    await scene.desk.follow(hotkey, profileHash(second.consensus));
    expect(scene.calls.at(-1)).toMatchObject(['start', { profile: { local: { mark: own.local.mark } } }]);
    expect(scene.seenViews.at(-1)).toMatchObject({ summary: { mark: own.local.mark } });
    await scene.desk.stop();
  });

  it('leaves the run of before at work where it cannot begin', async () => {
    const scene = host();
    scene.announce(second);
    await scene.look();
    scene.failToStart(new Error('no keys'));
    await expect(scene.desk.follow(hotkey, profileHash(second.consensus))).rejects.toThrow('no keys');
    expect(scene.calls).toEqual([
      ['end', hotkey],
      ['startAgain', hotkey],
    ]);
    await scene.desk.stop();
  });

  it('is looked for again after a store that was silent', async () => {
    const scene = host();
    scene.announce(second);
    const path = join(home, profilePath(profileHash(second.consensus)));
    await rm(path);
    await scene.look();
    expect(scene.log).toHaveLength(1);
    await writeFile(path, JSON.stringify(second));
    await scene.look();
    expect(scene.seenViews.at(-1)).toMatchObject({ summary: { name: 'second' } });
    await scene.desk.stop();
  });

  it.each<[string, RunOrigin]>([
    ['in a practice', { kind: 'practice' }],
    ['beside one', { ...origin, beside: 'practice' }],
  ])('is not looked for %s', async (_where, from) => {
    const scene = host(from);
    scene.announce(second);
    scene.begin();
    await scene.desk.stop();
    expect(scene.seenViews).toEqual([]);
  });
});
