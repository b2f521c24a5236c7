import { rm } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { swarmAdversarySchema, turnedDigest } from '../../../src-shared/contract/adversary.ts';
import type { Ready } from '../../../src-shared/rounds/messages.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { partsOf } from '../../../src-worker/swarm/adversaries/adversaries.ts';
import { votingFalsely } from '../../../src-worker/swarm/adversaries/false-witness.ts';
import { LyingCoder } from '../../../src-worker/swarm/adversaries/lying-reducer.ts';
import type { Control } from '../../../src-worker/swarm/control/control.ts';
import type { Said } from '../../../src-worker/swarm/control/payloads.ts';
import { ask, serveAnswers } from '../../../src-worker/swarm/net/ask.ts';
import { toBytes } from '../../../src-worker/swarm/net/json.ts';
import type { Network } from '../../../src-worker/swarm/net/link.ts';
import { honestParts, type SwarmParts } from '../../../src-worker/swarm/protocols.ts';
import { later } from '../../../src-worker/swarm/state/protocol.ts';
import { soon } from '../../soon.ts';
import { MemoryWorld } from './memory-network.ts';
import { gridOf, type TestMember, testConsensus, testMember, ZERO } from './round.ts';

const signal = new AbortController().signal;
const limits = { maxBytes: 1_000, limitMs: 1_000 };

const opened: { readonly control: Control; readonly spoolDir: string }[] = [];
afterEach(async () => {
  for (const { control, spoolDir } of opened.splice(0)) {
    control.stop();
    await rm(spoolDir, { recursive: true });
  }
});

interface Peer {
  readonly hotkey: Ss58;
  readonly network: Network;
  readonly control: Control;
  /** What it heard, by who said it. */
  readonly heard: { readonly said: Said; readonly signer: Ss58 }[];
}

/** Peers that speak with each other, each made of its own parts. */
async function peers(...of: readonly SwarmParts[]): Promise<Peer[]> {
  const world = new MemoryWorld();
  const members = await Promise.all(of.map((_, i) => testMember(i)));
  const joined = members.map(({ hotkey, key }) => world.join(hotkey, key.publicKey));
  const made = of.map((parts, i) => peerOf(parts, members[i]!, joined[i]!));
  const everybody = new Set(members.map(({ hotkey }) => hotkey));
  for (const { control } of made) control.setMembers(everybody, new Set());
  return made;
}

function peerOf(parts: SwarmParts, { hotkey, key, spoolDir }: TestMember, inner: Network): Peer {
  const network = parts.networkOf(inner);
  const heard: Peer['heard'] = [];
  const nothing = () => undefined;
  const control = parts.controlOf({
    network,
    runTag: '0123456789abcdef',
    sign: key.sign,
    events: {
      onSaid: (said, signer) => heard.push({ said, signer }),
      ...{ onRoster: nothing, onProposal: nothing, onResults: nothing },
      ...{ onResultsProposal: nothing, onContradiction: nothing },
    },
  });
  opened.push({ control, spoolDir });
  return { hotkey, network, control, heard };
}

const readyOf = ({ hotkey }: Peer, over: Partial<Ready> = {}): Ready => ({
  ...{
    round: 3,
    hotkey,
    baseId: ZERO,
    schemaHash: ZERO,
    codec: 'fp16',
    upBytesPerS: 1_000,
    downBytesPerS: 2_000,
  },
  ...{ weight: 5, norm: 1, root: ZERO, workDigest: ZERO, sequences: 7 },
  ...over,
});

const readiesFrom = (hearer: Peer, speaker: Peer): Ready[] =>
  hearer.heard.flatMap(({ said, signer }) =>
    said.kind === 'ready' && signer === speaker.hotkey ? [said.body] : [],
  );

