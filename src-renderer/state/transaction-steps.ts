import type { TransactionState } from '../../src-shared/contract/page/money.ts';
import { formatCount } from '../i18n/format.ts';
import { t } from '../i18n/t.ts';

/** The way of a transaction, in its order. */
export const STEPS = ['signed', 'sent', 'in-block', 'final', 'done'] as const;
export type Step = (typeof STEPS)[number];

/** How far one step is: behind, under way, to come, or where it ended otherwise. */
export type StepState = 'done' | 'now' | 'waiting' | 'ended';

export interface DrawnStep {
  readonly step: Step;
  readonly state: StepState;
}

/** The five steps as they are drawn for a state. */
export function drawnSteps(state: TransactionState): readonly DrawnStep[] {
  const { done, next } = progressOf(state);
  return STEPS.map((step, index) => ({
    step,
    state: index < done ? 'done' : index === done ? next : 'waiting',
  }));
}

/** @returns how many steps are behind, and how the one after them stands */
function progressOf(state: TransactionState): { readonly done: number; readonly next: StepState } {
  switch (state.kind) {
    case 'review':
      return { done: 0, next: 'now' };
    case 'signed':
      return { done: 1, next: 'now' };
    case 'sent':
      return { done: 2, next: 'now' };
    case 'in-block':
      return { done: 3, next: 'now' };
    case 'done':
      return { done: STEPS.length, next: 'done' };
    case 'refused':
      return { done: state.block === null ? 1 : 3, next: 'ended' };
    case 'expired':
      return { done: 2, next: 'ended' };
    // Whether a node ever had it is what is being found out.
    case 'unknown':
      return { done: 1, next: 'now' };
  }
}

/** Whether more is to come of it by itself. */
export const isUnderWay = ({ kind }: TransactionState): boolean =>
  kind === 'signed' || kind === 'sent' || kind === 'in-block' || kind === 'unknown';

/** One phrase for where a transaction stands. */
export const stepWord = (state: TransactionState): string =>
  state.kind === 'in-block' ? t('at.in-block', { block: formatCount(state.block) }) : t(`at.${state.kind}`);
