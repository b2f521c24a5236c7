import { describe, expect, it } from 'vitest';
import { type DeskRig, freeRao, memoryTransactions, stake, startDesk, TAO, unstake } from './desk-rig.ts';

const { signal } = new AbortController();

/** An order of this rig as the journal of another process has it: signed, and its fate open. */
async function elsewhereOpen(rig: DeskRig, elsewhere: ReturnType<typeof memoryTransactions>) {
  const id = await rig.approve(await rig.quote(stake(5)));
  const row = rig.store.rows.get(id);
  await rig.until(id, 'done');
  if (!row) throw new Error('it was not kept');
  await elsewhere.keep({ ...row, id: 'of another', isOpen: true });
}

describe('an order that another process has under way', () => {
  it('is not quoted as one that can be asked for, until the chain says what became of it', async () => {
    const elsewhere = memoryTransactions();
    const rig = await startDesk({ elsewhere });
    await elsewhereOpen(rig, elsewhere);
    expect((await rig.quote(stake(5))).problem?.code).toBe('ORDER_UNDER_WAY');
    expect((await rig.quote(unstake('all'))).problem?.code).toBe('STAKE_RESTS');
    // Its process is gone. Once its era has ended it is looked for from here, and was done.
    for (let block = 0; block < 70; block++) rig.devnet.sealBlock();
    await expect.poll(async () => (await rig.quote(stake(5))).problem, { timeout: 20_000 }).toBeNull();
    expect(elsewhere.rows.get('of another')?.isOpen).toBe(true);
  });

  it('is not asked for here: it may have come since the quote', async () => {
    const elsewhere = memoryTransactions();
    const rig = await startDesk({ elsewhere });
    const quote = await rig.quote(stake(5));
    const other = await rig.quote(stake(5));
    await rig.until(await rig.approve(other), 'done');
    const [row] = rig.store.rows.values();
    if (row) await elsewhere.keep({ ...row, id: 'of another', isOpen: true });
    await expect(rig.desk.ask(quote.id)).rejects.toMatchObject({
      code: 'ORDER_UNDER_WAY',
    });
  });

  it('and that was signed at the same moment is sent by one of them at most', async () => {
    const elsewhere = memoryTransactions();
    const rig = await startDesk({ elsewhere });
    const before = await freeRao(rig);
    const sent = () => rig.wire.asked.filter((method) => method.startsWith('author_submit')).length;
    const sentBefore = sent();
    const quote = await rig.quote(stake(5));
    const id = await rig.desk.ask(quote.id);
    // The other one writes its own while this one is being written.
    const keep = rig.store.keep.bind(rig.store);
    rig.store.keep = async (row) => {
      await elsewhere.keep({ ...row, id: 'of another' });
      await keep(row);
    };
    const password = new TextEncoder().encode('a right password');
    await expect(rig.desk.approve(id, { password, typed: quote.typedConsent }, signal)).rejects.toMatchObject(
      {
        code: 'ORDER_UNDER_WAY',
      },
    );
    expect(sent()).toBe(sentBefore);
    expect(rig.transaction(id)?.state).toMatchObject({ kind: 'refused', block: null });
    expect(before - (await freeRao(rig))).toBeLessThan(TAO);
  });
});
