import { medianOf, type Rates } from '../scoring/bandwidth.ts';
import type { Ss58 } from '../units.ts';
import type { Ready, Receipt } from './messages.ts';

/**
 * How fast members are (ROUNDS section 4): what pairs signed about real rounds decides, and an announced rate is only
 * believed near it.
 */

/** A terabit a second: no link is faster, and sums of what is below it stay exact. */
export const MOST_BYTES_PER_S = 125_000_000_000;

/** An announced rate counts between half and twice of what was measured. */
const BELIEVED_WITHIN = 2;

/**
 * The rates of everybody's link, from both-signed receipts. In a round all pairs move at once, so a link is the median
 * of its pairs times their number: one slow counterparty or one friend does not decide. Of several rounds the median.
 * @param rounds receipts of each round
 */
export function measuredRates(rounds: readonly (readonly Receipt[])[]): ReadonlyMap<Ss58, Rates> {
  const up = rounds.map((receipts) => linkRates(receipts, ({ from }) => from));
  const down = rounds.map((receipts) => linkRates(receipts, ({ to }) => to));
  const peers = new Set([...up, ...down].flatMap((links) => [...links.keys()]));
  const over = (links: typeof up, peer: Ss58) => {
    const rate = medianOf(links.flatMap((link) => link.get(peer) ?? []));
    // Between the two middle ones of an even number lies no whole byte, and Ready has place for nothing else.
    return rate === null ? null : Math.round(rate);
  };
  return new Map(
    [...peers].map((peer) => [peer, { upBytesPerS: over(up, peer), downBytesPerS: over(down, peer) }]),
  );
}

function linkRates(
  receipts: readonly Receipt[],
  endOf: (receipt: Receipt) => Ss58,
): ReadonlyMap<Ss58, number> {
  const pairs = new Map<Ss58, Map<string, number>>();
  for (const receipt of receipts) {
    const { from, to, bytes, durationMs, countersigned } = receipt;
    if (!countersigned || from === to || bytes === 0 || !(durationMs > 0)) continue;
    const end = endOf(receipt);
    const rates = pairs.get(end) ?? new Map<string, number>();
    // A claim that is told twice is one.
    rates.set(end === from ? to : from, Math.min(MOST_BYTES_PER_S, (bytes / durationMs) * 1_000));
    pairs.set(end, rates);
  }
  return new Map(
    [...pairs].map(([end, rates]) => [
      end,
      Math.min(MOST_BYTES_PER_S, Math.round(rates.size * (medianOf([...rates.values()]) ?? 0))),
    ]),
  );
}

/**
 * The rate of each that is believed, in bytes per second: the lower of both directions, each held between half and
 * twice of what was measured of its owner; where nothing was, of the group's median. 0 is unknown: nobody said or
 * showed anything.
 */
export function believedRates(
  readies: readonly Pick<Ready, 'hotkey' | 'upBytesPerS' | 'downBytesPerS'>[],
  measured: ReadonlyMap<Ss58, Rates>,
): number[] {
  const believed = (['upBytesPerS', 'downBytesPerS'] as const).map((direction) =>
    believedIn(
      readies.map((ready) => ready[direction]),
      readies.map(({ hotkey }) => measured.get(hotkey)?.[direction] ?? null),
    ),
  );
  return readies.map((_ready, i) => Math.min(...believed.map((rates) => rates[i]!)));
}

function believedIn(announced: readonly number[], measured: readonly (number | null)[]): number[] {
  const shown = measured.filter((rate) => rate !== null);
  // Before the first receipts claims are all there is: they hold each other.
  const group = medianOf(shown.length > 0 ? shown : announced.filter((rate) => rate > 0)) ?? 0;
  return announced.map((claim, i) => {
    const reference = measured[i] ?? group;
    const held = Math.min(reference * BELIEVED_WITHIN, Math.max(reference / BELIEVED_WITHIN, claim));
    return Math.round(claim > 0 ? held : reference);
  });
}
