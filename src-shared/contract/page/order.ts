import * as v from 'valibot';
import { MOST_RAO } from '../../amount.ts';
import { publicKeyOf } from '../../rounds/ss58.ts';
import { type AlphaRao, alphaRao, type Rao, rao, type Ss58, ss58 } from '../../units.ts';
import type { Intent, MoneyOrder, OwnerAct } from './money.ts';

/** Within what the price may move against an order, in hundredths of a per cent: 0.1 % to 5 %. */
export const TOLERANCE_BPS = { least: 10, most: 500, usual: 100 } as const;
/** What stays free when somebody stakes "all": later transactions are paid from it. */
export const KEPT_FOR_FEES_RAO: Rao = rao(50_000_000n);

/**
 * "All" of what can be staked: what is frozen pays no fees, so what they are paid from stays besides that, and besides
 * the deposit that keeps the account, of which what is frozen counts as a part.
 */
export function stakeableRao(
  { freeRao, frozenRao }: { readonly freeRao: Rao; readonly frozenRao: Rao },
  depositRao: Rao,
): Rao {
  const kept = (frozenRao > depositRao ? frozenRao : depositRao) + KEPT_FOR_FEES_RAO;
  return rao(freeRao > kept ? freeRao - kept : 0n);
}

const networkName = v.pipe(v.string(), v.minLength(1), v.maxLength(64));
const netuid = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535));
const uint = v.pipe(v.bigint(), v.minValue(1n), v.maxValue(MOST_RAO));
const amountRao: v.GenericSchema<unknown, Rao> = v.pipe(uint, v.transform(rao));
const amountAlpha: v.GenericSchema<unknown, AlphaRao> = v.pipe(uint, v.transform(alphaRao));
const toleranceBps = v.pipe(
  v.number(),
  v.integer(),
  v.minValue(TOLERANCE_BPS.least),
  v.maxValue(TOLERANCE_BPS.most),
);
const all = v.literal('all');
/** By its checksum and its network: where money goes nothing is taken on trust. */
export const checkedAddress: v.GenericSchema<unknown, Ss58> = v.pipe(
  v.string(),
  v.maxLength(64),
  v.check((text) => publicKeyOf(text) !== null),
  v.transform(ss58),
);

/** Whether the chain takes it is weighed; here it is only bounded. */
const identityText = v.pipe(v.string(), v.maxLength(2_048));
export const identitySchema = v.strictObject({
  ...{ name: identityText, repository: identityText, contact: identityText, url: identityText },
  ...{ discord: identityText, description: identityText, logoUrl: identityText, additional: identityText },
});

const ownerAct: v.GenericSchema<unknown, OwnerAct> = v.variant('kind', [
  v.strictObject({ kind: v.literal('identity'), identity: identitySchema }),
  v.strictObject({
    kind: v.literal('rule'),
    rule: v.picklist(['immunityPeriod', 'minAllowedWeights', 'activityCutoff']),
    value: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535)),
  }),
  v.strictObject({ kind: v.literal('start') }),
]);

export const intentSchema: v.GenericSchema<unknown, Intent> = v.variant('kind', [
  v.strictObject({
    ...{ kind: v.literal('stake'), netuid, hotkey: checkedAddress, toleranceBps },
    amountRao: v.union([all, amountRao]),
  }),
  v.strictObject({
    ...{ kind: v.literal('unstake'), netuid, hotkey: checkedAddress, toleranceBps },
    amountAlpha: v.union([all, amountAlpha]),
  }),
  v.strictObject({
    kind: v.literal('transfer'),
    to: checkedAddress,
    amountRao: v.union([all, amountRao]),
  }),
  v.strictObject({
    ...{ kind: v.literal('moveStake'), netuid, fromHotkey: checkedAddress, toHotkey: checkedAddress },
    amountAlpha: v.union([all, amountAlpha]),
  }),
  v.strictObject({
    ...{ kind: v.literal('transferStake'), netuid, hotkey: checkedAddress, toColdkey: checkedAddress },
    amountAlpha: v.union([all, amountAlpha]),
  }),
  v.strictObject({ kind: v.literal('register'), netuid, hotkey: checkedAddress, limitRao: amountRao }),
  v.strictObject({ kind: v.literal('openSubnet'), hotkey: checkedAddress, limitRao: amountRao }),
  v.strictObject({ kind: v.literal('ownSubnet'), netuid, act: ownerAct }),
]);

export const moneyOrderSchema: v.GenericSchema<unknown, MoneyOrder> = v.strictObject({
  account: v.strictObject({ network: networkName, coldkey: checkedAddress }),
  intent: intentSchema,
});
