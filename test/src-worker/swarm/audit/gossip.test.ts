import { rm } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { ACCUSED_MAX, type Fraud } from '../../../../src-shared/audit/fraud.ts';
import { hex, type Ss58 } from '../../../../src-shared/units.ts';
import { Control } from '../../../../src-worker/swarm/control/control.ts';
import { soon } from '../../../soon.ts';
import { MemoryWorld } from '../memory-network.ts';
import { type TestMember, testMember } from '../round.ts';

const runTag = hex('0123456789abcdef');
const opened: { readonly control: Control; readonly member: TestMember }[] = [];

afterEach(async () => {
  for (const { control, member } of opened.splice(0)) {
    control.stop();
    await rm(member.spoolDir, { recursive: true });
  }
});

/** Members whose controls hear each other; the first is the witness. */
async function speakers(count: number) {
  const world = new MemoryWorld();
  const members = await Promise.all(Array.from({ length: count }, (_, i) => testMember(i)));
  const hotkeys = new Set(members.map(({ hotkey }) => hotkey));
  return members.map((member) => {
    const network = world.join(member.hotkey, member.key.publicKey);
    const heard: { readonly signer: Ss58; readonly frauds: readonly Fraud[] }[] = [];
    const control = new Control({
      ...{ network, runTag, sign: member.key.sign },
      events: {
        onSaid: (said, signer) => said.kind === 'fraud' && heard.push({ signer, frauds: said.body.frauds }),
        onRoster: () => undefined,
        onProposal: () => undefined,
        onResults: () => undefined,
        onResultsProposal: () => undefined,
        onContradiction: () => undefined,
      },
    });
    control.setMembers(hotkeys, new Set([members[0]!.hotkey]));
    control.setRound(7);
    opened.push({ control, member });
    return { ...member, control, heard };
  });
}

const fraud = (accused: Ss58, round = 7): Fraud => ({
  ...{ accused, round, chunk: 3, sizeBytes: 900, digest: hex('ab'.repeat(32)) },
});

describe('an accusation on its way', () => {
  it('of a witness reaches everybody, and one of anybody else nobody', async () => {
    const [witness, liar, other] = await speakers(3);
    const said = [fraud(liar!.hotkey)];
    other!.control.say('fraud', { round: 7, frauds: said });
    witness!.control.say('fraud', { round: 7, frauds: said });
    await soon(() => expect(other!.heard).toEqual([{ signer: witness!.hotkey, frauds: said }]));
    await soon(() => expect(liar!.heard).toEqual([{ signer: witness!.hotkey, frauds: said }]));
    expect(witness!.heard).toEqual([]);
  });

  it('that accuses more at once than one word may is no word', async () => {
    const [witness, liar, other] = await speakers(3);
    const many = Array.from({ length: ACCUSED_MAX + 1 }, () => fraud(liar!.hotkey));
    witness!.control.say('fraud', { round: 7, frauds: many });
    witness!.control.say('fraud', { round: 7, frauds: many.slice(1) });
    await soon(() => expect(other!.heard).toHaveLength(1));
    expect(other!.heard[0]!.frauds).toHaveLength(ACCUSED_MAX);
  });
});
