import type { Ss58 } from '../../src-shared/units.ts';
import { DhtPeer, identity } from '../../test/src-worker/swarm/mesh/dht-rig.ts';
import { type Figure, figure } from '../report/figures.ts';

const NAME = 'dht-get-churn';
const PEERS = 64;
/** A fifth. */
const LEAVING = 13;
const ROUNDS = 5;
const GETS_A_ROUND = 240;
const GETS_AT_ONCE = 8;
/** Whom a peer knows when it comes: its bootstrap peers, and some that these name. */
const DOORS = 4;

/**
 * Share of questions to the DHT that find the record of a member that is there, while in each round a fifth of 64
 * members leaves without a word and as many others come. All of them on this computer.
 */
export async function dhtGetUnderChurn(): Promise<Figure> {
  const everybody = Array.from({ length: PEERS + ROUNDS * LEAVING }, (_, number) => identity(number));
  const registered: Ss58[] = [];
  const waiting = [...everybody];
  const here: DhtPeer[] = [];
  const draw = drawing();
  const come = async () => {
    const own = waiting.shift()!;
    // Of whom the chain names and nobody heard, each looks for some every half a minute: those to come are not named yet.
    registered.push(own.hotkey);
    for (const { directory } of here) directory.setMembers(registered);
    const peer = await DhtPeer.start(own, registered);
    // A busy machine answers a door late; the others are enough.
    for (const door of sample(here, DOORS, draw)) await peer.connect(door).catch(() => {});
    here.push(peer);
  };
  let [found, asked] = [0, 0];
  try {
    for (let i = 0; i < PEERS; i++) await come();
    for (let round = 0; round < ROUNDS; round++) {
      const leaving = sample(here, LEAVING, draw);
      await Promise.all(leaving.map((peer) => peer.stop()));
      here.splice(0, PEERS, ...here.filter((peer) => !leaving.includes(peer)));
      for (let i = 0; i < LEAVING; i++) await come();
      for (let i = 0; i < GETS_A_ROUND; i += GETS_AT_ONCE) {
        const pairs = Array.from({ length: GETS_AT_ONCE }, () => sample(here, 2, draw) as [DhtPeer, DhtPeer]);
        const answers = await Promise.all(
          pairs.map(([asker, of]) => asker.dht.find(of.own.hotkey).catch(() => false)),
        );
        asked += answers.length;
        found += answers.filter(Boolean).length;
      }
    }
  } finally {
    await Promise.all(here.map((peer) => peer.stop()));
  }
  return figure(NAME, found / asked, 'of gets', {
    ...{ floor: 0.99, goal: 0.999 },
    seen: `${found} of ${asked} over ${ROUNDS} rounds`,
  });
}

function sample<T>(from: readonly T[], count: number, draw: () => number): T[] {
  const left = [...from];
  return Array.from({ length: Math.min(count, left.length) }, () => {
    const at = Math.floor(draw() * left.length);
    return left.splice(at, 1)[0]!;
  });
}

/** The same draws in every run. @returns 0 to below 1 */
function drawing(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
