import type { AccountView } from '../../src-shared/contract/page/money.ts';
import { accountKey } from './accounts.ts';
import { type AmountDraft, noAmount } from './money-order.ts';
import { Quotes } from './quotes.svelte.ts';
import { USUAL_TOLERANCE } from './tolerance.ts';
import { ValidatorsLook } from './validators.svelte.ts';
import { WentThrough } from './went-through.ts';

/** What is to be done with stake. */
export const SIDES = ['stake', 'unstake', 'moveStake', 'transferStake'] as const;
export type Side = (typeof SIDES)[number];

/** What "Staking" was told so far. It outlives the screen, a refusal, a denial and a wrong password. */
class StakingForm {
  side = $state<Side>('stake');
  /** null until typed: then the usual subnet stands there. */
  netuid = $state<string | null>(null);
  /** null until chosen: then the first that is offered. */
  hotkey = $state<string | null>(null);
  /** The stake that something is taken from, by its key; null: the largest. */
  from = $state<string | null>(null);
  /** Where stake moves to: a hotkey, or another coldkey. */
  to = $state<Readonly<Record<'moveStake' | 'transferStake', string>>>({ moveStake: '', transferStake: '' });
  amounts = $state.raw<Readonly<Record<Side, AmountDraft>>>({
    stake: noAmount,
    unstake: noAmount,
    moveStake: noAmount,
    transferStake: noAmount,
  });
  tolerance = $state(USUAL_TOLERANCE);

  readonly quotes = new Quotes();
  /** Of the subnet that it is about. */
  readonly validators = new ValidatorsLook();
  readonly #through = new WentThrough();

  get amount(): AmountDraft {
    return this.amounts[this.side];
  }
  set amount(draft: AmountDraft) {
    this.amounts = { ...this.amounts, [this.side]: draft };
  }

  /** Forgets an amount once it went through: the next one is another. */
  follow({ id, transactions }: AccountView): void {
    for (const side of SIDES)
      if (this.#through.isNews(accountKey(id), side, transactions))
        this.amounts = { ...this.amounts, [side]: noAmount };
  }
}

export const stakingForm = new StakingForm();
