import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { PORTION_MS } from '../../../../src-node/limits.ts';
import type { AccusationsPayload, Fraud } from '../../../../src-shared/audit/fraud.ts';
import { fraudProofMaxBytes } from '../../../../src-shared/audit/fraud-proof.ts';
import { ChunkCoder } from '../../../../src-shared/codec/chunk-coder.ts';
import { spoolFiles, spoolFolder } from '../../../../src-shared/spool.ts';
import type { Hex } from '../../../../src-shared/units.ts';
import { LyingCoder } from '../../../../src-worker/swarm/adversaries/lying-reducer.ts';
import { Audits, type AuditsInit } from '../../../../src-worker/swarm/audit/audits.ts';
import { PROOF_WRITE_MS } from '../../../../src-worker/swarm/audit/limits.ts';
import { decodeInput } from '../../../../src-worker/swarm/audit/protocol.ts';
import { ask } from '../../../../src-worker/swarm/net/ask.ts';
import { toBytes } from '../../../../src-worker/swarm/net/json.ts';
import { runs } from '../../../runs.ts';
import { soon } from '../../../soon.ts';
import { changed, changes } from '../../../src-shared/codec/drawn.ts';
import { call, dropGroups, ELEMENTS, type Group, group, never, ROUND, runAll } from '../butterfly-group.ts';
import { plainDisk } from '../round.ts';

const BLOCK = 'e5'.repeat(32) as Hex;
const LIAR = 1;
const WITNESS = 3;
const opened: Audits[] = [];

afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  for (const audits of opened.splice(0)) await audits.stop();
  await dropGroups();
});

interface Auditing {
  readonly g: Group;
  readonly audits: readonly Audits[];
  /** What the witness said to everybody, and what each was shown. */
  readonly said: AccusationsPayload[];
  readonly frauds: readonly Fraud[][];
}

/** Weights, clips and tiers of their own, so that what is summed here is held against what a reducer sums. */
const terms = [
  { weight: 3, clipExponent: 2 },
  { weight: 4 },
  { weight: 5, clipExponent: 1 },
  { weight: 0, reduces: false },
];
const tiers = ['fp16', 'int8', 'sparse', 'fp16'] as const;

/** Three members and a witness that have averaged; one of them may lie, one may have lost what it had put in. */
async function audited({ lies = false, spoilt = null as number | null } = {}): Promise<Auditing> {
  const g = await group(4, {
    ...{ terms, tiers },
    coder: (i, ...of) => (lies && i === LIAR ? new LyingCoder(...of) : null),
  });
  if (spoilt !== null) await writeFile(contributionOf(g, spoilt), new Uint8Array(2 * ELEMENTS));
  await runAll(g);
  const said: AccusationsPayload[] = [];
  const frauds: Fraud[][] = g.members.map(() => []);
  const audits = await Promise.all(g.members.map((_, i) => auditsOf(g, i, said, frauds[i]!)));
  return { g, audits, said, frauds };
}

const contributionOf = (g: Group, i: number): string =>
  join(g.members[i]!.spoolDir, spoolFolder(ROUND), spoolFiles.contribution);

async function auditsOf(
  g: Group,
  i: number,
  said: AccusationsPayload[],
  frauds: Fraud[],
  resultsOf: AuditsInit['resultsOf'] = (digest) => g.butterflies[i]!.resultsOf(digest),
  disk = plainDisk(),
): Promise<Audits> {
  const { hotkey, spoolDir } = g.members[i]!;
  const made = await Audits.open({
    ...{ network: g.world.peers.get(hotkey)!, grid: g.grid, consensus: g.consensus, spoolDir },
    ...{ disk, resultsOf },
    say: (payload) => said.push(payload),
    onFraud: (fraud) => frauds.push(fraud),
  });
  made.rosters.note(call(g).roster, call(g).rosterDigest);
  made.setWitnesses(new Set([g.members[WITNESS]!.hotkey]));
  opened.push(made);
  return made;
}

const look = ({ g, audits }: Auditing, i = WITNESS) =>
  audits[i]!.audit({ rosterDigest: call(g).rosterDigest, blockHash: BLOCK, limitMs: 10_000 }, never);

