import * as v from 'valibot';
import type { CodedError } from '../errors/app-error.ts';

/**
 * How the host and a child process speak: structured clone over the spawn's IPC channel, each message checked
 * against the child's contract at both doors. Tensors never travel here; they lie in the spool.
 */
type Schema = v.GenericSchema;

export interface ChildContract {
  /** First message of the host; the child does nothing before it. */
  readonly init: Schema;
  /** The child's answer to init, once it can take calls. */
  readonly ready: Schema;
  readonly calls: Readonly<Record<string, { readonly params: Schema; readonly result: Schema }>>;
  readonly events: Readonly<Record<string, Schema>>;
}

export const defineContract = <const C extends ChildContract>(contract: C): C => contract;

export type InitOf<C extends ChildContract> = v.InferOutput<C['init']>;
export type ReadyOf<C extends ChildContract> = v.InferOutput<C['ready']>;
export type CallName<C extends ChildContract> = keyof C['calls'] & string;
export type ParamsOf<C extends ChildContract, N extends CallName<C>> = v.InferOutput<C['calls'][N]['params']>;
export type ResultOf<C extends ChildContract, N extends CallName<C>> = v.InferOutput<C['calls'][N]['result']>;
export type EventName<C extends ChildContract> = keyof C['events'] & string;
export type EventOf<C extends ChildContract, N extends EventName<C>> = v.InferOutput<C['events'][N]>;

/** What a child offers: one handler per call. The signal aborts when the host cancels the call or stops the child. */
export type CallHandlers<C extends ChildContract> = {
  readonly [N in CallName<C>]: (params: ParamsOf<C, N>, signal: AbortSignal) => Promise<ResultOf<C, N>>;
};

/** What the host holds of a child; real processes and fakes offer the same. */
export interface ChildClient<C extends ChildContract> {
  readonly ready: ReadyOf<C>;
  /** Rejects with an AppError. Aborting the signal cancels the call in the child too. */
  call<N extends CallName<C>>(name: N, params: ParamsOf<C, N>, signal: AbortSignal): Promise<ResultOf<C, N>>;
  /** @returns a function that unsubscribes. */
  on<N extends EventName<C>>(name: N, listener: (payload: EventOf<C, N>) => void): () => void;
}

export type HostMessage =
  | { readonly kind: 'init'; readonly config: unknown }
  | { readonly kind: 'call'; readonly id: number; readonly name: string; readonly params: unknown }
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'stop' };

export type ChildMessage =
  | { readonly kind: 'ready'; readonly facts: unknown }
  | { readonly kind: 'heartbeat'; readonly rssBytes: number }
  | { readonly kind: 'result'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly error: CodedError }
  | { readonly kind: 'event'; readonly name: string; readonly payload: unknown }
  /** Something that a person should know of and that the child goes on with; `cleared` takes it back. */
  | { readonly kind: 'notice'; readonly error: CodedError; readonly cleared: boolean }
  | { readonly kind: 'fatal'; readonly error: CodedError };

const id = v.pipe(v.number(), v.safeInteger());
const codedError = v.object({
  code: v.string(),
  params: v.record(v.string(), v.union([v.string(), v.number(), v.bigint()])),
});

export const hostMessageSchema = v.variant('kind', [
  v.object({ kind: v.literal('init'), config: v.unknown() }),
  v.object({ kind: v.literal('call'), id, name: v.string(), params: v.unknown() }),
  v.object({ kind: v.literal('cancel'), id }),
  v.object({ kind: v.literal('stop') }),
]);

export const childMessageSchema = v.variant('kind', [
  v.object({ kind: v.literal('ready'), facts: v.unknown() }),
  v.object({ kind: v.literal('heartbeat'), rssBytes: v.number() }),
  v.object({ kind: v.literal('result'), id, value: v.unknown() }),
  v.object({ kind: v.literal('failure'), id, error: codedError }),
  v.object({ kind: v.literal('event'), name: v.string(), payload: v.unknown() }),
  v.object({ kind: v.literal('notice'), error: codedError, cleared: v.boolean() }),
  v.object({ kind: v.literal('fatal'), error: codedError }),
]);

/** A child says it lives this often; the supervisor's patience is a multiple of it. */
export const HEARTBEAT_EVERY_MS = 1_000;
