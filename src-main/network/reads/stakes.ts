import * as v from 'valibot';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { type AlphaRao, alphaRao, type Hex, type Ss58, ss58 } from '../../../src-shared/units.ts';
import { STAKES_MAX } from '../limits.ts';
import { callRuntime } from '../runtime-call.ts';
import type { Session } from '../session.ts';
import { anyUint, parse, smallUint } from '../storage.ts';

/** What a coldkey holds on one hotkey of one subnet; on root, alpha is TAO. */
export interface Stake {
  readonly netuid: number;
  readonly hotkey: Ss58;
  readonly stakeAlpha: AlphaRao;
  readonly isRegistered: boolean;
}

const answerSchema = v.pipe(
  v.array(v.object({ netuid: smallUint, hotkey: v.string(), stake: anyUint, isRegistered: v.boolean() })),
  v.maxLength(STAKES_MAX),
);

/**
 * All stakes of a coldkey, over all subnets and hotkeys, by netuid.
 * @throws {AppError} CHAIN_CALL_UNAVAILABLE
 */
export async function readStakes(
  session: Session,
  coldkey: Ss58,
  at: Hex,
  signal: AbortSignal,
): Promise<readonly Stake[]> {
  const [api, method] = ['StakeInfoRuntimeApi', 'get_stake_info_for_coldkey'];
  const found = await callRuntime(session, api, method, [coldkey], at, signal);
  if (found === undefined) throw new AppError('CHAIN_CALL_UNAVAILABLE', { call: `${api}.${method}` });
  return parse(answerSchema, found)
    .filter(({ stake }) => stake > 0n)
    .map(({ netuid, hotkey, stake, isRegistered }) => ({
      netuid,
      hotkey: ss58(hotkey),
      stakeAlpha: alphaRao(stake),
      isRegistered,
    }))
    .toSorted((a, b) => a.netuid - b.netuid);
}
