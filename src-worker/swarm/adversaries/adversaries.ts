import type { SwarmAdversary } from '../../../src-shared/contract/adversary.ts';
import { honestParts, type SwarmParts } from '../protocols.ts';
import { copying } from './copier.ts';
import { EquivocatingControl } from './equivocator.ts';
import { votingFalsely } from './false-witness.ts';
import { LyingCoder } from './lying-reducer.ts';
import { overClaiming, underDeclaring } from './rates.ts';
import { type Twist, TwistedControl } from './saying-otherwise.ts';
import { stalling } from './staller.ts';
import { VouchingControl } from './sybil-pair.ts';
import { withholding } from './withholder.ts';

const saying = (twist: Twist): SwarmParts => ({
  ...honestParts,
  controlOf: (init) => new TwistedControl(init, twist),
});

/** What each dishonest peer is made of. */
const compositions: Readonly<Record<SwarmAdversary, () => SwarmParts>> = {
  'lying-reducer': () => ({ ...honestParts, coderOf: (...of) => new LyingCoder(...of) }),
  staller: () => ({ ...honestParts, networkOf: stalling }),
  withholder: () => ({ ...honestParts, networkOf: withholding }),
  copier: copying,
  equivocator: () => ({ ...honestParts, controlOf: (init) => new EquivocatingControl(init) }),
  'over-claimer': () => saying(overClaiming),
  'under-declarer': () => saying(underDeclaring),
  'sybil-pair': () => ({ ...honestParts, controlOf: (init) => new VouchingControl(init) }),
  'false-witness': () => saying(votingFalsely),
};

/** The protocols of a peer. @param adversary left out where it is honest */
export const partsOf = (adversary: SwarmAdversary | undefined): SwarmParts =>
  adversary === undefined ? honestParts : compositions[adversary]();
