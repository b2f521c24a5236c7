import { rm } from 'node:fs/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { ChainClock } from '../../../src-node/chain-clock.ts';
import { canonicalJson } from '../../../src-shared/profile/profile.ts';
import type { Binding } from '../../../src-shared/rounds/binding.ts';
import { type Envelope, signEnvelope } from '../../../src-shared/rounds/signed.ts';
import { hex } from '../../../src-shared/units.ts';
import { Audits } from '../../../src-worker/swarm/audit/audits.ts';
import { Challenge } from '../../../src-worker/swarm/challenge.ts';
import { Contributions } from '../../../src-worker/swarm/contributions/contributions.ts';
import { Control } from '../../../src-worker/swarm/control/control.ts';
import { HeldMessages } from '../../../src-worker/swarm/control/held.ts';
import { readPayload } from '../../../src-worker/swarm/control/payloads.ts';
import { dialable, observedAddress } from '../../../src-worker/swarm/mesh/addresses.ts';
import { Directory } from '../../../src-worker/swarm/mesh/directory.ts';
import { BindingDoor, helloSchema } from '../../../src-worker/swarm/mesh/hello.ts';
import { ask, MessageReader, sendMessage } from '../../../src-worker/swarm/net/ask.ts';
import { fromBytes, toBytes } from '../../../src-worker/swarm/net/json.ts';
import type { Protocol } from '../../../src-worker/swarm/net/link.ts';
import { Receipts } from '../../../src-worker/swarm/receipts.ts';
import { Butterfly } from '../../../src-worker/swarm/reduce/butterfly.ts';
import { Lists } from '../../../src-worker/swarm/reduce/lists.ts';
import { Scores } from '../../../src-worker/swarm/scores.ts';
import { StateDonor } from '../../../src-worker/swarm/state/donate.ts';
import { patienceIn } from '../../../src-worker/swarm/state/patience.ts';
import { readAnswer, readManifest } from '../../../src-worker/swarm/state/protocol.ts';
import { Work } from '../../../src-worker/swarm/work.ts';
import { runs } from '../../runs.ts';
import { type MemoryNetwork, MemoryWorld } from './memory-network.ts';
import { gridOf, plainDisk, rosterOf, type TestMember, testConsensus, testMember, ZERO } from './round.ts';

const runTag = hex('0123456789abcdef');
const never = new AbortController().signal;
const consensus = testConsensus();
const many = runs(200, 2_000);
const grid = gridOf(5_000, consensus);

let served: TestMember;
let stranger: TestMember;
let from: MemoryNetwork;
let world: MemoryWorld;
let control: Control;
let audits: Audits;
const heard: unknown[] = [];
const rejections: unknown[] = [];
const note = (thrown: unknown) => rejections.push(thrown);

beforeAll(async () => {
  process.on('unhandledRejection', note);
  [served, stranger] = (await Promise.all([testMember(1), testMember(2)])) as [TestMember, TestMember];
  world = new MemoryWorld();
  const network = world.join(served.hotkey, served.key.publicKey);
  from = world.join(stranger.hotkey, stranger.key.publicKey);
  const { sign } = served.key;
  const onEdges = () => {};
  const spoolDir = served.spoolDir;
  const disk = plainDisk();
  const butterfly = new Butterfly({ network, grid, consensus, spoolDir, sign, disk, onEdges });
  const told = (event: unknown) => heard.push(event);
  const events = {
    onSaid: told,
    onRoster: told,
    onProposal: told,
    onResults: told,
    onResultsProposal: told,
    onContradiction: told,
  };
  control = new Control({ network, runTag, sign, events });
  control.setMembers(new Set([served.hotkey, stranger.hotkey]), new Set([served.hotkey]));
  new Receipts({ network, control, butterfly, runTag, sign });
  new Work(network, served.spoolDir);
  new Lists({ network, chunks: grid.chunks, spoolDir, disk, mayAsk: () => true });
  new Scores(network);
  new Challenge(network);
  const resultsOf = () => null;
  audits = await Audits.open({
    ...{ network, grid, consensus, spoolDir, disk, resultsOf },
    ...{ say: told, onFraud: told },
  });
  const { giving } = new StateDonor(network, 1_024);
  new Contributions({
    ...{ network, rosters: audits.rosters, spoolDir, giving, disk },
    patience: () => patienceIn(consensus.clock, 1),
    isWitness: () => true,
  });
});

