import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Signer } from '../../../src-main/network/chain.ts';
import { type CommitmentWriter, openCommitmentWriter } from '../../../src-main/network/commitment-writer.ts';
import { encodeRecord } from '../../../src-shared/rounds/record.ts';
import { hex, rao } from '../../../src-shared/units.ts';
import type { Devnet } from '../../../src-worker/devnet/start.ts';
import { connect, miner, sealing, startTestChain, type TestChain, testSigner } from './rig.ts';

const identity = new Uint8Array(41).fill(1);
const record = (fill: number) => new Uint8Array(77).fill(fill);
const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('the one writer of a commitment slot', () => {
  const life = new AbortController();
  const { signal } = life;
  let devnet: Devnet;
  let chain: TestChain;
  let dir: string;
  let path: string;
  let hotkey: Signer;
  let keys = 0;
  const told: string[] = [];

  beforeAll(async () => {
    devnet = await startTestChain();
    chain = await connect([devnet.url], signal);
  });
  afterAll(async () => {
    await chain.stop();
    await devnet.stop();
  });
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'butterfly-writer-'));
    path = join(dir, 'commitment.json');
    hotkey = testSigner(`//witness-${keys++}`);
    const call = { kind: 'burnedRegister', hotkey: hotkey.address, limitRao: rao(10n ** 10n) } as const;
    expect(await sealing(devnet, chain.submit(call, miner, signal))).toMatchObject({ kind: 'finalized' });
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  const open = (signer: Signer = hotkey, on: TestChain = chain): Promise<CommitmentWriter> =>
    openCommitmentWriter({ chain: on, signer, path, told: (error) => told.push(error.code) });
  const slot = async () =>
    (await chain.commitments([hotkey.address], null, signal)).get(hotkey.address)?.fields;
  const onDisk = async () => JSON.parse(await readFile(path, 'utf8')).value;
  const inBlocks = <T>(work: Promise<T>) => sealing(devnet, work);
  const soon = () => (chain.head?.number ?? 0) + 400;

  /** Seals a block and waits until the chain has told of the next head or finalized block. */
  async function sealOne(told: 'head' | 'finalized'): Promise<void> {
    const heard = new Promise<void>((resolve) => {
      const off = chain.on(told, () => {
        off();
        resolve();
      });
    });
    devnet.sealBlock();
    await heard;
  }

  /** Writes identity and then dies while the record is being signed: the file says it, the chain does not. */
  /** @returns the last block in which what it was about to send could count */
  async function crashWhileSigning(lifeBlocks: number): Promise<number> {
    await inBlocks((await open()).ensureIdentity(identity, signal));
    const lastBlock = (chain.head?.number ?? 0) + lifeBlocks;
    const dying = { address: hotkey.address, sign: () => Promise.reject(new Error('power cut')) };
    const write = { decision: 'result 7', field: record(7), lastBlock };
    await expect((await open(dying)).writeRecord(write, signal)).rejects.toThrow('power cut');
    return lastBlock;
  }

  it('composes the slot of identity and record', async () => {
    const writer = await open();
    await inBlocks(writer.ensureIdentity(identity, signal));
    expect(await slot()).toEqual([identity]);
    const write = { decision: 'result 1', field: record(2), lastBlock: soon() };
    expect(await inBlocks(writer.writeRecord(write, signal))).toMatchObject({ kind: 'finalized' });
    expect(await slot()).toEqual([identity, record(2)]);
    expect(writer.sent?.settled).toBe(true);
  });

  it('has on disk what it is about to send before it is signed', async () => {
    const seen: unknown[] = [];
    const watching = {
      address: hotkey.address,
      sign: async (payload: Uint8Array) => {
        seen.push(await onDisk());
        return hotkey.sign(payload);
      },
    };
    await inBlocks((await open(watching)).ensureIdentity(identity, signal));
    expect(seen).toMatchObject([{ identity: toHex(identity), record: null, settled: false }]);
    expect(await onDisk()).toMatchObject({ settled: true });
  });

  it('writes no identity twice', async () => {
    const writer = await open();
    await inBlocks(writer.ensureIdentity(identity, signal));
    await inBlocks(writer.writeRecord({ decision: 'result 1', field: record(1), lastBlock: null }, signal));
    expect(await writer.ensureIdentity(identity, signal)).toBeNull();
    expect(await slot()).toEqual([identity, record(1)]);
  });

  describe('when the identity changes', () => {
    const other = new Uint8Array(41).fill(9);
    const said = { tag: hex('ab'.repeat(8)), round: 3 };
    const [parentId, resultId] = [hex('11'.repeat(32)), hex('22'.repeat(32))];
    const vote = encodeRecord({ ...said, parentId, resultId });

    async function voted(lastBlock: number | null): Promise<CommitmentWriter> {
      const writer = await open();
      await inBlocks(writer.ensureIdentity(identity, signal));
      await inBlocks(writer.writeRecord({ decision: 'result 3', field: vote, lastBlock }, signal));
      expect(await slot()).toEqual([identity, vote]);
      return writer;
    }
    const passed = async (lastBlock: number) => {
      while ((chain.finalized?.number ?? 0) < lastBlock) await sealOne('finalized');
    };

    it('names the base it voted for as parent, and no result, once the outcome is final', async () => {
      const lastBlock = (chain.head?.number ?? 0) + 40;
      const writer = await voted(lastBlock);
      await passed(lastBlock);
      expect(await inBlocks(writer.ensureIdentity(other, signal))).toMatchObject({ kind: 'finalized' });
      expect(await slot()).toEqual([other, encodeRecord({ ...said, parentId: resultId, resultId: null })]);
    });

    it('names the old parent, and no result, where the vote may not have counted', async () => {
      const writer = await voted(null);
      await inBlocks(writer.ensureIdentity(other, signal));
      expect(await slot()).toEqual([other, encodeRecord({ ...said, parentId, resultId: null })]);
    });

    it('writes the record it is given', async () => {
      const lastBlock = (chain.head?.number ?? 0) + 40;
      const writer = await voted(lastBlock);
      await passed(lastBlock);
      const fresh = encodeRecord({ ...said, parentId: hex('33'.repeat(32)), resultId: null });
      await inBlocks(writer.ensureIdentity(other, signal, fresh));
      expect(await slot()).toEqual([other, fresh]);
    });

    it('leaves a vote alone before its outcome, and goes out with the next record', async () => {
      const writer = await voted(soon());
      expect(await writer.ensureIdentity(other, signal)).toBeNull();
      expect(await slot()).toEqual([identity, vote]);
      const next = encodeRecord({ ...said, round: 4, parentId: resultId, resultId: parentId });
      await inBlocks(writer.writeRecord({ decision: 'result 4', field: next, lastBlock: soon() }, signal));
      expect(await slot()).toEqual([other, next]);
    });
  });

  it('writes no record before an identity', async () => {
    const write = { decision: 'result 1', field: record(1), lastBlock: null };
    await expect((await open()).writeRecord(write, signal)).rejects.toMatchObject({
      code: 'COMMITMENT_WITHOUT_IDENTITY',
    });
  });

  it('writes one after another, the later one last', async () => {
    const writer = await open();
    const all = Promise.all([
      writer.ensureIdentity(identity, signal),
      writer.writeRecord({ decision: 'result 1', field: record(1), lastBlock: null }, signal),
      writer.writeRecord({ decision: 'result 2', field: record(2), lastBlock: null }, signal),
    ]);
    const fates = await inBlocks(all);
    const blocks = fates.map((fate) => (fate?.kind === 'finalized' ? fate.block : 0));
    expect(blocks).toEqual([...blocks].sort((a, b) => a - b));
    expect(new Set(blocks).size).toBe(3);
    expect(await slot()).toEqual([identity, record(2)]);
  });

  it('sends after a crash exactly what the file says', async () => {
    await crashWhileSigning(400);
    expect(await slot()).toEqual([identity]);
    expect(await inBlocks((await open()).resume(signal))).toMatchObject({ kind: 'finalized' });
    expect(await slot()).toEqual([identity, record(7)]);
  });

  it('sends nothing after a crash when the last block has passed', async () => {
    const lastBlock = await crashWhileSigning(12);
    while ((chain.head?.number ?? 0) < lastBlock) await sealOne('head');
    const writer = await open();
    expect(await writer.resume(signal)).toBeNull();
    expect(writer.sent?.settled).toBe(true);
    expect(await slot()).toEqual([identity]);
  });

  it('sends nothing after a crash when the chain already has it', async () => {
    const writer = await open();
    await inBlocks(writer.ensureIdentity(identity, signal));
    await writeFile(path, JSON.stringify({ ...(await onDisk()), settled: false }));
    const mute = { address: hotkey.address, sign: () => Promise.reject(new Error('must not sign')) };
    expect(await (await open(mute)).resume(signal)).toBeNull();
  });

  it('never sends another record for a decision that is in the file', async () => {
    await crashWhileSigning(400);
    const writer = await open();
    const other = { decision: 'result 7', field: record(8), lastBlock: soon() };
    await expect(writer.writeRecord(other, signal)).rejects.toMatchObject({
      code: 'COMMITMENT_CONTRADICTS',
      params: { decision: 'result 7' },
    });
    expect(await onDisk()).toMatchObject({ record: toHex(record(7)), settled: false });
  });

  it('remembers an earlier decision after a later one', async () => {
    const writer = await open();
    await inBlocks(writer.ensureIdentity(identity, signal));
    await inBlocks(writer.writeRecord({ decision: 'result 1', field: record(1), lastBlock: null }, signal));
    await inBlocks(writer.writeRecord({ decision: 'parent 1', field: record(2), lastBlock: null }, signal));
    const again = { decision: 'result 1', field: record(3), lastBlock: null };
    await expect((await open()).writeRecord(again, signal)).rejects.toMatchObject({
      code: 'COMMITMENT_CONTRADICTS',
    });
  });

  it('sends a record again after a failure, and not once the slot holds it', async () => {
    const write = { decision: 'result 7', field: record(7), lastBlock: soon() };
    await crashWhileSigning(write.lastBlock);
    const writer = await open();
    expect(await inBlocks(writer.writeRecord(write, signal))).toMatchObject({ kind: 'finalized' });
    expect(await writer.writeRecord(write, signal)).toBeNull();
    expect(await slot()).toEqual([identity, record(7)]);
  });

  it('refuses a record that is too late, and decides nothing by it', async () => {
    const writer = await open();
    await inBlocks(writer.ensureIdentity(identity, signal));
    const late = { decision: 'base in round 4', field: record(4), lastBlock: chain.head?.number ?? 0 };
    await expect(writer.writeRecord(late, signal)).rejects.toMatchObject({ code: 'CHAIN_TOO_LATE' });
    expect(await onDisk()).toMatchObject({ record: null, decisions: [], settled: true });
  });

  it('without its file leaves the record that its slot holds', async () => {
    const said = { tag: hex('ab'.repeat(8)), round: 3, parentId: hex('11'.repeat(32)), resultId: null };
    const field = encodeRecord(said);
    const writer = await open();
    await inBlocks(writer.ensureIdentity(identity, signal));
    await inBlocks(writer.writeRecord({ decision: 'base in round 3', field, lastBlock: null }, signal));
    for (const name of await readdir(dir)) await rm(join(dir, name));
    const other = new Uint8Array(41).fill(9);
    await inBlocks((await open()).ensureIdentity(other, signal));
    expect(await slot()).toEqual([other, field]);
  });

  it('decides nothing when the allowance of the epoch is spent', async () => {
    await inBlocks((await open()).ensureIdentity(identity, signal));
    const tempo = 1_000_000;
    const spent = Object.create(chain, {
      commitmentSpace: { value: async () => ({ maxBytes: 3_100, tempo, used: { epoch: 0, bytes: 3_000 } }) },
    });
    const writer = await open(hotkey, spent);
    const write = { decision: 'result 3', field: record(3), lastBlock: null };
    await expect(writer.writeRecord(write, signal)).rejects.toMatchObject({
      code: 'COMMITMENT_SPACE_SPENT',
      params: { usedBytes: 3_000, maxBytes: 3_100 },
    });
    expect((await onDisk()).decisions).toEqual([]);
  });

  it('counts what an earlier epoch used as free', async () => {
    const used = { epoch: 3, bytes: 3_100 };
    const earlier = Object.create(chain, {
      commitmentSpace: { value: async () => ({ maxBytes: 3_100, tempo: 1_000_000, used }) },
    });
    const writer = await open(hotkey, earlier);
    expect(await inBlocks(writer.ensureIdentity(identity, signal))).toMatchObject({ kind: 'finalized' });
  });

  it('knows what it said from the second copy when the first is damaged', async () => {
    const writer = await open();
    await inBlocks(writer.ensureIdentity(identity, signal));
    const before = await onDisk();
    await writeFile(path, 'not JSON');
    const again = await open();
    expect(await onDisk()).toEqual(before);
    expect(told).toEqual(['FILE_REPAIRED']);
    expect(await again.ensureIdentity(identity, signal)).toBeNull();
  });

  it.each(['', '{', '{"version":1}', '{"version":1,"identity":"xyz"}'])(
    'does not guess what it said from a file that holds %j',
    async (text) => {
      await writeFile(path, text);
      await writeFile(`${path}.copy`, text);
      await expect(open()).rejects.toMatchObject({ code: 'COMMITMENT_FILE_CORRUPT' });
      expect(await readFile(path, 'utf8')).toBe(text);
    },
  );
});
