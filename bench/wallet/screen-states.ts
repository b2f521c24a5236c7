import type { View } from '../../src-shared/contract/page/sections.ts';
import { paid, unpaid, withHole } from '../../test/e2e/page/earnings-scenes.ts';
import * as money from '../../test/e2e/page/money-scenes.ts';
import { idle, silentChain, training } from '../../test/e2e/page/scenes.ts';
import { foreignSubnet, fullSubnet, quietSubnet } from '../../test/e2e/page/subnet-scenes.ts';

/** A screen in one of its states: what the host shows and answers. */
export interface ScreenState {
  readonly screen: 'wallet' | 'staking' | 'earnings' | 'subnet';
  readonly name: string;
  readonly view: View;
  readonly answers: Readonly<Record<string, unknown>>;
}

/** Empty, loading, full, stale and error of each of the four screens. */
export function screenStates(nowMs: number): readonly ScreenState[] {
  const views = {
    empty: money.none(),
    loading: money.loading(nowMs),
    full: money.full(nowMs),
    stale: money.stale(nowMs),
    error: money.unread(nowMs),
  };
  const purse = Object.entries(views).flatMap(([name, view]) =>
    (['wallet', 'staking'] as const).map(
      (screen): ScreenState => ({ screen, name, view, answers: { worthSeries: money.worthSeries(nowMs) } }),
    ),
  );
  const steps = money.states.map(
    (state): ScreenState => ({
      ...{ screen: 'staking', name: `transaction ${state.kind}`, answers: {} },
      view: money.standing(nowMs, state),
    }),
  );
  const of = (screen: 'earnings' | 'subnet', name: string, view: View, answer: unknown): ScreenState => ({
    ...{ screen, name, view },
    answers: { [screen === 'earnings' ? 'earningsHistory' : 'subnetEconomics']: answer },
  });
  return [
    ...purse,
    ...steps,
    of('earnings', 'empty', idle(), undefined),
    of('earnings', 'loading', training(nowMs), undefined),
    of('earnings', 'unpaid', training(nowMs), unpaid()),
    of('earnings', 'full', training(nowMs), paid(nowMs)),
    of('earnings', 'with a hole', training(nowMs), withHole(nowMs)),
    of('earnings', 'stale', silentChain(nowMs), paid(nowMs)),
    of('subnet', 'empty', idle(), undefined),
    of('subnet', 'loading', training(nowMs), undefined),
    of('subnet', 'full', training(nowMs), fullSubnet(nowMs)),
    of('subnet', 'unknown', training(nowMs), quietSubnet(nowMs)),
    of('subnet', 'stale', silentChain(nowMs), fullSubnet(nowMs)),
    of('subnet', 'error', training(nowMs), foreignSubnet(nowMs)),
  ];
}
