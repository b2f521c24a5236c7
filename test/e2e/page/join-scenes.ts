import { profileOf, summaryOf } from '../../../src-main/join/read-profile.ts';
import type { JoinQuote } from '../../../src-shared/contract/page/join.ts';
import type { EndpointFacts } from '../../../src-shared/contract/page/network.ts';
import { practiceProfile } from '../../../src-shared/profile/shipped.ts';
import { alphaRao, hex, rao } from '../../../src-shared/units.ts';
import { me, other } from './scenes.ts';

/** What a chain, a profile and a quote say where joining is in order. */
export const facts: EndpointFacts = {
  endpoint: 'ws://127.0.0.1:9944',
  chain: 'Butterfly devnet',
  genesis: hex('ab'.repeat(32)),
  specVersion: 425,
  finalizedBlock: 4_812,
  knownNetwork: null,
  mark: 'TEST',
  netuid: 38,
  subnet: { name: 'Butterfly practice', ownerColdkey: null },
};
/** The file that `npm run devnet` writes, as the real host reads it. */
export const profileText = JSON.stringify(
  practiceProfile({
    ...{ witness: me, ownerColdkey: other, genesis: hex('ab'.repeat(32)) },
    ...{ endpoint: 'ws://127.0.0.1:9944', bootstrap: [] },
  }),
);
export const profile = summaryOf(profileOf({ kind: 'file', text: profileText }));
export const quote: JoinQuote = {
  hotkey: me,
  coldkey: other,
  coldkeyFile: 'open',
  uid: null,
  registrationCostRao: rao(500_000_000n),
  capsPrice: true,
  freeRao: rao(12_407_134_210n),
  stakeAlpha: alphaRao(0n),
  maySpend: true,
  problem: null,
};
