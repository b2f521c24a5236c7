import * as v from 'valibot';

/**
 * Why a term of a score is what it is: a code and what fills its sentence. It travels between peers and lies in the
 * store; the page has the words. Rates are in bytes per second, shares in per cent, times in ms.
 */
export const whyCodes = [
  'registered-and-bound',
  'no-peer-speaks',
  'absent-for-an-epoch',
  /** Connected, and nothing contributed: its owner paused it, or it came too late to train. */
  'present-without-work',
  'not-there',
  'not-registered',
  'work-not-handed-over',
  'work-not-announced',
  'work-unreadable',
  'work-impossible',
  'sketches-incomparable',
  'recomputed-agree',
  'recomputed-disagree',
  'sequences-counted',
  'gradient-does-not-count',
  'rate-of-receipts',
  'rate-of-challenge',
  'latency-over-limit',
  'challenge-not-asked',
  'challenge-busy',
  'challenge-unanswered',
  'chunks-taken',
  'chunks-missing',
  'not-in-roster',
  'fraud-proven',
  'no-fraud-known',
  'looked-at-too-rarely',
  'helps-its-own-text',
  'does-not-help',
  'state-silent',
  'state-foreign',
  'contribution-silent',
  'contribution-foreign',
  'contribution-undecodable',
  'contribution-spoils',
  'page-not-assigned',
  'not-measured',
  /** A code that this version does not know. */
  'unknown',
] as const;
export type WhyCode = (typeof whyCodes)[number];

/** What is impossible about a work record, or why sketches could not be compared: the `reason` of those two codes. */
export type WorkFault =
  | 'other-round'
  | 'other-hotkey'
  | 'other-sequences'
  | 'too-many-steps'
  | 'nothing-trained'
  | 'more-than-steps'
  | 'more-than-pages'
  | 'page-twice'
  | 'page-overfull'
  | 'sketches-missing'
  | 'nothing-to-compare'
  | 'different-count'
  | 'malformed-sketch';

export interface Why {
  readonly code: WhyCode;
  readonly params: Readonly<Record<string, string | number>>;
}

/** As a store has it: `text` is a sentence that an older version kept, and never comes from a peer. */
export interface KeptWhy {
  readonly code: WhyCode | 'text';
  readonly params: Why['params'];
}

export const why = (code: WhyCode, params: Why['params'] = {}): Why => ({ code, params });

const PARAMS_MAX = 8;
const param = v.union([v.pipe(v.number(), v.finite()), v.pipe(v.string(), v.maxLength(64))]);

/** What a newer or an older version wrote is unknown, and no reason to refuse what it stands in. */
export const whySchema = v.fallback(
  v.object({
    code: v.picklist(whyCodes),
    params: v.pipe(
      v.record(v.pipe(v.string(), v.maxLength(32)), param),
      v.check((params) => Object.keys(params).length <= PARAMS_MAX),
    ),
  }),
  { code: 'unknown', params: {} },
);

/** From a row of a store: JSON, or the plain sentence of an older version. */
export function readWhy(text: string): KeptWhy {
  try {
    return v.parse(whySchema, JSON.parse(text));
  } catch {
    return { code: 'text', params: { text } };
  }
}
