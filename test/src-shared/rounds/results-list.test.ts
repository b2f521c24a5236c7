import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunkGrid } from '../../../src-shared/reduce/chunks.ts';
import { PORTION_HASHES } from '../../../src-shared/reduce/merkle.ts';
import { hasQuorum } from '../../../src-shared/reduce/quorum.ts';
import { listIsTooLate, listTurnsCome } from '../../../src-shared/rounds/proposer.ts';
import {
  decodeResultsList,
  encodeResultsList,
  LEAF_BYTES,
  type ResultLeaf,
  type ResultsList,
  resultsDigest,
  resultsDigestInPortions,
} from '../../../src-shared/rounds/results-list.ts';
import {
  coveredShare,
  listFault,
  proposeResults,
  type ResultsKnown,
  signListFault,
} from '../../../src-shared/rounds/results-rules.ts';
import { hex } from '../../../src-shared/units.ts';
import { runs } from '../../runs.ts';

const numRuns = runs(500, 1_000_000);
const CHUNKS = 100;
/** Members 0 to 3 of weight 20 and a witness of 0; chunk k is reduced by k % 4 and stood by for by the next. */
const weights = [20, 20, 20, 20, 0];
const of = (signer: number, over: Partial<ResultLeaf> = {}): ResultLeaf => ({
  signer,
  contributors: 0b1111n,
  divisor: 80,
  digest: hex('ab'.repeat(32)),
  ...over,
});
const known = (held: (chunk: number) => readonly ResultLeaf[]): ResultsKnown => ({
  grid: chunkGrid(CHUNKS * 10, 10),
  commitShare: 0.9,
  weights,
  reducerOf: (chunk) => chunk % 4,
  standbyOf: (chunk) => (chunk + 1) % 4,
  held,
});
const all = known((chunk) => [of(chunk % 4)]);
const list = proposeResults(all);
const without = (chunks: readonly number[]): ResultsList =>
  list.map((leaf, chunk) => (chunks.includes(chunk) ? null : leaf));
const range = (count: number) => Array.from({ length: count }, (_, i) => i);

const anyLeaf = fc.option(
  fc.record({
    signer: fc.nat(63),
    contributors: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    divisor: fc.nat(2 ** 32 - 1),
    digest: fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .map((bytes) => hex(Buffer.from(bytes).toString('hex'))),
  }),
);

describe('a results list on the wire', () => {
  it('is 45 bytes a chunk, and reads back as it was', () => {
    fc.assert(
      fc.property(fc.array(anyLeaf, { maxLength: 20 }), (leaves) => {
        const bytes = encodeResultsList(leaves);
        expect(bytes).toHaveLength(leaves.length * LEAF_BYTES);
        expect(decodeResultsList(bytes, leaves.length)).toEqual(leaves);
        expect(decodeResultsList(bytes, leaves.length + 1)).toBeNull();
      }),
      { numRuns: Math.min(numRuns, 10_000) },
    );
  });

  it('is read in one way only: whatever is taken encodes to the same bytes', () => {
    const whole = encodeResultsList(list.slice(0, 6));
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bytes = whole.slice();
        bytes[at]! ^= flip;
        const read = decodeResultsList(bytes, 6);
        if (read) expect(encodeResultsList(read)).toEqual(bytes);
        if (at % LEAF_BYTES === 0 && bytes[at]! >= 64) expect(read).toBeNull();
      }),
      { numRuns },
    );
  });

  it('has no leaf of none with anything in it', () => {
    const bytes = encodeResultsList([null]);
    expect(decodeResultsList(bytes, 1)).toEqual([null]);
    bytes[44] = 1;
    expect(decodeResultsList(bytes, 1)).toBeNull();
  });

  it('is hashed in portions of some hundred hashes, to the same digest', () => {
    const long: ResultsList = Array.from({ length: 3_001 }, (_, chunk) =>
      chunk % 5 === 0 ? null : of(chunk % 4),
    );
    let hashes = 0;
    let most = 0;
    const counting = (bytes: Uint8Array) => {
      most = Math.max(most, ++hashes);
      return sha256(bytes);
    };
    const work = resultsDigestInPortions(long, counting);
    let step = work.next();
    for (; !step.done; step = work.next()) hashes = 0;
    expect(step.value).toBe(resultsDigest(long, sha256));
    expect(most).toBeLessThanOrEqual(2 * PORTION_HASHES);
  });

  it('has another digest for every other leaf, and one for each order', () => {
    const digest = resultsDigest(list, sha256);
    const others: ResultsList[] = [
      without([7]),
      list.map((leaf, chunk) => (chunk === 7 ? { ...leaf!, contributors: 0b111n } : leaf)),
      list.map((leaf, chunk) => (chunk === 7 ? { ...leaf!, divisor: 60 } : leaf)),
      list.map((leaf, chunk) => (chunk === 7 ? { ...leaf!, signer: 0 } : leaf)),
      list.map((leaf, chunk) => (chunk === 7 ? { ...leaf!, digest: hex('cd'.repeat(32)) } : leaf)),
      [...list.slice(1), list[0]!],
      list.slice(0, -1),
    ];
    const digests = [digest, ...others.map((one) => resultsDigest(one, sha256))];
    expect(new Set(digests).size).toBe(digests.length);
    expect(digest).toBe('fb2b8a11f9f388f369481d32448ea8b182b8c0be1c2ba2a128934810cc8a63c1');
  });
});

