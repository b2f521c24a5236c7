import * as v from 'valibot';

const peerId = v.pipe(v.string(), v.regex(/^[1-9A-HJ-NP-Za-km-z]{46,64}$/));

/** What a member asks of a relay. */
export const relayAskSchema = v.variant('kind', [
  /** Keep a place: others may come to me through you, as long as we are connected. */
  v.object({ kind: v.literal('reserve') }),
  /** I am reachable without you now. */
  v.object({ kind: v.literal('release') }),
  /** What follows on this stream is for that peer. */
  v.object({ kind: v.literal('connect'), to: peerId }),
]);

/** What a relay says to the one that somebody comes to. */
export const relayedFromSchema = v.object({ from: peerId });

export type RelayAsk = v.InferOutput<typeof relayAskSchema>;

/** "Yes"; "no" is an empty message. */
export const YES = Uint8Array.of(1);
export const NO = new Uint8Array(0);
export const isYes = (message: Uint8Array | null): boolean => message?.length === 1 && message[0] === 1;
