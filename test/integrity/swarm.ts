import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '../../src-node/sha256.ts';
import type { Consensus, Profile } from '../../src-shared/profile/schema.ts';
import { addressOf } from '../../src-shared/rounds/ss58.ts';
import { alphaRao, type Ss58 } from '../../src-shared/units.ts';
import { type FakeChain, fakeChain } from '../fakes/fake-chain.ts';
import { MemoryWorld } from '../src-worker/swarm/memory-network.ts';
import { Economy } from './economy.ts';
import { type Member, type Part, peerKeyOf, startMember } from './member.ts';
import { PlayedClock } from './played-clock.ts';
import { integrityProfile, START, TEMPO } from './profile.ts';

export type Seat = Omit<Part, 'hotkey'>;

export interface SwarmOptions {
  /** Who validates; the first uids are theirs. */
  readonly validators: readonly Seat[];
  readonly miners: readonly Seat[];
  /** Another run than everybody's. */
  readonly consensus?: (usual: Consensus) => Consensus;
  /** Registered, and nobody is there. */
  readonly idle?: number;
}

/** A swarm whose blocks are sealed by hand and whose miners are paid. */
export interface PlayedSwarm {
  readonly chain: FakeChain;
  readonly economy: Economy;
  /** In the order of uids, those that nobody sits on left out. */
  readonly members: readonly Member[];
  readonly profile: Profile;
  readonly uidOf: (member: Member) => number;
  /** Plays whole rounds. @param between what happens once a round's first block is seen */
  play(rounds: number, between?: (round: number) => Promise<void> | void): Promise<void>;
  /** A host that ends and starts again with what lies on its disk. */
  restart(index: number): Promise<void>;
  /** Its computer sleeps, or wakes: meanwhile nobody reaches it, and it reaches nobody. */
  sleep(index: number, isAsleep: boolean): void;
  /** From now on what it sends leaves at this rate. */
  slow(index: number, bytesPerS: number): void;
  stop(): Promise<void>;
}

const STAKE = alphaRao(1_000_000_000n);
const keyOf = (name: string): Ss58 => addressOf(sha256(new TextEncoder().encode(`integrity ${name}`)));

export async function startSwarm({
  validators,
  miners,
  idle = 0,
  consensus = (usual) => usual,
}: SwarmOptions): Promise<PlayedSwarm> {
  const seats = [...validators, ...miners];
  const parts = seats.map((seat, uid): Part => ({ ...seat, hotkey: keyOf(String(uid)) }));
  const everybody = parts.map(({ hotkey }) => hotkey);
  const [first = keyOf('none'), ...others] = everybody.slice(0, validators.length);
  const usual = integrityProfile([first, ...others], keyOf('owner'));
  const profile: Profile = { ...usual, consensus: consensus(usual.consensus) };
  const chain = fakeChain({
    neurons: [...everybody, ...Array.from({ length: idle }, (_, i) => keyOf(`idle ${i}`))].map(
      (hotkey, uid) => ({
        hotkey,
        ...(uid < validators.length && { validatorPermit: true, stakeAlpha: STAKE }),
      }),
    ),
    subnet: { tempo: TEMPO, firstEmissionBlock: START },
  });
  const clock = new PlayedClock();
  const home = await mkdtemp(join(tmpdir(), 'butterfly-integrity-'));
  const abort = new AbortController();
  const world = new MemoryWorld();
  for (const { hotkey } of parts) world.join(hotkey, peerKeyOf(hotkey).publicKey);
  const at = { chain, world, profile, everybody, home, signal: abort.signal };
  chain.sealTo(START - 3);
  const members: Member[] = [];
  for (const part of parts) members.push(await startMember(part, at));
  const economy = new Economy(chain);

  const { blocksPerRound, blockMs, ready } = profile.consensus.clock;
  let next = 0;

  async function playRound(between: (round: number) => Promise<void> | void): Promise<void> {
    const begins = START + next * blocksPerRound;
    for (let block = begins; block < begins + blocksPerRound; block++) {
      chain.sealTo(block);
      await clock.pass(blockMs);
      if (block === begins + ready - 2) await between(next);
      if ((block - START + 1) % (TEMPO + 1) === 0) economy.end(chain.snapshot?.neurons ?? []);
    }
    next += 1;
  }

  return {
    ...{ chain, economy, members, profile },
    uidOf: (member) => everybody.indexOf(member.part.hotkey),
    async play(rounds, between = () => undefined) {
      for (let i = 0; i < rounds; i++) await playRound(between);
    },
    async restart(index) {
      const { part, stop } = members[index]!;
      await clock.until(stop());
      members[index] = await startMember(part, at);
    },
    sleep(index, isAsleep) {
      const { hotkey } = members[index]!.part;
      for (const other of everybody) {
        if (other === hotkey) continue;
        if (isAsleep) world.part(hotkey, other);
        else world.meet(hotkey, other);
      }
    },
    slow: (index, bytesPerS) => world.slow(members[index]!.part.hotkey, bytesPerS),
    async stop() {
      abort.abort();
      for (const member of members) await clock.until(member.stop());
      clock.restore();
      await rm(home, { recursive: true, force: true });
    },
  };
}