describe('audit of a round', () => {
  it('finds all fine where everybody was honest, and says nothing', async () => {
    const auditing = await audited();
    const { chunks } = auditing.g.grid;
    expect(await look(auditing)).toEqual({
      drawn: chunks,
      fine: chunks,
      notAudited: 0,
      foreign: [],
      withheld: [],
      frauds: [],
    });
    expect(auditing.said).toEqual([]);
  });

  it('finds a reducer that lies, and shows it to whoever hears of it', async () => {
    const auditing = await audited({ lies: true });
    const { g, said, audits, frauds } = auditing;
    const report = await look(auditing);
    const accused = g.members[LIAR]!.hotkey;
    expect(report.frauds.map((fraud) => [fraud.accused, fraud.round])).toEqual([[accused, ROUND]]);
    expect(said).toEqual([{ round: ROUND, frauds: report.frauds }]);
    await audits[0]!.heard(said[0]!, g.members[WITNESS]!.hotkey);
    // Told again it is no news.
    await audits[0]!.heard(said[0]!, g.members[WITNESS]!.hotkey);
    expect(frauds[0]).toEqual(report.frauds);
    expect(frauds[WITNESS]).toEqual(report.frauds);
  });

  it('judges a proof one contributor at a time: others have their turn between any two', async () => {
    const auditing = await audited({ lies: true });
    const { g, said, audits, frauds } = auditing;
    await look(auditing);
    let turn = 0;
    let next = setImmediate(function tick() {
      turn++;
      next = setImmediate(tick);
    });
    onTestFinished(() => clearImmediate(next));
    // A machine on which every portion takes as long as one may.
    let nowMs = performance.now();
    vi.spyOn(performance, 'now').mockImplementation(() => {
      nowMs += PORTION_MS;
      return nowMs;
    });
    const { decode } = ChunkCoder.prototype;
    const turns: number[] = [];
    vi.spyOn(ChunkCoder.prototype, 'decode').mockImplementation(function (this: ChunkCoder, ...given) {
      turns.push(turn);
      return decode.apply(this, given);
    });
    await audits[0]!.heard(said[0]!, g.members[WITNESS]!.hotkey);
    expect(frauds[0]).toHaveLength(1);
    expect(turns).toHaveLength(3);
    expect(new Set(turns).size).toBe(3);
  });

  it('accuses no reducer whose disk spoilt its own contribution: it had left it out', async () => {
    const auditing = await audited({ spoilt: 0 });
    const report = await look(auditing);
    expect(report).toMatchObject({ notAudited: 0, foreign: [], frauds: [] });
    expect(report.fine).toBe(report.drawn);
    expect(report.drawn).toBeGreaterThan(0);
  });

  it('still knows after a restart whom it has seen proven', async () => {
    const auditing = await audited({ lies: true });
    const { frauds } = await look(auditing);
    const again = await auditsOf(auditing.g, WITNESS, [], []);
    expect(again.frauds).toEqual(frauds);
  });

  it('names who was proven to have lied in the round also where a restart lost its results', async () => {
    const auditing = await audited({ lies: true });
    const { g } = auditing;
    const { frauds } = await look(auditing);
    const again = await auditsOf(g, WITNESS, [], [], () => null);
    const at = { rosterDigest: call(g).rosterDigest, blockHash: BLOCK, limitMs: 10_000 };
    expect(await again.audit(at, never)).toMatchObject({ drawn: 0, frauds });
  });

  it('does not pass a lie because there is no room to keep its proof', async () => {
    const auditing = await audited({ lies: true });
    const { g } = auditing;
    const told: Fraud[] = [];
    const said: AccusationsPayload[] = [];
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const disk = plainDisk((step) => {
      if (step === 'publish') throw Object.assign(new Error('no room'), { code: 'ENOSPC' });
    });
    const witness = await auditsOf(g, WITNESS, said, told, undefined, disk);
    const at = { rosterDigest: call(g).rosterDigest, blockHash: BLOCK, limitMs: 10_000 };
    const looking = witness.audit(at, never);
    await soon(() => expect(told).toHaveLength(1));
    await vi.advanceTimersByTimeAsync(PROOF_WRITE_MS);
    expect((await looking).frauds).toEqual(told);
    expect(said).toEqual([{ round: ROUND, frauds: told }]);
  });

  it('names a signer that keeps back what it had put into its own result, and accuses it of nothing', async () => {
    const auditing = await audited({ lies: true });
    const { g } = auditing;
    const liar = g.members[LIAR]!.hotkey;
    await rm(join(g.members[LIAR]!.spoolDir, spoolFolder(ROUND)), { recursive: true });
    const report = await look(auditing);
    // The others gave theirs to no purpose: nothing in which it takes part can be summed, and it alone signed such.
    expect(report).toMatchObject({ withheld: [liar], foreign: [], frauds: [] });
  });

  it('blames nobody for what the end of an audit cut off', async () => {
    const { g, audits } = await audited({ lies: true });
    const at = { rosterDigest: call(g).rosterDigest, blockHash: BLOCK, limitMs: 0 };
    expect(await audits[WITNESS]!.audit(at, never)).toMatchObject({ withheld: [], frauds: [] });
  });

  it('does not audit what a member that has gone had put in, and accuses nobody', async () => {
    const auditing = await audited({ lies: true });
    auditing.g.world.kill(auditing.g.members[0]!.hotkey);
    const report = await look(auditing);
    expect(report).toMatchObject({ fine: 0, notAudited: auditing.g.grid.chunks, foreign: [], frauds: [] });
  });

  it('knows who gives something else than it had committed to, and accuses nobody', async () => {
    const auditing = await audited();
    const { g } = auditing;
    const [other, witness] = [g.members[0]!.hotkey, g.members[WITNESS]!.hotkey];
    // The last byte of what it says is of the chunk itself.
    g.world.tamper(other, witness, 'audit', (bytes, deliver) => {
      const changed = bytes.slice();
      changed[changed.length - 1]! ^= 1;
      deliver(changed);
    });
    const report = await look(auditing);
    expect(report).toMatchObject({ fine: 0, foreign: [other], frauds: [] });
  });

  it('looks at nothing once its time is over', async () => {
    const { g, audits } = await audited({ lies: true });
    const at = { rosterDigest: call(g).rosterDigest, blockHash: BLOCK, limitMs: 10_000 };
    const report = await audits[WITNESS]!.audit(at, AbortSignal.abort());
    expect(report).toMatchObject({ drawn: g.grid.chunks, notAudited: g.grid.chunks, frauds: [] });
  });

  it('looks at nothing of a round of which it holds no results', async () => {
    const { audits } = await audited();
    const at = { rosterDigest: 'ab'.repeat(32) as Hex, blockHash: BLOCK, limitMs: 10_000 };
    expect((await audits[WITNESS]!.audit(at, never)).drawn).toBe(0);
  });
});

