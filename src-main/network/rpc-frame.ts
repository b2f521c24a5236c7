import type { RawData } from 'ws';
import { REQUESTS_AT_ONCE_MAX } from './limits.ts';

/** The node understood the request and said no. */
export class NodeError extends Error {
  override readonly name = 'NodeError';
  readonly code: number;
  readonly detail: string | null;

  constructor(code: number, message: string, detail: string | null) {
    super(message);
    this.code = code;
    this.detail = detail;
  }
}

/** One message of a node. A frame holds one, or the answers to a batch. */
export type Said =
  | { readonly kind: 'answer'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'refusal'; readonly id: number; readonly error: NodeError }
  /** An answer to that request with both result and error, or with neither. */
  | { readonly kind: 'garbled'; readonly id: number }
  /** An error that names no request: what a node says of a frame it does not take, a batch for one. */
  | { readonly kind: 'frame-refused'; readonly error: NodeError }
  | { readonly kind: 'notice'; readonly subscription: string; readonly result: unknown }
  | { readonly kind: 'odd' };

/** @returns null for what is no JSON-RPC at all, or more of it than was ever asked for */
export function parseFrame(raw: RawData): readonly Said[] | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(raw.toString());
  } catch {
    return null;
  }
  if (Array.isArray(parsed))
    return parsed.length > 0 && parsed.length <= REQUESTS_AT_ONCE_MAX ? parsed.map(said) : null;
  return isRecord(parsed) ? [said(parsed)] : null;
}

function said(message: unknown): Said {
  if (!isRecord(message)) return { kind: 'odd' };
  const { id, params, error, result } = message;
  if (isRecord(params) && isSubscription(params.subscription))
    return { kind: 'notice', subscription: String(params.subscription), result: params.result };
  if (id === null && isRecord(error)) return { kind: 'frame-refused', error: nodeError(error) };
  if (typeof id !== 'number') return { kind: 'odd' };
  const hasResult = result !== undefined;
  if (isRecord(error))
    return hasResult && result !== null
      ? { kind: 'garbled', id }
      : { kind: 'refusal', id, error: nodeError(error) };
  return hasResult ? { kind: 'answer', id, result } : { kind: 'garbled', id };
}

const isSubscription = (id: unknown): boolean => typeof id === 'string' || typeof id === 'number';

function nodeError(error: Record<string, unknown>): NodeError {
  return new NodeError(
    typeof error.code === 'number' ? error.code : 0,
    typeof error.message === 'string' ? error.message.slice(0, 512) : '',
    typeof error.data === 'string' ? error.data.slice(0, 512) : null,
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