describe('dishonest peers', () => {
  it('are each made of something else than honest ones', () => {
    for (const name of swarmAdversarySchema.options) {
      const parts = partsOf(name);
      const kinds = Object.keys(honestParts) as (keyof SwarmParts)[];
      expect(
        kinds.filter((part) => parts[part] !== honestParts[part]),
        name,
      ).not.toEqual([]);
    }
    expect(partsOf(undefined)).toBe(honestParts);
  });

  it('lie with their own coder where they reduce', () => {
    const consensus = testConsensus();
    const coder = partsOf('lying-reducer').coderOf(gridOf(2_048, consensus), consensus);
    expect(coder).toBeInstanceOf(LyingCoder);
  });

  it.each([
    ['over-claimer', 20_000, 40_000],
    ['under-declarer', 50, 100],
  ] as const)('announce another rate than theirs: %s', async (name, upBytesPerS, downBytesPerS) => {
    const [liar, other] = (await peers(partsOf(name), honestParts)) as [Peer, Peer];
    liar.control.say('ready', readyOf(liar));
    await soon(() =>
      expect(readiesFrom(other, liar)).toEqual([readyOf(liar, { upBytesPerS, downBytesPerS })]),
    );
  });

  it('equivocate: every other peer hears of twice the work', async () => {
    const [liar, ...others] = await peers(partsOf('equivocator'), honestParts, honestParts);
    liar!.control.say('ready', readyOf(liar!));
    const lastOf = (peer: Peer) => readiesFrom(peer, liar!).at(-1)?.sequences;
    await soon(() => expect(new Set(others.map(lastOf))).toEqual(new Set([7, 14])));
  });

  it('copy the Ready that they hear, and hand on the work of who said it', async () => {
    const [liar, model] = (await peers(partsOf('copier'), honestParts)) as [Peer, Peer];
    const record = toBytes({ work: 'of the other' });
    serveAnswers(model.network, 'work', limits, async () => record);
    liar.network.handle('work', async (link) => link.abort());
    liar.control.say('ready', readyOf(liar));
    model.control.say('ready', readyOf(model, { norm: 2, sequences: 9, workDigest: turnedDigest(ZERO) }));
    const copied = { norm: 2, sequences: 9, workDigest: turnedDigest(ZERO) };
    await soon(() => expect(readiesFrom(model, liar)).toEqual([readyOf(liar, copied)]));
    const asked = { ...limits, signal };
    const answer = await ask(
      model.network,
      { hotkey: liar.hotkey, protocol: 'work' },
      toBytes({ round: 3 }),
      asked,
    );
    expect(answer).toEqual(record);
  });

  it('withhold what an exchange is made of, and answer checks', async () => {
    const [liar, other] = (await peers(partsOf('withholder'), honestParts)) as [Peer, Peer];
    for (const peer of [liar, other])
      for (const protocol of ['reduce', 'work'] as const)
        serveAnswers(peer.network, protocol, limits, async (question) => question);
    const asking = (from: Peer, to: Peer, protocol: 'reduce' | 'work') =>
      ask(from.network, { hotkey: to.hotkey, protocol }, Uint8Array.of(1), { ...limits, signal });
    await expect(asking(other, liar, 'work')).resolves.toEqual(Uint8Array.of(1));
    await expect(asking(other, liar, 'reduce')).rejects.toMatchObject({ code: expect.any(String) });
    await expect(asking(liar, other, 'reduce')).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
  });

  it('say "later" to whoever would look at their state or contribution, and answer all else', async () => {
    const [liar, judge] = (await peers(partsOf('staller'), honestParts)) as [Peer, Peer];
    for (const protocol of ['state', 'contribution', 'work'] as const)
      serveAnswers(liar.network, protocol, limits, async (question) => question);
    const asking = (protocol: 'state' | 'contribution' | 'work') =>
      ask(judge.network, { hotkey: liar.hotkey, protocol }, Uint8Array.of(1), { ...limits, signal });
    for (const protocol of ['state', 'contribution'] as const)
      await expect(asking(protocol)).resolves.toEqual(later());
    await expect(asking('work')).resolves.toEqual(Uint8Array.of(1));
  });

  it('vouch for who announces their sign, and for nobody else', async () => {
    const [one, friend, other] = (await peers(partsOf('sybil-pair'), partsOf('sybil-pair'), honestParts)) as [
      Peer,
      Peer,
      Peer,
    ];
    friend.control.say('ready', readyOf(friend));
    await soon(() => expect(readiesFrom(one, friend)).toHaveLength(1));
    const claimOf = (from: Peer) => ({
      round: 3,
      from: from.hotkey,
      to: one.hotkey,
      bytes: 10,
      durationMs: 500,
    });
    const receipts = [friend, other].map((from) => ({
      claim: claimOf(from),
      countersignature: 'ab'.repeat(64),
    }));
    one.control.say('receipts', { round: 3, receipts });
    await soon(() =>
      expect(other.heard).toContainEqual({
        signer: one.hotkey,
        said: {
          kind: 'receipts',
          round: 3,
          body: {
            round: 3,
            receipts: [
              { claim: { ...claimOf(friend), durationMs: 0.5 }, countersignature: null },
              receipts[1],
            ],
          },
        },
      }),
    );
  });

  it('vote for what is not so', () => {
    const vote = { round: 1, rosterDigest: ZERO, resultsDigest: ZERO, proposer: 'me' };
    expect(votingFalsely('results', vote)).toEqual({ ...vote, resultsDigest: 'f'.repeat(64) });
    const result = { round: 1, resultId: ZERO, baseDigest: ZERO };
    expect(votingFalsely('result', result)).toMatchObject({ resultId: 'f'.repeat(64) });
    const roster = { round: 1, members: ['a', 'b'] };
    expect(votingFalsely('roster', roster)).toEqual({ round: 1, members: ['a'] });
  });
});