describe('an accusation', () => {
  it('that nothing stands behind is not believed, and its accuser not heard again', async () => {
    const auditing = await audited({ lies: true });
    const { g, audits, frauds } = auditing;
    const { frauds: right } = await look(auditing);
    const [fraud] = right;
    // The proof is one, but not against this member.
    const wrong = { ...fraud!, accused: g.members[2]!.hotkey };
    const witness = g.members[WITNESS]!.hotkey;
    await audits[0]!.heard({ round: ROUND, frauds: [wrong] }, witness);
    await audits[0]!.heard({ round: ROUND, frauds: [fraud!] }, witness);
    expect(frauds[0]).toEqual([]);
    await audits[0]!.heard({ round: ROUND, frauds: [fraud!] }, g.members[2]!.hotkey);
    expect(frauds[0]).toEqual([fraud]);
  });

  it('holds when the accused has bound another peer key since', async () => {
    const auditing = await audited({ lies: true });
    const { g, audits, frauds } = auditing;
    const { frauds: right } = await look(auditing);
    const hearer = g.world.peers.get(g.members[0]!.hotkey)!;
    const keyNow = vi.spyOn(hearer, 'peerKey').mockReturnValue('ee'.repeat(32) as Hex);
    onTestFinished(() => keyNow.mockRestore());
    await audits[0]!.heard({ round: ROUND, frauds: [...right] }, g.members[WITNESS]!.hotkey);
    expect(frauds[0]).toEqual(right);
  });

  it('costs its accuser nothing where the key that the accused signed with was never seen', async () => {
    const auditing = await audited({ lies: true });
    const { g, frauds } = auditing;
    const { frauds: right } = await look(auditing);
    const witness = g.members[WITNESS]!.hotkey;
    const late = g.world.peers.get(g.members[0]!.hotkey)!;
    const keys = vi.spyOn(late, 'peerKey').mockReturnValue(null);
    onTestFinished(() => keys.mockRestore());
    const audits = await auditsOf(g, 0, [], frauds[0]!);
    await audits.heard({ round: ROUND, frauds: [...right] }, witness);
    expect(frauds[0]).toEqual([]);
    keys.mockRestore();
    await audits.heard({ round: ROUND, frauds: [...right] }, witness);
    expect(frauds[0]).toEqual(right);
  });

  it('of a round whose roster is not known is not fetched', async () => {
    const auditing = await audited({ lies: true });
    const { g, audits } = auditing;
    const { frauds: right } = await look(auditing);
    const open = vi.spyOn(g.world.peers.get(g.members[0]!.hotkey)!, 'open');
    const foreign = { ...right[0]!, round: ROUND + 1 };
    await audits[0]!.heard({ round: ROUND, frauds: [foreign] }, g.members[WITNESS]!.hotkey);
    expect(open).not.toHaveBeenCalled();
  });

  it('is judged while another accuser keeps its own waiting', async () => {
    const auditing = await audited({ lies: true });
    const { g, audits, frauds } = auditing;
    const { frauds: right } = await look(auditing);
    const [hearer, slow] = [g.world.peers.get(g.members[0]!.hotkey)!, g.members[2]!.hotkey];
    const opened = hearer.open.bind(hearer);
    vi.spyOn(hearer, 'open').mockImplementation((to, protocol, signal) =>
      to === slow ? new Promise(() => {}) : opened(to, protocol, signal),
    );
    const made = { ...right[0]!, accused: g.members[0]!.hotkey, digest: 'cd'.repeat(32) as Hex };
    void audits[0]!.heard({ round: ROUND, frauds: [made] }, slow);
    await audits[0]!.heard({ round: ROUND, frauds: [...right] }, g.members[WITNESS]!.hotkey);
    expect(frauds[0]).toEqual(right);
  });

  it('whose proof is not given just now is looked at when it is', async () => {
    const auditing = await audited({ lies: true });
    const { g, audits, frauds } = auditing;
    const { frauds: right } = await look(auditing);
    const [hearer, witness] = [g.members[0]!.hotkey, g.members[WITNESS]!.hotkey];
    g.world.part(hearer, witness);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const judged = audits[0]!.heard({ round: ROUND, frauds: [...right] }, witness);
    await soon(() => expect(vi.getTimerCount()).toBeGreaterThan(0));
    g.world.meet(hearer, witness);
    await soon(() => expect(frauds[0]).toEqual(right));
    await judged;
  });

  it('larger than any proof is not fetched', async () => {
    const auditing = await audited({ lies: true });
    const { g, audits, frauds } = auditing;
    const { frauds: right } = await look(auditing);
    const open = vi.spyOn(g.world.peers.get(g.members[0]!.hotkey)!, 'open');
    const sizeBytes = fraudProofMaxBytes(g.grid) + 1;
    await audits[0]!.heard(
      { round: ROUND, frauds: [{ ...right[0]!, sizeBytes }] },
      g.members[WITNESS]!.hotkey,
    );
    expect(open).not.toHaveBeenCalled();
    expect(frauds[0]).toEqual([]);
  });
});

