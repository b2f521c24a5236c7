import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { checkState } from '../../../../src-worker/swarm/state/check.ts';
import { StateDonor } from '../../../../src-worker/swarm/state/donate.ts';
import { soon } from '../../../soon.ts';
import { dropWorlds, never, PIECE, stateWorld, watchPieces } from './rig.ts';

afterEach(dropWorlds);

/** A world in which the one that asks holds the state too. */
async function judgeWorld() {
  const world = await stateWorld(2);
  const { network, self, state, wanted } = world;
  const donor = new StateDonor(network, PIECE);
  onTestFinished(() => donor.stop());
  const path = join(self.spoolDir, 'own.bin');
  await writeFile(path, state);
  await donor.offer({ ...wanted, path, lineage: [] });
  const check = (hotkey = world.hotkeys[0]!, baseDigest = wanted.baseDigest) =>
    checkState({ network, donor, patience: { behindMs: 10_000 } }, { baseDigest, hotkey }, never);
  return { ...world, check };
}

describe('a piece of the state that a member should stand on', () => {
  it('is asked for, another one each time, and costs no more than itself', async () => {
    const { check, net, hotkeys, self } = await judgeWorld();
    const seen = new Set<string>();
    watchPieces(net, [hotkeys[0]!, self.hotkey], (piece, deliver) => {
      seen.add(Buffer.from(piece).toString('hex'));
      deliver(piece);
    });
    for (let i = 0; i < 12; i++) {
      const { outcome, bytes } = await check();
      expect([outcome, bytes <= PIECE]).toEqual(['held', true]);
    }
    expect(seen.size).toBeGreaterThan(1);
  });

  it('is another one where a byte of it is wrong', async () => {
    const { check, net, hotkeys, self } = await judgeWorld();
    watchPieces(net, [hotkeys[0]!, self.hotkey], (piece, deliver) => {
      const wrong = Uint8Array.from(piece);
      wrong[200]! ^= 1;
      deliver(wrong);
    });
    expect((await check()).outcome).toBe('foreign');
  });

  it('is not given by who does not have the state, which others do', async () => {
    const { check, donors, hotkeys } = await judgeWorld();
    await donors[0]!.stop();
    expect(await check()).toEqual({ outcome: 'silent', bytes: 0 });
    expect((await check(hotkeys[1]!)).outcome).toBe('held');
  });

  it('is kept back by who says "later" for ever, and given by who was busy for a moment', async () => {
    const { check, donors, hotkeys } = await judgeWorld();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const giveAgain = donors[0]!.giving.hold();
    const answers: string[] = [];
    const asked = () => void check(hotkeys[0]!).then(({ outcome }) => answers.push(outcome));
    asked();
    await soon(() => expect(answers).toEqual(['silent']));
    asked();
    await vi.advanceTimersByTimeAsync(2_000);
    giveAgain();
    await soon(() => expect(answers).toEqual(['silent', 'held']));
  });

  it('is asked of nobody where the state is not held here', async () => {
    const { check, hotkeys } = await judgeWorld();
    await expect(check(hotkeys[0]!, '0'.repeat(64) as never)).rejects.toMatchObject({ code: 'NOT_NOW' });
  });
});
