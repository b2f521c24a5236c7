import { liveProfile } from '../../../src-shared/profile/shipped.ts';
import type { HomeLine } from './links.ts';

/** Half of a round trip of 40 ms between two homes, each its half. */
const LATENCY_MS = 10;
/** A step of the simulation for exchanges of minutes: a chunk of 131 kB takes longer at 20 Mbit. */
export const STEP_MS = 50;
/** Hosts hear of the agreed roster within a block's way through the network. */
export const ROSTER_WITHIN_MS = 2_000;

/** A line that takes so many megabits a second; down as up, where nothing else is said. */
export const homeOf = (upMbit: number, downMbit = upMbit): HomeLine => ({
  upBytesPerS: upMbit * 125_000,
  downBytesPerS: downMbit * 125_000,
  latencyMs: LATENCY_MS,
});

export const gpt2Small = () => liveProfile('gpt2-124m').consensus;