afterAll(async () => {
  await audits.stop();
  process.off('unhandledRejection', note);
  for (const { spoolDir } of [served, stranger]) await rm(spoolDir, { recursive: true });
});

const ready = (round: number) => ({
  round,
  hotkey: stranger.hotkey,
  baseId: ZERO,
  schemaHash: ZERO,
  codec: 'fp16',
  upBytesPerS: 0,
  downBytesPerS: 0,
  weight: 1,
  norm: 1,
  root: ZERO,
  workDigest: ZERO,
  sequences: 1,
});

const say = (envelope: unknown) =>
  ask(from, { hotkey: served.hotkey, protocol: 'control' }, toBytes([envelope]), {
    maxBytes: 1,
    limitMs: 5_000,
    signal: never,
  });

/** Opens a stream, says something, and reads until the other side ends it or we have seen enough. */
async function provoke(protocol: Protocol, said: Uint8Array, framed: boolean): Promise<void> {
  const link = await from.open(served.hotkey, protocol, never);
  try {
    if (framed) await sendMessage(link, said);
    else await link.send(said);
    await link.close();
    await new MessageReader(link, 'served').next(1_048_576);
  } catch {
    // A refusal is as good an answer as any here.
  } finally {
    link.abort();
  }
}

describe('doors', () => {
  const protocols: Protocol[] = [
    'control',
    'results',
    'list',
    'work',
    'challenge',
    'state',
    'receipts',
    'scores',
    'audit',
    'contribution',
    'reduce',
  ];

  it.each(protocols)('%s outlives whatever bytes come', async (protocol) => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), fc.boolean(), async (bytes, framed) => {
        await provoke(protocol, bytes, framed);
      }),
      { numRuns: many / 4 },
    );
    expect(rejections).toEqual([]);
  });

  it.each(protocols.filter((protocol) => protocol !== 'reduce'))(
    '%s outlives whatever JSON comes',
    async (protocol) => {
      const kinds = fc.constantFrom('has', 'piece', 'lineage', 'ready', 'roster', 'result', 'receipts');
      const value = fc.oneof(
        fc.jsonValue(),
        fc.record({ kind: kinds, round: fc.jsonValue(), piece: fc.jsonValue(), baseDigest: fc.jsonValue() }),
        fc.array(fc.record({ kind: kinds, payload: fc.json(), signer: fc.string(), signature: fc.string() })),
      );
      await fc.assert(
        fc.asyncProperty(value, async (some) => {
          await provoke(protocol, toBytes(some), true);
        }),
        { numRuns: many / 4 },
      );
      expect(rejections).toEqual([]);
    },
  );

  it('control tells nothing of a message with any letter changed, and still takes a true one', async () => {
    heard.length = 0;
    const envelope = signEnvelope(
      runTag,
      { kind: 'ready', payload: ready(1), signer: stranger.hotkey },
      stranger.key.sign,
    );
    const fields = ['kind', 'payload', 'signer', 'signature'] as const;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...fields),
        fc.nat(),
        fc.constantFrom(...'0az{"'),
        async (field, at, letter) => {
          const text = envelope[field];
          const changed = text.slice(0, at % text.length) + letter + text.slice((at % text.length) + 1);
          if (changed === text) return;
          await say({ ...envelope, [field]: changed }).catch(() => {});
          expect(heard).toEqual([]);
        },
      ),
      { numRuns: many },
    );
    await say(envelope);
    expect(heard).toHaveLength(1);
  });

  it.each<[string, () => Envelope]>([
    [
      'a Ready for somebody else',
      () =>
        signEnvelope(
          runTag,
          { kind: 'ready', payload: { ...ready(2), hotkey: served.hotkey }, signer: stranger.hotkey },
          stranger.key.sign,
        ),
    ],
    [
      'a signer without a known key',
      () =>
        signEnvelope(runTag, { kind: 'ready', payload: ready(2), signer: stranger.hotkey }, served.key.sign),
    ],
    [
      'a roster of one that is no witness',
      () => {
        const { roster } = rosterOf(2, grid, [{ member: stranger, put: null }]);
        return signEnvelope(
          runTag,
          { kind: 'roster', payload: roster, signer: stranger.hotkey },
          stranger.key.sign,
        );
      },
    ],
    [
      'receipts in the name of another receiver',
      () => {
        const claim = { round: 2, from: stranger.hotkey, to: served.hotkey, bytes: 1, durationMs: 1 };
        const payload = { round: 2, receipts: [{ claim, countersignature: null }] };
        return signEnvelope(
          runTag,
          { kind: 'receipts', payload, signer: stranger.hotkey },
          stranger.key.sign,
        );
      },
    ],
  ])('control is deaf to %s', async (_what, made) => {
    heard.length = 0;
    await say(made());
    expect(heard).toEqual([]);
  });

  it('a signer that changes its mind is heard a few times a round, and only pushes out its own words', () => {
    const held = new HeldMessages();
    const of = (round: number, norm: number): Envelope =>
      signEnvelope(
        runTag,
        { kind: 'ready', payload: { ...ready(round), norm }, signer: stranger.hotkey },
        stranger.key.sign,
      );
    const other = signEnvelope(
      runTag,
      { kind: 'result', payload: { round: 1 }, signer: served.hotkey },
      served.key.sign,
    );
    held.take(other, 1);
    const taken = Array.from({ length: 10 }, (_, i) => held.take(of(1, i), 1));
    expect(taken.filter(Boolean)).toHaveLength(4);
    for (let round = 2; round < 50; round++) expect(held.take(of(round, 1), round)).toBe(true);
    expect(held.current(() => true)).toHaveLength(2);
    expect(held.has(other)).toBe(true);
    expect(held.of('ready', 49)).toEqual([of(49, 1)]);
    expect(held.of('ready', 48)).toEqual([]);
  });

  it('replayed Readies of past rounds never put out the newest one', async () => {
    const said = [3, 4, 12].map((round) => signedReady(round));
    for (const envelope of said) await say(envelope);
    heard.length = 0;
    for (const old of [said[0]!, said[1]!, signedReady(11), said[0]!]) await say(old);
    expect(heard).toEqual([]);
    expect(control.said('ready', 12)).toHaveLength(1);
    expect(control.said('ready', 3)).toEqual([]);
  });

  it('a witness that votes again in a round is not heard, whatever was replayed between', async () => {
    const vote = (round: number, medianNorm: number) => {
      const { roster } = rosterOf(round, grid, [{ member: stranger, put: null }]);
      const payload = { ...roster, medianNorm };
      return signEnvelope(runTag, { kind: 'roster', payload, signer: stranger.hotkey }, stranger.key.sign);
    };
    control.setMembers(new Set([served.hotkey, stranger.hotkey]), new Set([stranger.hotkey]));
    onTestFinished(() =>
      control.setMembers(new Set([served.hotkey, stranger.hotkey]), new Set([served.hotkey])),
    );
    for (const round of [5, 6, 12]) await say(vote(round, 0.5));
    heard.length = 0;
    for (const old of [vote(5, 0.5), vote(6, 0.5), vote(12, 0.25), vote(12, 0.125)]) await say(old);
    // Told once, and counted for nothing.
    expect(heard).toEqual([{ hotkey: stranger.hotkey, round: 12 }]);
    const [only, ...more] = control.said('roster', 12);
    expect([more, only?.said.body]).toEqual([[], expect.objectContaining({ medianNorm: 0.5 })]);
  });

  it('rounds beyond the next are refused, and forgotten once the round is known', async () => {
    const far = 1_000_000_000;
    await say(signedReady(far));
    expect(control.said('ready', far)).toHaveLength(1);
    control.setRound(20);
    expect(control.said('ready', far)).toEqual([]);
    heard.length = 0;
    for (const round of [far, 22, 18]) await say(signedReady(round));
    expect(heard).toEqual([]);
    for (const round of [19, 20, 21]) await say(signedReady(round));
    expect(heard).toHaveLength(3);
  });

  it('who comes back is handed what still counts and nothing of the past', async () => {
    control.setRound(30);
    await say(signedReady(30));
    control.say('result', { round: 30, resultId: ZERO, baseDigest: ZERO });
    const arrive = async (name: string): Promise<string[]> => {
      const late = await testMember(name.length + 40);
      onTestFinished(() => rm(late.spoolDir, { recursive: true }));
      const got: string[] = [];
      const network = world.join(late.hotkey, late.key.publicKey);
      const batch = Promise.withResolvers<void>();
      network.handle('control', async (link, sender) => {
        if (sender !== served.hotkey) return link.abort();
        const bytes = await new MessageReader(link, sender).next(1_048_576);
        const envelopes = JSON.parse(Buffer.from(bytes!).toString()) as Envelope[];
        got.push(...envelopes.map(({ kind, payload }) => `${kind} ${JSON.parse(payload).round}`));
        await sendMessage(link, Uint8Array.of(1));
        batch.resolve();
      });
      await batch.promise;
      return got.sort();
    };
    expect(await arrive('a')).toEqual(['ready 30', 'result 30']);
    control.setRound(31);
    control.say('result', { round: 31, resultId: ZERO, baseDigest: ZERO });
    expect(await arrive('bb')).toEqual(['result 31']);
  });

  it('payloads of no kind are read from arbitrary text', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('ready', 'roster', 'result', 'receipts', 'receipt'),
        fc.json(),
        (kind, payload) => {
          const envelope = { kind, payload, signer: stranger.hotkey, signature: '' } as Envelope;
          return readPayload(envelope) === null;
        },
      ),
      { numRuns: many },
    );
  });

  it('a hello of arbitrary content teaches the directory nothing', () => {
    const directory = new Directory(
      new BindingDoor({ netuid: 38, genesisHash: ZERO }, () => false, new ChainClock()),
    );
    const binding = bindingText();
    fc.assert(
      fc.property(
        fc.oneof(fc.json(), fc.constant(binding)),
        fc.array(fc.constantFrom('/ip4/1.2.3.4/tcp/1', '', 'x'), { maxLength: 9 }),
        (text, addresses) => {
          const hello = fromBytes(helloSchema, toBytes({ binding: text, addresses, records: [] }));
          return hello === null || directory.learn(hello) === null;
        },
      ),
      { numRuns: many },
    );
  });

  it('bindings count by the time of the chain, whatever the wall clock says', () => {
    const clock = new ChainClock();
    const door = new BindingDoor({ netuid: 38, genesisHash: ZERO }, () => true, clock);
    const fortnightMs = 14 * 86_400_000;
    const binding = bindingText({ notBefore: 1_700_000_000, notAfter: 1_700_086_400 });
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    // Before any block told the time, a wall clock a day off refuses nobody, and one of another month does.
    vi.setSystemTime(1_700_000_000_000 - 2 * 3_600_000);
    expect(door.verify(binding)?.seq).toBe(1);
    vi.setSystemTime(1_700_000_000_000 + fortnightMs);
    expect(door.verify(binding)).toBeNull();
    clock.set(1_700_000_000_000);
    expect(door.verify(binding)?.seq).toBe(1);
    vi.setSystemTime(0);
    expect(door.verify(binding)?.seq).toBe(1);
    clock.set(1_700_000_000_000 + fortnightMs);
    expect(door.verify(binding)).toBeNull();
  });

  it('a peer at the door is known by the key it has proven, and moves house with an older statement', () => {
    const directory = new Directory(
      new BindingDoor({ netuid: 38, genesisHash: ZERO }, () => true, new ChainClock()),
    );
    const other = hex('ab'.repeat(32));
    const newer = { binding: bindingText({ seq: 5 }), addresses: ['/ip4/127.0.0.1/tcp/9'] };
    expect(directory.meet(newer, other)).toBeNull();
    expect(directory.get(stranger.hotkey)).toBeNull();
    expect(directory.meet(newer, ZERO)?.seq).toBe(5);
    const moved = { binding: bindingText({ seq: 4 }), addresses: ['/ip4/127.0.0.1/tcp/10'] };
    expect(directory.meet(moved, ZERO)).toEqual({
      hotkey: stranger.hotkey,
      peerKey: ZERO,
      seq: 5,
      record: { binding: newer.binding, addresses: moved.addresses },
    });
    const elsewhere = { binding: bindingText({ seq: 4, peerKey: other }), addresses: [] };
    expect(directory.meet(elsewhere, other)).toBeNull();
  });

  it('a hotkey that registers after it first knocked is known from then on', () => {
    const directory = new Directory(
      new BindingDoor({ netuid: 38, genesisHash: ZERO }, () => true, new ChainClock()),
    );
    const binding = bindingText();
    directory.setMembers([served.hotkey]);
    expect(directory.learn({ binding, addresses: ['/ip4/127.0.0.1/tcp/9'] })).toBeNull();
    expect(directory.get(stranger.hotkey)).toBeNull();
    directory.setMembers([served.hotkey, stranger.hotkey]);
    expect(directory.get(stranger.hotkey)?.record.addresses).toEqual(['/ip4/127.0.0.1/tcp/9']);
  });

  it('answers about states are read within their bounds', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 9 }), (bytes, pieces) => {
        const answer = readAnswer(bytes);
        const isRead = answer === null || answer === 'later' || answer.length + 1 === bytes.length;
        const leaves = readManifest(bytes, pieces);
        return isRead && (leaves === null || Buffer.concat(leaves).equals(bytes));
      }),
      { numRuns: many },
    );
    expect(readAnswer(Uint8Array.of(0))).toBe('later');
    expect(readAnswer(Uint8Array.of(1, 7))).toEqual(Uint8Array.of(7));
    expect([[], [0, 0], [2]].map((bytes) => readAnswer(Uint8Array.from(bytes)))).toEqual([null, null, null]);
  });

  it('addresses that point into a machine or a house are not dialled from outside it', () => {
    const learned = [
      '/ip4/127.0.0.1/tcp/22',
      '/ip4/192.168.1.1/tcp/80',
      '/ip4/8.8.8.8/tcp/4001/p2p/12D3KooW',
      '/dns4/example.org/tcp/1',
      '/ip4/1.1.1.1/udp/53',
      '/ip4/0.0.0.0/tcp/1',
    ];
    expect(dialable(learned, '203.0.113.7')).toEqual(['/ip4/8.8.8.8/tcp/4001']);
    expect(dialable(learned, '0.0.0.0')).toEqual(['/ip4/192.168.1.1/tcp/80', '/ip4/8.8.8.8/tcp/4001']);
    expect(dialable(learned, '127.0.0.1')).toContain('/ip4/127.0.0.1/tcp/22');
    expect(observedAddress('/ip4/9.9.9.9/tcp/50123', ['/ip4/10.0.0.4/tcp/4001'])).toEqual([
      '/ip4/9.9.9.9/tcp/4001',
    ]);
  });
});

const signedReady = (round: number): Envelope =>
  signEnvelope(runTag, { kind: 'ready', payload: ready(round), signer: stranger.hotkey }, stranger.key.sign);

/** A binding of the stranger as it travels; its signature is nobody's. */
function bindingText(change: Partial<Binding> = {}): string {
  const binding = { hotkey: stranger.hotkey, peerKey: ZERO, netuid: 38, genesisHash: ZERO };
  const life = { notBefore: 0, notAfter: 2 ** 40, seq: 1 };
  return canonicalJson({ ...binding, ...life, ...change, signature: '00'.repeat(64) });
}
