import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeFraudProof,
  encodeFraudProof,
  type FraudProof,
  fraudProofMaxBytes,
} from '../../../src-shared/audit/fraud-proof.ts';
import { upholdFault, upholdInPortions } from '../../../src-shared/audit/uphold.ts';
import { runs } from '../../runs.ts';
import { changed, changes } from '../codec/drawn.ts';
import { doorOf, oneBit, signAs, signedLeaf, testRound } from './audited.ts';

const round = testRound(9, ['fp16', 'int8', 'int4', 'sparse'], { elements: 3_000, chunkElements: 256 });
const ALL = [0, 1, 2, 3];
const CHUNK = 7;
const proofOf = (over: Partial<FraudProof> = {}, who = ALL): FraudProof => ({
  rosterDigest: round.rosterDigest,
  chunk: CHUNK,
  result: signedLeaf(round, CHUNK, 2, who, oneBit),
  inputs: who.map((member) => round.input(member, CHUNK)),
  ...over,
});
const faultOf = (proof: FraudProof) => upholdFault(proof, round, doorOf(round));

describe('fraud proof', () => {
  it('comes back from its bytes as it was, within its bound', () => {
    const bytes = encodeFraudProof(proofOf());
    const back = decodeFraudProof(bytes)!;
    expect(Buffer.from(encodeFraudProof(back))).toEqual(Buffer.from(bytes));
    expect(back.result.digest).toBe(proofOf().result.digest);
    expect(faultOf(back)).toBeNull();
    expect(bytes.length).toBeLessThan(fraudProofMaxBytes(round.grid));
  });

  it('is read in one way only, from any bytes', () => {
    const bytes = encodeFraudProof(proofOf());
    fc.assert(
      fc.property(fc.array(changes, { minLength: 1, maxLength: 4 }), (list) => {
        const other = changed(bytes, list);
        const read = decodeFraudProof(other);
        if (read) expect(Buffer.compare(encodeFraudProof(read), other)).toBe(0);
      }),
      { numRuns: runs(1_000, 1_000_000) },
    );
  });

  it('accuses an honest reducer with no change of its bytes', () => {
    const honest = encodeFraudProof(proofOf({ result: signedLeaf(round, CHUNK, 2, ALL) }));
    fc.assert(
      fc.property(fc.array(changes, { minLength: 1, maxLength: 4 }), (list) => {
        const read = decodeFraudProof(changed(honest, list));
        if (read) expect(faultOf(read)).not.toBeNull();
      }),
      { numRuns: runs(500, 100_000) },
    );
  });

  it('refuses a cut at every byte, and a byte too much', () => {
    const bytes = encodeFraudProof(proofOf({}, [0, 1, 2]));
    for (let length = 0; length < bytes.length; length++)
      if (decodeFraudProof(bytes.subarray(0, length))) expect.fail(`read ${length} bytes`);
    expect(decodeFraudProof(Uint8Array.of(...bytes, 0))).toBeNull();
  });

  it('refuses lengths that reach beyond its end before it takes anything', () => {
    const bytes = encodeFraudProof(proofOf());
    new DataView(bytes.buffer).setUint32(146, 0xffff_ffff, true);
    expect(decodeFraudProof(bytes)).toBeNull();
  });
});

/** The door and the round of a proof, and how many chunks were hashed and decoded since it was last asked. */
function watched() {
  const seen = { hashed: 0, decoded: 0 };
  const lengths = new Set(ALL.map((member) => round.input(member, CHUNK).bytes.length));
  const coder = new Proxy(round.coder, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (name === 'decode') seen.decoded++;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const door = doorOf(round);
  const sha256: typeof door.sha256 = (bytes) => {
    if (lengths.has(bytes.length)) seen.hashed++;
    return door.sha256(bytes);
  };
  const since = () => {
    const now = { ...seen };
    Object.assign(seen, { hashed: 0, decoded: 0 });
    return now;
  };
  return { since, round: { ...round, coder }, door: { ...door, sha256 } };
}

describe('upholding a proof', () => {
  it('is work in portions, none of which takes more than one contributor', () => {
    const { since, ...at } = watched();
    const work = upholdInPortions(proofOf(), at.round, at.door);
    const portions = [];
    for (let step = work.next(); !step.done; step = work.next()) portions.push(since());
    // What is left behind the last of them is the mean, of as many bytes as one of the inputs.
    expect(since()).toEqual({ hashed: 1, decoded: 0 });
    expect(portions).toEqual([
      ...ALL.map(() => ({ hashed: 1, decoded: 0 })),
      ...ALL.map(() => ({ hashed: 0, decoded: 1 })),
    ]);
  });

  it('finds nothing in an honest result', () => {
    expect(faultOf(proofOf({ result: signedLeaf(round, CHUNK, 2, ALL) }))).toBe('the result is right');
  });

  it('counts a reducer that took what no honest one takes', () => {
    const spoilt = {
      ...round,
      members: round.members.map((member) => ({ ...member, codec: 'f32' as const })),
    };
    expect(
      upholdFault(proofOf({ result: signedLeaf(round, CHUNK, 2, ALL) }), spoilt, doorOf(round)),
    ).toBeNull();
  });

  it.each<[string, Partial<FraudProof>, string]>([
    ['another roster', { rosterDigest: 'cd'.repeat(32) as never }, 'it is of another roster'],
    ['a chunk beyond the grid', { chunk: 4_000 }, 'there is no such chunk'],
    ['another chunk than was signed', { chunk: CHUNK + 1 }, 'the accused did not sign it'],
    ['a forged signature', { result: { ...proofOf().result, signer: 1 } }, 'the accused did not sign it'],
    ['nobody', { result: { ...proofOf().result, signer: 9 } }, 'there is no such member'],
    ['a left-out input', { inputs: proofOf().inputs.slice(1) }, 'inputs are missing'],
    [
      "another member's input",
      { inputs: [0, 1, 2, 2].map((i) => round.input(i, CHUNK)) },
      'an input is not what was committed',
    ],
    [
      'an input of another chunk',
      { inputs: ALL.map((i) => round.input(i, i === 3 ? CHUNK - 1 : CHUNK)) },
      'an input is not what was committed',
    ],
    [
      'a divisor that never counted',
      { result: signAs(round, CHUNK, { ...proofOf().result, divisor: 1 }) },
      'the result would not count: divisor',
    ],
    [
      'contributors that never counted',
      { result: signAs(round, CHUNK, { ...proofOf().result, contributors: 1n << 40n }) },
      'the result would not count: contributors',
    ],
  ])('takes no proof by %s', (_name, over, fault) => {
    expect(faultOf(proofOf(over))).toBe(fault);
  });
});
