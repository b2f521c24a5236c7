import { AppError, describeError } from '../../../src-shared/errors/app-error.ts';
import { Refusal } from '../chain/refusal.ts';

/** An answer of JSON-RPC that is an error. */
export class RpcFailure extends Error {
  override readonly name = 'RpcFailure';
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export const parseFailure = (): RpcFailure => new RpcFailure(-32700, 'Parse error');
export const invalidRequest = (): RpcFailure => new RpcFailure(-32600, 'Invalid request');
export const unknownMethod = (): RpcFailure => new RpcFailure(-32601, 'Method not found');
export const invalidParams = (what: string): RpcFailure => new RpcFailure(-32602, `Invalid params: ${what}`);
export const unknownBlock = (): RpcFailure =>
  new RpcFailure(4003, 'Client error: UnknownBlock: State already discarded or block unknown');
export const tooMany = (what: string): RpcFailure => new RpcFailure(-32099, `Too many ${what}`);

export interface ErrorJson {
  readonly code: number;
  readonly message: string;
  readonly data?: string;
}

/** What a client may read of a fault; anything unexpected stays in the log. */
export function errorJson(thrown: unknown): ErrorJson {
  if (thrown instanceof RpcFailure) return { code: thrown.code, message: thrown.message };
  if (thrown instanceof Refusal) {
    const { code, message, data } = thrown;
    return data === undefined ? { code, message } : { code, message, data };
  }
  if (thrown instanceof AppError && thrown.code !== 'INTERNAL')
    return { code: -32000, message: thrown.code, data: describeError(thrown).sentence };
  console.error(thrown);
  return { code: -32603, message: 'Internal error' };
}
