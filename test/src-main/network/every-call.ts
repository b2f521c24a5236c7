import type { ChainCall } from '../../../src-main/network/chain.ts';
import { alphaRao, hex, rao } from '../../../src-shared/units.ts';
import { miner, minerHotkey, owner, ownerHotkey } from './rig.ts';

const { address: hotkey } = minerHotkey;
const { address: to } = owner;
const order = { hotkey, limitPriceRao: rao(9n), allowPartial: false };

/** One call of each kind, and the words that its bytes are told in on a runtime like mainnet's 393, on subnet 38. */
export const everyCall: readonly (readonly [ChainCall, string])[] = [
  [
    { kind: 'burnedRegister', hotkey, limitRao: rao(5n) },
    `register ${hotkey} on subnet 38 for whatever it costs then`,
  ],
  [
    { kind: 'addStakeLimit', ...order, amountRao: rao(1_500_000_000n) },
    `stake 1.5 TAO to ${hotkey} on subnet 38, at most 0.000000009 TAO for one alpha`,
  ],
  [
    { kind: 'removeStakeLimit', ...order, allowPartial: true, amountAlpha: alphaRao(2_000_000_000n) },
    `take 2 alpha, or a part of it from ${hotkey} on subnet 38, for at least 0.000000009 TAO each`,
  ],
  [
    { kind: 'removeStakeFullLimit', hotkey, limitPriceRao: rao(10n ** 9n) },
    `take all alpha from ${hotkey} on subnet 38, for at least 1 TAO each`,
  ],
  [
    {
      ...{ kind: 'swapStakeLimit', hotkey, fromNetuid: 7, allowPartial: false },
      ...{ amountAlpha: alphaRao(10n ** 9n), limitRatio: 980_000_000n },
    },
    `move 1 alpha of ${hotkey} from subnet 7 to subnet 38, at a price ratio of at least 980000000 in 10^9`,
  ],
  [
    {
      ...{ kind: 'moveStake', fromHotkey: hotkey, toHotkey: ownerHotkey.address },
      amountAlpha: alphaRao(10n ** 9n),
    },
    `move 1 alpha from ${hotkey} on subnet 38 to ${ownerHotkey.address} on subnet 38`,
  ],
  [
    { kind: 'transferStake', toColdkey: to, hotkey, amountAlpha: alphaRao(10n ** 9n) },
    `give 1 alpha on ${hotkey} of subnet 38 to ${to} on subnet 38`,
  ],
  [
    { kind: 'transfer', to, amountRao: rao(18_446_744_073_709_551_615n) },
    `send 18,446,744,073.709551615 TAO to ${to}`,
  ],
  [{ kind: 'transferAll', to, keepAlive: true }, `send all TAO to ${to}, but for what keeps the account`],
  [{ kind: 'claimRoot', netuids: [38, 2, 38] }, 'claim what root stake earned on 2 subnets'],
  [{ kind: 'setAutoStake', hotkey }, `stake what miners earn on subnet 38 to ${hotkey} from now on`],
  [
    { kind: 'swapHotkey', hotkey, newHotkey: miner.address },
    `replace ${hotkey} by ${miner.address} on subnet 38`,
  ],
  [{ kind: 'serveAxon', ip: '1.2.3.4', port: 4_001, version: 1 }, 'serve at 1.2.3.4 port 4001 on subnet 38'],
  [
    { kind: 'serveAxon', ip: '2001:db8::ff00:42', port: 4_001, version: 1 },
    'serve at 2001:db8:0:0:0:0:ff00:42 port 4001 on subnet 38',
  ],
  [
    { kind: 'setCommitment', fields: [Uint8Array.of(1, 2, 3), new Uint8Array(128)] },
    'commit 2 fields on subnet 38',
  ],
  [
    { kind: 'setWeights', mechanism: 0, weights: [{ uid: 3, weight: 65_535 }] },
    'set weights of 1 uids on subnet 38',
  ],
  [{ kind: 'setWeights', mechanism: 1, weights: [] }, 'set weights of 0 uids on subnet 38, mechanism 1'],
  [
    {
      ...{ kind: 'commitWeights', cipher: Uint8Array.of(48, 120, 48, 48), revealRound: 21_000_000 },
      ...{ version: 4, mechanism: 0 },
    },
    'commit weights on subnet 38, hidden until round 21000000 of the beacon',
  ],
  [
    { kind: 'commitWeights', cipher: new Uint8Array(5_000), revealRound: 1, version: 4, mechanism: 2 },
    'commit weights on subnet 38, mechanism 2, hidden until round 1 of the beacon',
  ],
  [
    { kind: 'commitWeightsHash', hash: hex('38'.repeat(32)), mechanism: 0 },
    `commit weights on subnet 38 by the hash 0x${'38'.repeat(32)}, to be told later`,
  ],
  [
    { kind: 'commitWeightsHash', hash: hex('00'.repeat(32)), mechanism: 1 },
    `commit weights on subnet 38, mechanism 1 by the hash 0x${'00'.repeat(32)}, to be told later`,
  ],
  [
    {
      ...{ kind: 'revealWeights', weights: [{ uid: 3, weight: 65_535 }], salt: [1, 65_535] },
      ...{ versionKey: 5, mechanism: 0 },
    },
    'tell the committed weights of 1 uids on subnet 38',
  ],
  [
    { kind: 'revealWeights', weights: [], salt: [], versionKey: 0, mechanism: 2 },
    'tell the committed weights of 0 uids on subnet 38, mechanism 2',
  ],
  [
    { kind: 'registerNetwork', hotkey },
    `open a subnet with the owner hotkey ${hotkey}, for whatever it costs then`,
  ],
  [
    {
      ...{ kind: 'setSubnetIdentity', name: '0x41 “Ünter”', repository: '', contact: '', url: '' },
      ...{ discord: '', description: '', logoUrl: '', additional: '0x' },
    },
    'name subnet 38 "0x41 “Ünter”"',
  ],
  [
    {
      ...{ kind: 'setSubnetIdentity', name: 'Mine', repository: '', contact: '', url: '', discord: '' },
      ...{ description: '', logoUrl: '', additional: `butterfly-run/1 3 ${'ab'.repeat(32)} hub:me/run` },
    },
    'name subnet 38 "Mine", and announce the run abababababababab… in hub:me/run (as of block 3)',
  ],
  [
    { kind: 'setHyperparameter', call: 'AdminUtils.sudo_set_immunity_period', value: 5_000n },
    'set immunity period of subnet 38 to 5000',
  ],
  [
    { kind: 'setHyperparameter', call: 'AdminUtils.sudo_set_min_burn', value: 500_000n },
    'set min burn of subnet 38 to 500000',
  ],
  [
    {
      ...{ kind: 'setHyperparameter', call: 'AdminUtils.sudo_set_commit_reveal_weights_enabled' },
      value: true,
    },
    'set commit reveal weights enabled of subnet 38 to true',
  ],
  [{ kind: 'startCall' }, 'start emission on subnet 38'],
];