describe('a results list that is proposed', () => {
  it('names the reducer’s result, else the standby’s, else none', () => {
    const some = known((chunk) => [[of(0), of(1)], [of(2)], [], [of(3)]][chunk % 4]!.map((leaf) => leaf));
    expect(
      proposeResults(some)
        .slice(0, 4)
        .map((leaf) => leaf?.signer ?? null),
    ).toEqual([0, 2, null, 3]);
    expect(coveredShare(proposeResults(some), some.grid)).toBe(0.75);
  });
});

describe('a witness and a results list', () => {
  it('signs one of which it holds every result', () => {
    expect(signListFault(list, all)).toBeNull();
  });

  it('signs none with a result that it does not hold, whatever else of that chunk it has', () => {
    const lacking = known((chunk) =>
      chunk === 7 ? [of(0, { digest: hex('cd'.repeat(32)) })] : [of(chunk % 4)],
    );
    expect(signListFault(list, lacking)).toContain('not here');
    const unheld = known((chunk) => (chunk === 7 ? [] : [of(chunk % 4)]));
    expect(signListFault(list, unheld)).toContain('not here');
    expect(signListFault(without([7]), unheld)).toBeNull();
  });

  it('signs none below the commit share, even where it holds no more', () => {
    const few = range(11);
    const poor = known((chunk) => (few.includes(chunk) ? [] : [of(chunk % 4)]));
    expect(signListFault(without(few), poor)).toContain('too little');
    expect(
      signListFault(
        without(range(10)),
        known((chunk) => (chunk < 10 ? [] : [of(chunk % 4)])),
      ),
    ).toBeNull();
  });

  it('signs none that lacks more than 2 % of what it holds', () => {
    expect(signListFault(without(range(2)), all)).toBeNull();
    expect(signListFault(without(range(3)), all)).toContain('lacks too much');
  });

  it('signs one that was proposed of the same results, and nobody’s of others', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(CHUNKS - 1), { maxLength: 20 }), (lost) => {
        const some = known((chunk) => (lost.includes(chunk) ? [of((chunk + 1) % 4)] : [of(chunk % 4)]));
        expect(signListFault(proposeResults(some), some)).toBeNull();
        if (lost.length > 0) expect(signListFault(proposeResults(some), all)).toContain('not here');
      }),
      { numRuns: Math.min(numRuns, 2_000) },
    );
  });
});

describe('a member and a results list', () => {
  const changed = (over: Partial<ResultLeaf>) =>
    listFault(
      list.map((leaf, chunk) => (chunk === 7 ? { ...leaf!, ...over } : leaf)),
      all,
    );

  it.each<[string, Partial<ResultLeaf>, string]>([
    ['of neither reducer nor standby', { signer: 1 }, 'neither'],
    ['with a member that has no weight', { contributors: 0b11111n }, 'contributors'],
    ['with a member that is not there', { contributors: 0b1001111n }, 'contributors'],
    ['with another divisor', { divisor: 60 }, 'divisor'],
    ['of half of the weight', { contributors: 0b1100n, divisor: 40 }, 'quorum'],
  ])('does not compute from a result %s', (_what, over, reason) => {
    expect(changed(over)).toContain(reason);
  });

  it('takes a standby’s, and one that more than half are in', () => {
    expect(changed({ signer: 0 })).toBeNull();
    expect(changed({ contributors: 0b1011n, divisor: 60 })).toBeNull();
  });

  it('takes none of another grid', () => {
    expect(listFault(list.slice(1), all)).toContain('grid');
  });
});

describe('quorum', () => {
  it('is more than half of the weight, and somebody besides who summed', () => {
    expect(hasQuorum(0b0011n, 0, [20, 20, 20, 20])).toBe(false);
    expect(hasQuorum(0b0111n, 0, [20, 20, 20, 20])).toBe(true);
    expect(hasQuorum(0b0001n, 0, [50, 20, 20])).toBe(false);
    expect(hasQuorum(0b0001n, 1, [50, 20, 20])).toBe(true);
  });

  it('never holds for two sets that have nobody in common', () => {
    const set = fc.bigInt({ min: 0n, max: 2n ** 16n - 1n });
    const group = fc.array(fc.nat(127), { minLength: 3, maxLength: 16 });
    fc.assert(
      fc.property(set, set, group, (a, b, some) => {
        const apart = b & ~a;
        return !(hasQuorum(a, 0, some) && hasQuorum(apart, 1, some));
      }),
      { numRuns: Math.min(numRuns, 10_000) },
    );
  });
});

describe('turns for a results list', () => {
  const reduce = { exchangeBlocks: 40, silentListBlocks: 2, fetchBlocks: 10, prepareBlocks: 5 };

  it('come one after another once the exchange is over, the first one at once', () => {
    const turns = [0, 40, 41, 42, 44].map((blocks) => listTurnsCome(reduce, blocks));
    expect(turns).toEqual([1, 1, 1, 2, 3]);
  });

  it('end where nobody could fetch, prepare and record any more', () => {
    const late = [683, 684].map((offset) => listIsTooLate({ clock: { outcome: 700 }, reduce }, offset));
    expect(late).toEqual([false, true]);
  });
});
