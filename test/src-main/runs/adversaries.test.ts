import { expect, it } from 'vitest';
import type { RecordWriter } from '../../../src-main/rounds/commands.ts';
import { hostParts } from '../../../src-main/runs/adversaries/adversaries.ts';
import { turnedDigest } from '../../../src-shared/contract/adversary.ts';
import { encodeRecord, parseRecord } from '../../../src-shared/rounds/record.ts';
import { hex, ss58 } from '../../../src-shared/units.ts';
import { fakeChain } from '../../fakes/fake-chain.ts';

const signal = new AbortController().signal;
const validator = ss58('5validator');
const signer = { address: validator, sign: async () => new Uint8Array(64) };

it('a colluding validator gives all weight to the last of those that have earned nothing', async () => {
  const neurons = ['5validator', '5anna', '5bob', '5idle'].map((name, uid) => ({
    hotkey: ss58(name),
    validatorPermit: uid === 0,
  }));
  const chain = fakeChain({ neurons });
  chain.sealTo(10);
  const through = hostParts('colluding-validator').judging(chain);
  const weights = [
    { uid: 1, weight: 65_535 },
    { uid: 2, weight: 30_000 },
  ];
  const sent = through.submit({ kind: 'setWeights', mechanism: 0, weights }, signer, signal);
  await Promise.resolve();
  chain.sealTo(12);
  await sent;
  expect(chain.weights.get(validator)).toEqual([{ uid: 3, weight: 65_535 }]);
  // Everything else is the chain's own.
  expect(through.head).toBe(chain.head);
});

it('a false witness writes a result that nobody computed, and its parents as they are', async () => {
  const record = { tag: hex('0123456789abcdef'), round: 4, parentId: hex('1'.repeat(64)) };
  const written: (Uint8Array | undefined)[] = [];
  const writer: RecordWriter = {
    async writeRecord({ field }) {
      written.push(field);
      return null;
    },
  };
  const through = hostParts('false-witness').writing(writer);
  for (const resultId of [hex('2'.repeat(64)), null])
    await through.writeRecord(
      { decision: 'one', field: encodeRecord({ ...record, resultId }), lastBlock: null },
      signal,
    );
  expect(written.map((field) => parseRecord(field!))).toEqual([
    { ...record, resultId: turnedDigest(hex('2'.repeat(64))) },
    { ...record, resultId: null },
  ]);
});

it('an honest host goes through nothing', () => {
  const chain = fakeChain({ neurons: [] });
  for (const name of [null, 'free-rider'] as const) expect(hostParts(name).judging(chain)).toBe(chain);
});
