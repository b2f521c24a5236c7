import { expect, it } from 'vitest';
import { hex, ss58 } from '../../../../src-shared/units.ts';
import { ProofGiving } from '../../../../src-worker/swarm/audit/proof-giving.ts';

const proof = hex('ab'.repeat(32));
const [accused, ...others] = ['5a', '5b', '5c', '5d', '5e'].map((text) => ss58(text));

it('one that asks slowly and again keeps a proof from nobody', () => {
  const gives = new ProofGiving();
  expect([gives.begin(proof, accused!), gives.begin(proof, accused!)]).toEqual([true, false]);
  expect(gives.begin(proof, others[0]!)).toBe(true);
  gives.end(accused!);
  expect(gives.begin(proof, accused!)).toBe(true);
  gives.end(accused!);
  expect(gives.begin(proof, accused!)).toBe(false);
});

it('no more are under way at once than an uplink bears', () => {
  const gives = new ProofGiving();
  const all = [accused!, ...others].map((who) => gives.begin(proof, who));
  expect(all).toEqual([true, true, true, true, false]);
  gives.end(others[0]!);
  expect(gives.begin(proof, others[3]!)).toBe(true);
});