describe('giving inputs', () => {
  const questionOf = ({ g }: Auditing, from: number, to: number, question: Uint8Array) =>
    ask(
      g.world.peers.get(g.members[from]!.hotkey)!,
      { hotkey: g.members[to]!.hotkey, protocol: 'audit' },
      question,
      { maxBytes: 10_000, limitMs: 5_000, signal: never },
    );
  const inputOf = (auditing: Auditing, from: number, to: number, chunk: number) =>
    questionOf(
      auditing,
      from,
      to,
      toBytes({ want: 'input', rosterDigest: call(auditing.g).rosterDigest, chunk }),
    );

  it('gives a witness twice what it draws, and no more in a round', async () => {
    const auditing = await audited();
    for (let i = 0; i < 40; i++) await inputOf(auditing, WITNESS, 0, i % auditing.g.grid.chunks);
    await expect(inputOf(auditing, WITNESS, 0, 0)).rejects.toMatchObject({ code: 'PEER_REFUSED' });
    expect(decodeInput(await inputOf(auditing, 1, 0, 0))).not.toBeNull();
  });

  it('gives nothing beyond the grid, and nothing that the disk has spoilt counts', async () => {
    const auditing = await audited();
    const { g } = auditing;
    await expect(inputOf(auditing, WITNESS, 0, 9_999)).rejects.toMatchObject({ code: 'PEER_REFUSED' });
    await writeFile(contributionOf(g, 0), new Uint8Array(2 * ELEMENTS));
    expect(await look(auditing)).toMatchObject({ fine: 0, foreign: [g.members[0]!.hotkey], frauds: [] });
  });

  it('outlives whatever bytes come, and refuses them', async () => {
    const auditing = await audited();
    const right = toBytes({ want: 'input', rosterDigest: call(auditing.g).rosterDigest, chunk: 0 });
    const question = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.array(changes, { minLength: 1, maxLength: 3 }).map((list) => changed(right, list)),
    );
    const asked = fc.asyncProperty(question, async (bytes) => {
      const answer = await questionOf(auditing, WITNESS, 0, bytes).catch(() => null);
      // A change may still ask for an input of the round: another chunk, or JSON written otherwise.
      if (answer) expect(decodeInput(answer)).not.toBeNull();
    });
    await fc.assert(asked, { numRuns: runs(100, 5_000) });
    expect(decodeInput(await inputOf(auditing, 1, 0, 0))).not.toBeNull();
  });

  it('gives nothing of a round whose files are gone', async () => {
    const auditing = await audited();
    await rm(join(auditing.g.members[2]!.spoolDir, spoolFolder(ROUND)), { recursive: true });
    await expect(inputOf(auditing, WITNESS, 2, 0)).rejects.toMatchObject({ code: 'PEER_REFUSED' });
  });
});
