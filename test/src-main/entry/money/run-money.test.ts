import { describe, expect, it } from 'vitest';
import type { Conversation } from '../../../../src-main/entry/conversation.ts';
import { moveMoney } from '../../../../src-main/entry/money/run-money.ts';
import { stateLine } from '../../../../src-main/entry/money/words.ts';
import type { Intent } from '../../../../src-shared/contract/page/money.ts';
import { KEPT_FOR_FEES_RAO } from '../../../../src-shared/contract/page/order.ts';
import { AppError } from '../../../../src-shared/errors/app-error.ts';
import { rao } from '../../../../src-shared/units.ts';
import { minerHotkey, owner, sealing, withoutEvents } from '../../network/rig.ts';
import {
  type DeskOptions,
  type DeskRig,
  freeRao,
  HOTKEY,
  heldAlpha,
  PASSWORD,
  stake,
  startDesk,
  TAO,
} from '../../wallet/desk-rig.ts';

interface Typed {
  /** At the question for consent; null: whatever it asks for. */
  readonly consent?: string | null;
  readonly passwords?: readonly string[];
}

/** A person at a terminal, and what stands on their screen. */
function person({ consent = null, passwords = [PASSWORD] }: Typed) {
  const screen: string[] = [];
  const hidden = [...passwords];
  const talk: Conversation = {
    say: (line) => void screen.push(line),
    async ask(question) {
      screen.push(question);
      return consent ?? /Type (\S+) to agree/.exec(question)?.[1] ?? '';
    },
    async askHidden() {
      const next = hidden.shift();
      if (next === undefined) throw new AppError('CANCELLED');
      return new TextEncoder().encode(next);
    },
    clear: () => undefined,
  };
  return { talk, screen, left: hidden };
}

async function moved(rig: DeskRig, intent: Intent, typed: Typed = {}, isJson = false) {
  const { talk, screen, left } = person(typed);
  const said: string[] = [];
  const order = { account: rig.account, intent };
  const code = await sealing(
    rig.devnet,
    moveMoney(
      rig.desk,
      order,
      talk,
      { say: (line) => void said.push(line), isJson },
      new AbortController().signal,
    ),
  );
  return { code, said, screen, left };
}
const started = (options?: DeskOptions) => startDesk(options);

