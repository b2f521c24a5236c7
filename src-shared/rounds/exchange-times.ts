import type { Consensus } from '../profile/schema.ts';

/** Share of the exchange in which contributions come in; in the rest of it standbys step in. */
const MAIN_SHARE = 0.8;
/** After the exchange what is missing is asked of other members for this share of it. */
const FETCH_SHARE = 0.25;
/** A member without a byte for this share of the exchange counts as lost, until it sends again. */
const SILENT_SHARE = 0.1;
/** Four signs of life of half a second: a shorter silence says nothing, however short the exchange. */
const LEAST_SILENT_MS = 2_000;

/** Times of an exchange in ms after its time zero (ROUNDS section 5), at the chain's present pace. */
export interface ExchangeTimes {
  /** Between two blocks. */
  readonly blockMs: number;
  readonly slackMs: number;
  /** Until here chunks are reduced by their reducers; a little later their standbys ask for what has no result. */
  readonly mainMs: number;
  /** Length of the exchange: standbys close. */
  readonly exchangeMs: number;
  /** Everything that reducers and standbys deliver is in. */
  readonly allInMs: number;
  /** What was still missing has been asked of other members: the whole all-reduce ends. */
  readonly endMs: number;
  readonly silentAfterMs: number;
}

/** @param slowdown how many times slower than usual the chain goes (pace.ts) */
export function exchangeTimes(
  slowdown: number,
  { clock, reduce }: Pick<Consensus, 'clock' | 'reduce'>,
): ExchangeTimes {
  const blockMs = clock.blockMs * slowdown;
  const exchangeMs = Math.round(reduce.exchangeBlocks * blockMs);
  const slackMs = Math.round(reduce.slackMs * slowdown);
  const allInMs = exchangeMs + slackMs;
  return {
    blockMs,
    slackMs,
    mainMs: Math.round(exchangeMs * MAIN_SHARE),
    exchangeMs,
    allInMs,
    endMs: allInMs + Math.round(exchangeMs * FETCH_SHARE) + slackMs,
    silentAfterMs: Math.max(LEAST_SILENT_MS * slowdown, Math.round(exchangeMs * SILENT_SHARE)),
  };
}

/**
 * When the chunk at a place of its part closes at the latest, with whoever is in: chunks of a part are sent and closed
 * in order, evenly over the main share, so that a slow sender loses what is beyond its pace and holds up nobody.
 * @param place 0 for the first chunk of the part
 * @param chunkCount chunks of the whole part
 */
export const closesAtMs = ({ mainMs, slackMs }: ExchangeTimes, place: number, chunkCount: number): number =>
  (mainMs * (place + 1)) / chunkCount + slackMs;

/**
 * When standbys begin to ask for chunks without a result: a slack after the main share, but where the slack is long for its
 * exchange half of the time that is left of that is theirs.
 */
export const standbysAskAtMs = ({ mainMs, slackMs, exchangeMs }: ExchangeTimes): number =>
  Math.min(mainMs + slackMs, (mainMs + exchangeMs) / 2);

/** From when on they ask for all of them, also for those that are on their way. */
export const standbysAskAllAtMs = (times: ExchangeTimes): number =>
  (standbysAskAtMs(times) + times.exchangeMs) / 2;
