import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as scure from '@scure/sr25519';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { entryPath } from '../../../src-main/entry-path.ts';
import { type SupervisedChild, superviseChild } from '../../../src-main/supervisor/supervise.ts';
import type { EventOf } from '../../../src-shared/contract/child.ts';
import { type SwarmContract, swarmContract } from '../../../src-shared/contract/swarm.ts';
import { type Binding, bindingBytes, encodeBinding } from '../../../src-shared/rounds/binding.ts';
import { addressOf } from '../../../src-shared/rounds/ss58.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { type FalseClock, falseClock, hasFalseClock } from '../../../tools/build/false-clock.ts';
import { testConsensus, testMember, ZERO } from './round.ts';

const entry = entryPath('swarm');
/** Of one test, on a busy machine. */
let signal: AbortSignal;
beforeEach(() => {
  signal = AbortSignal.timeout(60_000);
});
const TWO_HOURS_S = 7_200;
const consensus = testConsensus();

interface Peer {
  readonly hotkey: Ss58;
  readonly child: SupervisedChild<SwarmContract>;
  readonly peers: EventOf<SwarmContract, 'peer'>[];
  /** Resolves with the wall clock of the process, in ms, as it says at its next second. */
  wallMs(): Promise<number>;
  meets(other: Peer): Promise<void>;
  signed(change: Partial<Binding>): string;
}

let folder: string;
let clock: FalseClock;
const running: Peer[] = [];

/** A swarm process under the false clock, whose host reads the true time from the chain. */
async function peer(number: number, bootstrap: readonly string[]): Promise<Peer> {
  const member = await testMember(number);
  const secret = scure.secretFromSeed(new Uint8Array(32).fill(100 + number));
  const hotkey = addressOf(scure.getPublicKey(secret));
  const signed = (change: Partial<Binding>) => {
    const notBefore = Math.floor(Date.now() / 1_000);
    const life = { notBefore, notAfter: notBefore + 3_600, seq: 1 };
    const at = { hotkey, peerKey: member.key.publicKey, netuid: consensus.chain.netuid, genesisHash: ZERO };
    const binding = { ...at, ...life, ...change };
    return encodeBinding(binding, scure.sign(secret, bindingBytes(binding)));
  };
  const child = superviseChild({
    contract: swarmContract,
    name: 'swarm',
    entry,
    extraEnv: clock.env,
    limits: { failures: 1 },
    init: () => ({
      hotkey,
      peerSeed: new Uint8Array(member.seed),
      binding: signed({}),
      chainTimeMs: Date.now(),
      genesisHash: ZERO,
      runTag: '0123456789abcdef' as never,
      consensus,
      listen: { host: '127.0.0.1', port: 0 },
      mapsPort: false,
      mayRelay: true,
      bootstrap: [...bootstrap],
      spoolDir: member.spoolDir,
      store: null,
    }),
  });
  const peers: EventOf<SwarmContract, 'peer'>[] = [];
  const changed = new Set<() => void>();
  child.on('peer', (event) => {
    peers.push(event);
    for (const look of changed) look();
  });
  const made: Peer = {
    hotkey,
    child,
    peers,
    signed,
    wallMs: () =>
      new Promise((settle) => {
        const off = child.on('traffic', ({ atMs }) => {
          off();
          settle(atMs);
        });
      }),
    meets: (other) =>
      new Promise((settle) => {
        const look = () => {
          if (peers.some((event) => event.hotkey === other.hotkey && event.connected)) settle();
        };
        changed.add(look);
        look();
      }),
  };
  running.push(made);
  await child.whenReady(signal);
  return made;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clock-back-'));
});
afterEach(() => Promise.all(running.splice(0).map(({ child }) => child.stop())));
afterAll(() => rm(folder, { recursive: true, force: true }));

it.skipIf(!hasFalseClock)(
  'a wall clock set back by two hours parts nobody and keeps nobody out',
  async () => {
    clock = await falseClock(join(folder, 'offset'));
    const a = await peer(1, []);
    const { addresses } = (await a.child.whenReady(signal)).ready;
    const b = await peer(2, addresses);
    const meet = async (all: readonly Peer[]) => {
      const hotkeys = all.map(({ hotkey }) => hotkey);
      for (const { child } of all) await child.call('setMembers', { hotkeys, witnesses: [] }, signal);
      await Promise.all(
        all.flatMap((one) => all.filter((other) => other !== one).map((other) => one.meets(other))),
      );
    };
    await meet([a, b]);
    expect(Math.abs((await a.wallMs()) - Date.now())).toBeLessThan(600_000);

    await clock.shift(-TWO_HOURS_S);
    for (const { wallMs } of [a, b])
      expect(Math.abs((await wallMs()) - Date.now() + TWO_HOURS_S * 1_000)).toBeLessThan(600_000);
    // A greeting on the connection that stands, and one with a newcomer under the same false clock.
    await a.child.call('renewBinding', { binding: a.signed({ seq: 2 }) }, signal);
    await meet([a, b, await peer(3, addresses)]);
    expect(running.flatMap(({ peers }) => peers.filter(({ connected }) => !connected))).toEqual([]);
  },
);
