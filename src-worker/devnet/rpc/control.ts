import { timingSafeEqual } from 'node:crypto';
import { sha256 } from '../../../src-node/sha256.ts';
import { BLOCK_MS_MAX, BLOCK_MS_MIN } from '../../../src-shared/contract/devnet.ts';
import type { Chain } from '../chain/chain.ts';
import { DELAY_MAX_MS, HISTORY_BLOCKS } from '../limits.ts';
import { invalidParams, RpcFailure } from './failure.ts';
import { accountParam, type Method } from './methods.ts';
import { flagParam, isAbsent, numberParam, type Params, textParam } from './params.ts';
import type { Weather } from './weather.ts';

export interface BlockClock {
  /** Stops the sealing of blocks, and with it finality, until it is lifted. */
  stall(stalled: boolean): void;
  /** Time between blocks, from the next one on. @throws {AppError} NOT_NOW for a chain sealed on request */
  setBlockMs(blockMs: number): void;
}

const U32_MAX = 0xffff_ffff;
const U16_MAX = 65_535;
const MAX_FUND_RAO = 1n << 60n;

/** Methods that turn the chain itself, behind a token as first parameter. */
export function controlMethods(
  chain: Chain,
  clock: BlockClock,
  weather: Weather,
  controlToken: string,
): Record<string, Method> {
  const guarded =
    (method: Method): Method =>
    ([token, ...params]) => {
      if (!isSame(textParam(token, 'token', 256), controlToken))
        throw new RpcFailure(-32001, 'Control token is wrong');
      return method(params);
    };
  return {
    devnet_sealBlock: guarded(() => chain.seal()),
    devnet_stall: guarded(([stalled]) => {
      clock.stall(flagParam(stalled, 'stalled'));
      return true;
    }),
    devnet_setBlockMs: guarded(([blockMs]) => {
      const wanted = numberParam(blockMs, 'block time in ms', BLOCK_MS_MAX);
      if (wanted < BLOCK_MS_MIN) throw invalidParams('block time in ms');
      clock.setBlockMs(wanted);
      return true;
    }),
    /** False holds finality while blocks go on; true lets it catch up. */
    devnet_finalize: guarded(([finalize]) => {
      chain.holdFinality(!flagParam(finalize, 'finalize'));
      return true;
    }),
    /** What the chain says comes so many ms later. */
    devnet_delay: guarded(([delayMs]) => {
      weather.delay(numberParam(delayMs, 'delay in ms', DELAY_MAX_MS));
      return true;
    }),
    /** True keeps back all that the chain says; false says it in one burst. */
    devnet_hold: guarded(([isHeld]) => {
      const held = flagParam(isHeld, 'held');
      // The answer to this goes out before.
      queueMicrotask(() => weather.hold(held));
      return true;
    }),
    /** The newest blocks were on another branch: so many are taken back, and one more is built in their place. */
    devnet_reorg: guarded(([blocks]) => {
      const count = numberParam(blocks, 'blocks', HISTORY_BLOCKS);
      chain.takeBack(count);
      for (let built = 0; built <= count; built++) chain.seal();
      return chain.headNumber;
    }),
    /** Another release of the runtime. @returns the first block of its rules */
    devnet_upgrade: guarded(([specVersion]) =>
      chain.upgrade(isAbsent(specVersion) ? null : numberParam(specVersion, 'spec version', U32_MAX)),
    ),
    /** What none but the superuser can on the real chain: a subnet ends, and its holders are paid out. */
    devnet_dissolve: guarded(([netuid]) => {
      chain.dissolve(numberParam(netuid, 'netuid', U16_MAX));
      return true;
    }),
    devnet_fund: guarded((params) => {
      chain.fund({ account: accountParam(params[0]), amountRao: raoParam(params) });
      return true;
    }),
  };
}

/** Rao as a decimal string: JSON numbers end at 2^53. */
function raoParam([, amount]: Params): bigint {
  const text = textParam(amount, 'amount in rao', 20);
  const amountRao = /^\d+$/.test(text) ? BigInt(text) : 0n;
  if (amountRao < 500n || amountRao > MAX_FUND_RAO) throw invalidParams('amount in rao');
  return amountRao;
}

const isSame = (a: string, b: string): boolean => timingSafeEqual(sha256(a), sha256(b));
