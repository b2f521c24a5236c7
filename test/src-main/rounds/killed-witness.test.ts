import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { RecordWriter } from '../../../src-main/rounds/commands.ts';
import { seededOrder } from '../../../src-shared/rounds/proposer.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import type { FakeSwarm } from '../../fakes/fake-swarm.ts';
import { guardDisk } from '../../power-cut.ts';
import { momentsApart } from '../../runs.ts';
import { type Group, outcomes, seen, startGroup } from './group.ts';
import { addressOf, digestOf, miners, START, witness } from './machine-bench.ts';

const groups: Group[] = [];
const undo: (() => void)[] = [];

async function dropGroups(): Promise<void> {
  for (const restore of undo.splice(0)) restore();
  for (const group of groups.splice(0)) await group.stop();
}

// A host that dies says so at every word that it can no longer say.
beforeEach(() => void vi.spyOn(console, 'error').mockReturnValue(undefined));
afterEach(async () => {
  await dropGroups();
  vi.restoreAllMocks();
});

const names = [witness, ...['wanda', 'xaver'].map(addressOf)];
/** Early enough that a host which is gone for a block costs no round. */
const clock = { ready: 6, roster: 7 };

type Any = (...given: unknown[]) => Promise<unknown>;

/**
 * The first life of one host. Whatever it waits for has a moment before it and one behind it: a change to its disk, a word
 * to a child, a record to the chain. At moment `at` it is killed: that does not happen, nor anything that it does later.
 */
class Life {
  readonly #at: number;
  #moments = 0;
  isDead = false;
  /** Whose it is, once that is known. */
  of: Ss58 | null = null;
  /** Nothing of it is under way any more: its disk is the next one's. */
  isOver = false;
  /** What it was about to do, for who reads of a failure. */
  last = '';

  constructor(at: number) {
    this.#at = at;
  }

  moment(what: string): void {
    if (!this.isDead && this.#moments++ < this.#at) return;
    if (!this.isDead) this.last = what;
    this.isDead = true;
    throw new Error('killed');
  }

  /** What stands between the host and something that it calls. */
  async around<T>(what: string, hotkey: Ss58, work: () => Promise<T>): Promise<T> {
    if (this.of !== hotkey) return work();
    this.moment(`before ${what}`);
    const answer = await work();
    this.moment(`behind ${what}`);
    return answer;
  }
}

/** Each life of a swarm's host is its own: one that was killed calls it no more. */
const mortal = (life: Life) => (swarm: FakeSwarm, hotkey: Ss58) => {
  const call = swarm.call as Any;
  const isFirst = !life.isDead;
  const around: Any = (name, ...given) =>
    isFirst ? life.around(`${name}`, hotkey, () => call(name, ...given)) : call(name, ...given);
  return Object.assign(Object.create(swarm) as FakeSwarm, { call: around });
};

/** A group whose first witness in the order of round 0 is killed at that moment. */
async function mortalGroup(at: number, count: number) {
  const life = new Life(at);
  const votes = new Map<Ss58, Set<string>>();
  const heard = (writer: RecordWriter, hotkey: Ss58): RecordWriter => {
    const isFirst = !life.isDead;
    return {
      writeRecord(write, signal) {
        const hand = () => {
          const said = votes.get(hotkey) ?? new Set();
          const field = Buffer.from(write.field).toString('hex');
          if (write.decision.startsWith('result')) votes.set(hotkey, said.add(field));
          return writer.writeRecord(write, signal);
        };
        return isFirst ? life.around(write.decision, hotkey, hand) : hand();
      },
    };
  };
  const witnesses = names.slice(0, count);
  const group = await startGroup({ clock, witnesses, heard, between: mortal(life) });
  groups.push(group);
  await group.to(START);
  const blockHash = await group.chain.blockHash(START, AbortSignal.timeout(1_000));
  const [first] = seededOrder(witnesses, blockHash, 'propose') as [Ss58];
  const peer = group.peers.get(first)!;
  const { train } = peer;
  const call = train.call as Any;
  const mortalCall: Any = (name, ...given) => life.around(`${name}`, first, () => call(name, ...given));
  Object.assign(train, { call: mortalCall });
  undo.push(
    await guardDisk((path) => {
      if (!life.isOver && path.startsWith(peer.dataDir)) life.moment(`a change to ${path}`);
    }),
  );
  life.of = first;
  /** What was under way has come to its end. */
  function bury(): void {
    life.isOver = true;
    Object.assign(train, { call });
  }
  return { group, life, first, votes, bury };
}

/**
 * Plays a round whose first witness is killed at that moment, and started again at once. Alone it would list other results
 * in its second life, and once it has spoken of its result it would have another one.
 * @returns what it was killed at, null where it never came so far
 */
async function killedAt(at: number, count: number): Promise<string | null> {
  const { group, life, first, votes, bury } = await mortalGroup(at, count);
  group.hub.holdOther(first, count === 1);
  let wasKilled = false;
  for (let block = START + 1; block <= seen(0, 19); block++) {
    await group.to(block);
    if (!life.isDead || wasKilled) continue;
    wasKilled = true;
    bury();
    group.hub.holdOther(first, false);
    const other = { baseDigest: digestOf('other base'), resultsDigest: digestOf('other results') };
    const { train } = group.peers.get(first)!;
    if (group.hub.hasSaid(first, 'result', 0))
      train.answerNext('prepare', { ...other, resultId: digestOf('other result') });
    await group.restart(first);
  }
  const killed = wasKilled ? life.last : null;
  const at_ = `killed at moment ${at}, ${killed}`;
  expect(group.hub.contradictions, at_).toEqual([]);
  expect(votes.get(first)?.size ?? 0, at_).toBeLessThanOrEqual(1);
  expect(
    miners.map((miner) => outcomes(group.peers.get(miner))),
    at_,
  ).toEqual(miners.map(() => ['committed']));
  await dropGroups();
  return killed;
}

it.each([1, 3])(
  'a witness of %i whose host is killed at any of its awaits signs one list and one vote, and the round commits',
  async (count) => {
    const moments: string[] = [];
    const apart = momentsApart(7);
    for (let at = 0; ; at += apart) {
      const killed = await killedAt(at, count);
      if (killed === null) break;
      moments.push(killed);
    }
    expect(moments.length * apart).toBeGreaterThan(40);
  },
);
