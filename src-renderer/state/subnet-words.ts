import type { SubnetPoint, SubnetView } from '../../src-shared/contract/page/subnet.ts';
import type { Figures } from '../../src-shared/economics/figures.ts';
import {
  blocksPerDay,
  type Forecast,
  forecastOf,
  type NewcomerRate,
  newcomerRate,
} from '../../src-shared/economics/newcomers.ts';
import { dailyMoves } from '../../src-shared/economics/price-moves.ts';
import type { AlphaRao } from '../../src-shared/units.ts';
import { formatCount, formatDecimal, formatDuration } from '../i18n/format.ts';
import { formatChange, formatShare, quantityText } from '../i18n/quantity.ts';
import { plural, t } from '../i18n/t.ts';

/** What the screen Subnet says in sentences. Pure. */

const DAY_MS = 86_400_000;

export interface Turn {
  readonly rate: NewcomerRate | null;
  /** null where the runtime does not say, or for a place that is never taken. */
  readonly forecast: Forecast | null;
  readonly free: number | null;
}

/** When newcomers reach the own place. */
export function turnOf({ neurons, pruneOrder, place, rules, block, blockMs, identity }: SubnetView): Turn {
  const perDay = blocksPerDay(blockMs);
  const registered = neurons.map(({ registeredAt }) => registeredAt);
  const rate = newcomerRate(registered, block, perDay, identity.launchedAt ?? 0);
  const free = rules?.maxUids == null ? null : Math.max(0, rules.maxUids - neurons.length);
  const forecast =
    pruneOrder && place?.uid != null ? forecastOf(place.uid, pruneOrder, free ?? 0, rate) : null;
  return { rate, forecast, free };
}

/** Up to four sentences: free places, the own place in the queue, how many come, and when it would be one's turn. */
export function turnSentences(view: SubnetView, { rate, forecast, free }: Turn): readonly string[] {
  const { pruneOrder, place, neurons, identity } = view;
  const said: string[] = [];
  if (free) said.push(plural('subnet.leave.freePlaces', free, formatCount(free)));
  if (place?.uid != null && pruneOrder && pruneOrder.length > 0) {
    const ahead = pruneOrder.indexOf(place.uid);
    const own = neurons.find(({ uid }) => uid === place.uid);
    const isOwners = own?.hotkey === identity.ownerHotkey || own?.coldkey === identity.ownerColdkey;
    if (ahead < 0) said.push(t(isOwners ? 'subnet.leave.never' : 'subnet.leave.kept'));
    else if (ahead === 0) said.push(t('subnet.leave.ahead.zero'));
    else said.push(plural('subnet.leave.ahead', ahead, formatCount(ahead)));
  }
  said.push(rate ? rateSentence(rate) : t('subnet.leave.rateYoung'));
  if (forecast) said.push(rangeSentence(forecast));
  return said;
}

const perDayText = (value: number): string => formatDecimal(value, value < 10 && value % 1 !== 0 ? 1 : 0);

function rateSentence({ mean, low, high, days }: NewcomerRate): string {
  return mean === 0
    ? t('subnet.leave.safe')
    : t('subnet.leave.rate', {
        mean: perDayText(mean),
        low: perDayText(low),
        high: perDayText(high),
        days: formatDuration(days * DAY_MS),
      });
}

function rangeSentence({ days: { soonest, latest } }: Forecast): string {
  const span = (days: number) => formatDuration(days * DAY_MS);
  if (soonest === null) return '';
  if (latest === null) return t('subnet.leave.rangeOpen', { from: span(soonest) });
  return t('subnet.leave.range', { from: span(soonest), to: span(latest) });
}

/** What an epoch pays to the next one above the own place, beyond one's own; null: nobody above, or not known. */
export function gapAbove({ neurons, pruneOrder, place }: SubnetView): AlphaRao | null {
  const at = pruneOrder && place?.uid != null ? pruneOrder.indexOf(place.uid) : -1;
  const paid = (uid: number | null | undefined) =>
    neurons.find((one) => one.uid === uid)?.emissionAlpha ?? null;
  const [own, above] = [paid(place?.uid), at < 0 ? null : paid(pruneOrder?.[at + 1])];
  return own === null || above === null || above < own ? null : ((above - own) as AlphaRao);
}

/** The first of the points that tells how many took part, where it is old enough to compare with. */
export function participationBefore(history: readonly SubnetPoint[], nowMs: number): SubnetPoint | null {
  const first = history.find(({ miners }) => miners !== null);
  return first && nowMs - first.atMs > 60_000 ? first : null;
}

/** The risks of holding, each with what is known of it. */
export interface Risk {
  readonly id: 'moves' | 'pool' | 'emission' | 'competition' | 'dissolve';
  readonly text: string;
}

export function risksOf({ history, others }: SubnetView, figures: Figures): readonly Risk[] {
  const unknown = t('subnet.notKnown');
  const moves = dailyMoves(history);
  const { depth, emissionShare, movingPrice, emissionRank, largestShare, cheaperSubnets } = figures;
  const text = (figure: Figures[keyof Figures]) => (figure.value ? quantityText(figure.value) : unknown);
  const countOf = ({ value }: Figures[keyof Figures]) => (value?.kind === 'count' ? value.count : null);
  const share = emissionShare.value?.kind === 'share' ? emissionShare.value.share : null;
  const [rank, cheaper] = [countOf(emissionRank), countOf(cheaperSubnets)];
  return [
    {
      id: 'moves',
      text: moves
        ? t('subnet.risk.movesIs', {
            low: formatChange(moves.low),
            high: formatChange(moves.high),
            days: formatCount(moves.days),
          })
        : t('subnet.risk.movesUnknown'),
    },
    { id: 'pool', text: depth.value ? t('subnet.risk.poolIs', { drop: text(depth) }) : unknown },
    {
      id: 'emission',
      text:
        share === null
          ? unknown
          : share === 0
            ? t('subnet.risk.emissionNone')
            : t('subnet.risk.emissionIs', { share: formatShare(share), price: text(movingPrice) }),
    },
    {
      id: 'competition',
      text:
        others?.length === 0
          ? t('subnet.risk.competitionAlone')
          : rank === null || !others
            ? unknown
            : t('subnet.risk.competitionIs', {
                rank: formatCount(rank),
                of: formatCount(others.length + 1),
                largest: text(largestShare),
              }),
    },
    {
      id: 'dissolve',
      text:
        cheaper === null
          ? unknown
          : cheaper === 0
            ? t('subnet.risk.dissolveNext')
            : plural('subnet.risk.dissolveIs', cheaper, formatCount(cheaper)),
    },
  ];
}

/** "14th": English alone, until another language asks for its own. */
export function ordinal(n: number): string {
  const [tens, ones] = [n % 100, n % 10];
  const ending =
    tens > 10 && tens < 14 ? 'th' : ones === 1 ? 'st' : ones === 2 ? 'nd' : ones === 3 ? 'rd' : 'th';
  return `${formatCount(n)}${ending}`;
}
