import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { sha256 } from '../../../src-node/sha256.ts';
import { parameterCount } from '../../../src-shared/model/layout.ts';
import { StateDigest } from '../../../src-shared/reduce/state-digest.ts';
import type { Binding } from '../../../src-shared/rounds/binding.ts';
import type { ResultsName } from '../../../src-shared/rounds/messages.ts';
import { spoolFiles, spoolFolder } from '../../../src-shared/spool.ts';
import { HELLO_LIMIT_MS } from '../../../src-worker/swarm/limits.ts';
import { consensus, dropAll, mesh, Node, never, readyOf, startAt, stop, stopAll } from './node-rig.ts';
import { contribute, digestsOf, gridOf, readAverage, rosterOf, testMember, valuesOf, ZERO } from './round.ts';

afterEach(stopAll);
afterAll(dropAll);

describe('swarm on loopback', () => {
  it('grows one bootstrap address into a full mesh', async () => {
    const nodes = await mesh(5);
    expect(nodes).toHaveLength(5);
  });

  it('tells how the addresses of its profile do: reached, or tried so often and when again', async () => {
    const gone = await Node.start(7);
    await stop(gone);
    const a = await Node.start(0);
    const b = await Node.start(1, [a.address, gone.address]);
    for (const node of [a, b]) await node.members([a, b]);
    const states = await b.heard('addresses', ({ addresses }) => {
      const [first, second] = addresses;
      return first?.isReached === true && (second?.tries ?? 0) >= 2 && second?.retryAtMs !== null;
    });
    expect(states.addresses).toEqual([
      { address: a.address, isReached: true, answeredAtMs: expect.any(Number), tries: 0, retryAtMs: null },
      {
        ...{ address: gone.address, isReached: false, answeredAtMs: null },
        ...{ tries: expect.any(Number), retryAtMs: expect.any(Number) },
      },
    ]);
  });

  it('holds a peer until the members are known, and admits it then', async () => {
    const a = await Node.start(0);
    const b = await Node.start(1, [a.address]);
    await b.members([a, b]);
    expect(a.told.filter((e) => e.name === 'peer')).toEqual([]);
    await a.members([a, b]);
    await Promise.all([a.meets(b), b.meets(a)]);
  });

  it('sends away a peer whose hotkey is no member any more', async () => {
    const [a, b, c] = (await mesh(3)) as [Node, Node, Node];
    await a.members([a, b]);
    await a.heard('peer', (peer) => peer.hotkey === c.hotkey && !peer.connected);
    await c.heard('peer', (peer) => peer.hotkey === a.hotkey && !peer.connected);
  });

  it('says once why it dropped a peer, and nothing more when that one has long gone', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldAdvanceTime: true });
    onTestFinished(() => void vi.useRealTimers());
    const lines = vi.spyOn(console, 'error').mockImplementation(() => {});
    onTestFinished(() => lines.mockRestore());
    const [a, b] = (await mesh(2)) as [Node, Node];
    await a.members([a]);
    await a.heard('peer', (peer) => peer.hotkey === b.hotkey && !peer.connected);
    await stop(b);
    await vi.advanceTimersByTimeAsync(2 * HELLO_LIMIT_MS);
    const said = lines.mock.calls
      .map(([line]) => String(line))
      .filter((line) => line.startsWith('connection'));
    expect(said.filter((line) => line.startsWith('connection inbound'))).toEqual([
      expect.stringMatching(/ended: not registered$/),
    ]);
    expect(said.filter((line) => line.includes('in time'))).toEqual([]);
  });

  it.each<[string, Partial<Binding>]>([
    ['another subnet', { netuid: 1 }],
    ['another chain', { genesisHash: ZERO }],
    ['an hour long past', { notBefore: 1, notAfter: 3_600 }],
    ['another peer key', { peerKey: ZERO }],
  ])('does not start with a binding for %s', async (_what, binding) => {
    await expect(Node.start(0, [], { binding })).rejects.toMatchObject({ code: 'PEER_BINDING_INVALID' });
  });

  it('says which port is already in use', async () => {
    const a = await Node.start(1);
    const port = Number(a.address.split('/')[4]);
    await expect(startAt(a, port)).rejects.toMatchObject({ code: 'PORT_IN_USE', params: { port } });
  });

  it('lets the newer binding of a hotkey win and tells the older one', async () => {
    const [a, b] = (await mesh(2)) as [Node, Node];
    const other = await testMember(77);
    const newer = await Node.start(1, [a.address], {
      member: other,
      binding: { peerKey: other.key.publicKey, seq: 2 },
    });
    await newer.members([a, b]);
    const peerId = newer.swarm.facts.peerId;
    await a.heard('peer', (peer) => peer.hotkey === b.hotkey && peer.peerId === peerId && peer.connected);
    await a.heard('peer', (peer) => peer.hotkey === b.hotkey && peer.peerId !== peerId && !peer.connected);
  });

  it('meets by the time of the chain when every wall clock is set back, and drops nobody', async () => {
    const nowMs = Date.now();
    const a = await Node.start(0, [], { chainTimeMs: nowMs });
    const b = await Node.start(1, [a.address], { chainTimeMs: nowMs });
    for (const node of [a, b]) await node.members([a, b]);
    await Promise.all([a.meets(b), b.meets(a)]);
    vi.useFakeTimers({ toFake: ['Date'], now: nowMs - 2 * 3_600_000 });
    onTestFinished(() => void vi.useRealTimers());
    await a.swarm.handlers.renewBinding({ binding: a.signed({ seq: 2 }, nowMs) }, never);
    const c = await Node.start(2, [b.address], { chainTimeMs: nowMs });
    for (const node of [a, b, c]) await node.members([a, b, c]);
    await Promise.all([a.meets(c), b.meets(c), c.meets(a), c.meets(b)]);
    for (const node of [a, b, c])
      expect(
        node.told.filter((e) => e.name === 'peer' && !(e.payload as { connected: boolean }).connected),
      ).toEqual([]);
  });

  it('tells connected peers of a renewed binding, and takes none that is not its own', async () => {
    const nowMs = Date.now();
    const dayMs = 86_400_000;
    const month = { notAfter: Math.floor(nowMs / 1_000) + 30 * 86_400 };
    const a = await Node.start(0, [], { chainTimeMs: nowMs });
    const b = await Node.start(1, [a.address], { chainTimeMs: nowMs, binding: month });
    for (const node of [a, b]) await node.members([a, b]);
    await Promise.all([a.meets(b), b.meets(a)]);
    const { swarm } = a;
    const foreign = swarm.handlers.renewBinding({ binding: b.signed({}, nowMs) }, never);
    await expect(foreign).rejects.toMatchObject({ code: 'PEER_BINDING_INVALID' });
    await swarm.handlers.announceReady(readyOf(a, 4), never);
    await b.heard('ready', ({ hotkey }) => hotkey === a.hotkey);
    await swarm.handlers.renewBinding({ binding: a.signed({ seq: 2, ...month }, nowMs) }, never);
    await stop(a);
    // A newcomer of the next week, when the first binding has long ended, knows the one that is gone from this record.
    const c = await Node.start(2, [b.address], { chainTimeMs: nowMs + 7 * dayMs, binding: { notBefore: 0 } });
    for (const node of [b, c]) await node.members([a, b, c]);
    await c.heard('ready', ({ hotkey }) => hotkey === a.hotkey);
  });

  it('dials a lost peer again', async () => {
    const [a, b] = (await mesh(2)) as [Node, Node];
    await stop(b);
    await a.heard('peer', (peer) => peer.hotkey === b.hotkey && !peer.connected);
    const port = Number(b.address.split('/')[4]);
    const again = await startAt(b, port);
    const back = () =>
      a.told.filter((e) => e.name === 'peer' && (e.payload as { connected: boolean }).connected);
    while (back().length < 2) await a.heard('traffic', () => back().length >= 2);
    await again.stop();
  });

  it('brings Ready, roster and result to everybody, also to who comes later', async () => {
    const [a, b, c] = (await mesh(3)) as [Node, Node, Node];
    const ready = readyOf(b, 4);
    await b.swarm.handlers.announceReady(ready, never);
    expect(await a.heard('ready', ({ round }) => round === 4)).toEqual(ready);
    const { roster, rosterDigest } = rosterOf(4, gridOf(parameterCount(consensus.model), consensus), [
      { member: b.member, put: null },
    ]);
    await a.swarm.handlers.proposeRoster(roster, never);
    for (const node of [a, b, c])
      expect(await node.heard('roster', () => true)).toEqual({ roster, rosterDigest });
    await c.swarm.handlers.announceResult({ round: 4, resultId: ZERO, baseDigest: ZERO }, never);
    await a.heard('result', ({ hotkey }) => hotkey === c.hotkey);

    const late = await Node.start(3, [c.address]);
    for (const node of [a, b, c, late]) await node.members([a, b, c, late], [a]);
    await late.heard('ready', ({ hotkey }) => hotkey === b.hotkey);
    await late.heard('roster', (agreed) => agreed.rosterDigest === rosterDigest);
    await late.heard('result', ({ hotkey }) => hotkey === c.hotkey);
  });

  it('takes a roster only from more than half of the witnesses', async () => {
    const nodes = await mesh(4, 3);
    const [a, b, , d] = nodes as [Node, Node, Node, Node];
    const { roster } = rosterOf(5, gridOf(parameterCount(consensus.model), consensus), [
      { member: a.member, put: null },
    ]);
    await a.swarm.handlers.proposeRoster(roster, never);
    await b.heard('rosterProposal', ({ roster: proposed }) => proposed.round === 5);
    // What is no witness signs without effect.
    await d.swarm.handlers.proposeRoster(roster, never);
    await d.swarm.handlers.announceReady(readyOf(d, 5), never);
    await a.heard('ready', ({ hotkey }) => hotkey === d.hotkey);
    expect(a.told.some((e) => e.name === 'roster')).toBe(false);
    await b.swarm.handlers.proposeRoster(roster, never);
    for (const node of nodes) await node.heard('roster', (agreed) => agreed.roster.round === 5);
  });

  /** All take the list that the first of them composes. */
  async function takeResults(
    of: readonly Node[],
    { round, rosterDigest }: Omit<ResultsName, 'resultsDigest'>,
  ): Promise<void> {
    const composed = await of[0]!.swarm.handlers.composeResults({ round, rosterDigest }, never);
    const name = { round, rosterDigest, resultsDigest: composed.resultsDigest! };
    await Promise.all(of.map((node) => node.swarm.handlers.takeResults(name, never)));
  }

  it('averages 1.3 million elements among four nodes of four tiers, and three of them finish when one is killed', async () => {
    const nodes = await mesh(4);
    const elements = parameterCount(consensus.model);
    const grid = gridOf(elements, consensus);
    const tiers = ['fp16', 'int8', 'int4', 'sparse'] as const;
    /** @param idle a member that contributes and reduces nothing: losing it loses no chunk */
    const callFor = async (round: number, idle?: number) => {
      const entries = await Promise.all(
        nodes.map(async ({ member }, i) => {
          const at = { round, grid, consensus, codec: tiers[i]! };
          return {
            member,
            put: await contribute(member, at, valuesOf(i + round, elements)),
            terms: { reduces: i !== idle },
          };
        }),
      );
      return { round, slowdown: 1, rosterAgoBlocks: 0, ...rosterOf(round, grid, entries) };
    };
    const whole = await callFor(1);
    const reports = await Promise.all(nodes.map((node) => node.swarm.handlers.reduce(whole, never)));
    expect(reports.map((r) => r.elementsShare)).toEqual([1, 1, 1, 1]);
    await takeResults(nodes, whole);
    const averages = await Promise.all(nodes.map(({ member }) => readAverage(member, 1)));
    for (const { manifest } of averages)
      expect(digestsOf(manifest)).toEqual(digestsOf(averages[0]!.manifest));
    expect(averages[0]!.manifest.chunks).not.toContain(null);

    expect(reports[0]!.members.map(({ takenShare }) => takenShare)).toEqual([1, 1, 1, 1]);

    const receipts = await nodes[0]!.swarm.handlers.receipts({ round: 1 }, never);
    const mine = receipts.filter(({ to }) => to === nodes[0]!.hotkey);
    expect(mine).toHaveLength(3);
    expect(mine.every((r) => r.countersigned && r.bytes > 0 && r.durationMs > 0)).toBe(true);
    // The last part of the model is matrices and biases: there each tier costs less than the one before.
    const last = nodes[3]!;
    const claims = await last.swarm.handlers.receipts({ round: 1 }, never);
    const bytesFrom = nodes.slice(0, 3).map(({ hotkey }) => {
      return claims.find(({ from, to }) => from === hotkey && to === last.hotkey)!.bytes;
    });
    expect(bytesFrom[1]).toBeLessThan(0.51 * bytesFrom[0]!);
    expect(bytesFrom[2]).toBeLessThan(0.6 * bytesFrom[1]!);

    const broken = await callFor(2, 3);
    const [victim, ...rest] = [nodes[3]!, nodes[0]!, nodes[1]!, nodes[2]!];
    void victim.swarm.handlers.reduce(broken, never).catch(() => {});
    const survivors = rest.map((node) => node.swarm.handlers.reduce(broken, never));
    await rest[0]!.heard('edges', ({ round, edges }) => round === 2 && edges.some(({ bytes }) => bytes > 0));
    await stop(victim);
    const after = await Promise.all(survivors);
    await takeResults(rest, broken);
    const left = await Promise.all(rest.map(({ member }) => readAverage(member, 2)));
    for (const { manifest } of left) expect(digestsOf(manifest)).toEqual(digestsOf(left[0]!.manifest));
    for (const { elementsShare } of after) expect(elementsShare).toBeGreaterThanOrEqual(0.9);
    expect(consensus.reduce.commitShare).toBe(0.9);
    expect(left[0]!.manifest.chunks).not.toContain(null);
  });

  it('serves a work record once it is offered, and scores as they were published', async () => {
    const [a, b] = (await mesh(2)) as [Node, Node];
    const folder = join(a.member.spoolDir, spoolFolder(9));
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, spoolFiles.work), '{"round":9}');
    const fetchWork = () => b.swarm.handlers.fetchWork({ hotkey: a.hotkey, round: 9 }, never);
    await expect(fetchWork()).rejects.toMatchObject({ code: 'PEER_REFUSED' });
    await a.swarm.handlers.offerWork({ round: 9 }, never);
    expect(Buffer.from((await fetchWork()).bytes).toString()).toBe('{"round":9}');
    const fetchScores = () => b.swarm.handlers.fetchScores({ hotkey: a.hotkey }, never);
    expect(await fetchScores()).toEqual({ json: null });
    await a.swarm.handlers.offerScores({ json: '[1]' }, never);
    expect(await fetchScores()).toEqual({ json: '[1]' });
  });

  it('measures a peer by moving bytes both ways', async () => {
    const [a, b] = (await mesh(2)) as [Node, Node];
    const asked = { hotkey: b.hotkey, bytes: 4_194_304, limitMs: 20_000 };
    const before = a.swarm;
    const { latencyMs, downMs, upMs } = await before.handlers.challenge(asked, never);
    expect(latencyMs).toBeLessThan(Math.min(downMs, upMs));
    expect(Math.min(latencyMs, downMs, upMs)).toBeGreaterThan(0);
  });

  it('lets each direction of a challenge have its time, and some more for the way there', async () => {
    const [a, b] = (await mesh(2)) as [Node, Node];
    const asked = { hotkey: b.hotkey, bytes: 16_777_216, limitMs: 1 };
    const { downMs, upMs } = await a.swarm.handlers.challenge(asked, never);
    expect(downMs + upMs).toBeGreaterThan(asked.limitMs);
  });

  it('brings a state from several donors to a newcomer, with the list of rounds', async () => {
    const [a, b, c] = (await mesh(3)) as [Node, Node, Node];
    const state = new Uint8Array(randomBytes(6_500_000));
    const digest = new StateDigest(consensus.codec.pieceBytes, sha256);
    digest.update(state);
    const { digest: baseDigest } = digest.finish();
    const lineage = [{ round: 3, rosterDigest: ZERO, resultsDigest: ZERO, baseDigest }];
    for (const node of [a, b]) {
      const path = join(node.member.spoolDir, 'state.bin');
      await writeFile(path, state);
      await node.swarm.handlers.offerState({ baseDigest, path, sizeBytes: state.length, lineage }, never);
    }
    expect(await c.swarm.handlers.fetchLineage({ hotkey: null }, never)).toEqual(lineage);
    const path = join(c.member.spoolDir, 'fetched.bin');
    const wanted = { baseDigest, sizeBytes: state.length, path, hasStores: false };
    const got = await c.swarm.handlers.fetchState(wanted, never);
    expect(got.bytes).toBe(state.length);
    expect(got.donors.toSorted()).toEqual([a.hotkey, b.hotkey].toSorted());
    expect(Buffer.compare(await readFile(path), state)).toBe(0);
    await c.heard('stateProgress', ({ receivedBytes }) => receivedBytes === state.length);
  });
});