describe('money moved at a terminal', () => {
  it('is quoted, looked over by its bytes, agreed to, signed, and followed to the end', async () => {
    const rig = await started();
    const { code, said, screen } = await moved(rig, stake(5));
    expect(code).toBe(0);
    const all = said.join('\n');
    for (const part of ['You pay', 'At worst', 'Price now', 'Network fee', 'After this, free'])
      expect(all).toContain(part);
    expect(said.filter((line) => /^\d of 5/.test(line)).map((line) => line.slice(0, 1))).toEqual([
      '1',
      '2',
      '3',
      '5',
    ]);
    expect(all).toMatch(/5 of 5 {2}done, final in block \d+\n.*5 TAO/s);
    const review = screen.join('\n');
    expect(review).toContain('SubtensorModule.add_stake_limit');
    expect(review).toContain(rig.network.genesisHash);
    expect(review).toContain(rig.coldkey);
    // The first order of an account is agreed to by its amount.
    expect(review).toContain('Type 5 to agree');
    expect(await heldAlpha(rig)).toBeGreaterThan(0n);
    expect(`${all}${review}`).not.toContain(PASSWORD);
  });

  it('asks again after wrong passwords, and nothing of the order is lost', async () => {
    const rig = await started();
    const { code, screen } = await moved(rig, stake(5), { passwords: ['a', 'b', PASSWORD] });
    expect(code).toBe(0);
    expect(rig.tries).toEqual([false, false, true]);
    expect(screen.filter((line) => line.includes('does not open with this password'))).toHaveLength(2);
  });

  it('is not signed by who types something else, or leaves at the password', async () => {
    const rig = await started();
    const before = await freeRao(rig);
    for (const typed of [{ consent: 'yes' }, { consent: '' }, { passwords: ['wrong'] }])
      await expect(moved(rig, stake(5), typed)).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(rig.desk.pending).toBeNull();
    expect(rig.desk.transactions(rig.account)).toEqual([]);
    expect(await freeRao(rig)).toBe(before);
  });

  it('is told by its reason, and nobody is asked, where it cannot be done', async () => {
    const rig = await started();
    const { talk, screen } = person({});
    const order = { account: rig.account, intent: stake(1_000) };
    const telling = { say: () => undefined, isJson: false };
    const { signal } = new AbortController();
    await expect(moveMoney(rig.desk, order, talk, telling, signal)).rejects.toMatchObject({
      code: expect.stringMatching(/BALANCE|NEEDED/),
    });
    expect(screen).toEqual([]);
  });

  it('ends where its block is known and what it did there can be read no more', async () => {
    const rig = await started();
    rig.wire.lieWith(withoutEvents);
    const { code, said } = await moved(rig, stake(5));
    expect(code).toBe(1);
    expect(said.at(-1)).toMatch(/^In block \d+, and what it did there can be read no more/);
  });

  it('is only quoted where nobody is to be asked', async () => {
    const rig = await started();
    const said: string[] = [];
    const telling = { say: (line: string) => void said.push(line), isJson: false };
    const order = { account: rig.account, intent: stake(5) };
    expect(await moveMoney(rig.desk, order, null, telling, new AbortController().signal)).toBe(0);
    expect(said.join('\n')).toContain('You receive about');
    expect(rig.desk.pending).toBeNull();
  });

  it('needs no password where the coldkey lies open, and the same consent', async () => {
    const rig = await started({ opens: 'plain' });
    const { code, left } = await moved(rig, stake(5), { passwords: ['not asked for'] });
    expect({ code, left }).toEqual({ code: 0, left: ['not asked for'] });
    await expect(moved(rig, stake(5), { consent: 'no' })).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('is told to scripts as JSON, a line each, with amounts as texts', async () => {
    const rig = await started();
    const { code, said, screen } = await moved(
      rig,
      { kind: 'transfer', to: owner.address, amountRao: rao(2n * TAO) },
      {},
      true,
    );
    const lines = said.map((line) => JSON.parse(line));
    expect(code).toBe(0);
    expect(lines[0]).toMatchObject({ kind: 'quote', terms: { kind: 'transfer', amountRao: '2000000000' } });
    expect(lines.slice(1).map(({ kind, state }) => [kind, state.kind])).toEqual(
      ['signed', 'sent', 'in-block', 'done'].map((state) => ['transaction', state]),
    );
    expect(lines.at(-1).state.outcome.balanceRao).toMatch(/^-20\d+$/);
    // The person reads the quote all the same.
    expect(screen.join('\n')).toContain('You send');
  });

  it('ends with 1 where the chain refused it', async () => {
    const rig = await started();
    const hotkey = HOTKEY;
    // Between quote and block somebody else buys the price away from the limit.
    const { talk } = person({});
    const said: string[] = [];
    const order = { account: rig.account, intent: { ...stake(1), toleranceBps: 10, hotkey } as Intent };
    const rushing: Conversation = {
      ...talk,
      async askHidden(question) {
        const chain = await rig.network.subnet(
          38,
          { name: 'Practice', ownerColdkey: null },
          new AbortController().signal,
        );
        const buy = chain.submit(
          {
            kind: 'addStakeLimit',
            hotkey: minerHotkey.address,
            amountRao: rao(300n * TAO),
            limitPriceRao: rao(10n ** 15n),
            allowPartial: false,
          } as never,
          owner,
          new AbortController().signal,
        );
        await buy;
        return talk.askHidden(question);
      },
    };
    const code = await sealing(
      rig.devnet,
      moveMoney(
        rig.desk,
        order,
        rushing,
        { say: (line) => void said.push(line), isJson: false },
        new AbortController().signal,
      ),
    );
    expect(code).toBe(1);
    expect(said.at(-1)).toMatch(/^Refused in block \d+/);
  });
});

it('a refusal that holds for some blocks alone says which block can take the order', () => {
  const error = { code: 'STAKE_RESTS', params: {} } as const;
  const line = stateLine({ kind: 'refused', block: 9, error, retryBlock: 10 });
  expect(line).toMatch(/^Refused in block 9: .* Block 10 can take it: order it again then\.$/);
  expect(stateLine({ kind: 'refused', block: 9, error })).not.toContain('Block 10');
});

it('all that is free is staked, but what later fees are paid from', async () => {
  const rig = await startDesk({ freeRao: 10n * TAO });
  const { code } = await moved(rig, { ...stake(1), amountRao: 'all' } as Intent);
  expect(code).toBe(0);
  expect(await heldAlpha(rig)).toBeGreaterThan(9n * TAO);
  const left = await freeRao(rig);
  expect(left).toBeLessThan(KEPT_FOR_FEES_RAO);
  expect(left).toBeGreaterThan(KEPT_FOR_FEES_RAO - TAO / 100n);
  const again = await rig.quote({ ...stake(1), amountRao: 'all' } as Intent);
  expect(again.problem?.code).toBe('BALANCE_TOO_LOW');
});
