import * as v from 'valibot';
import {
  type CallHandlers,
  type ChildContract,
  type ChildMessage,
  type EventName,
  type EventOf,
  HEARTBEAT_EVERY_MS,
  type HostMessage,
  hostMessageSchema,
  type InitOf,
  type ReadyOf,
} from '../src-shared/contract/child.ts';
import { AppError, type CodedError, toCodedError } from '../src-shared/errors/app-error.ts';
import { CLEANUP_LIMIT_MS } from './limits.ts';
import type { Notices } from './notices.ts';

export interface ServedChild<C extends ChildContract> {
  readonly facts: ReadyOf<C>;
  readonly handlers: CallHandlers<C>;
  /** Runs once, when the host says stop or is gone. */
  stop(): Promise<void>;
}

export interface ChildDoor<C extends ChildContract> extends Notices {
  emit<N extends EventName<C>>(name: N, payload: EventOf<C, N>): void;
  /** Aborts when the child has to end. */
  readonly stopping: AbortSignal;
}

/**
 * The child's side of the contract: waits for init, starts the service, answers calls, beats, and leaves when the
 * host says so or disappears (the IPC channel closes), so that no child outlives its host.
 */
export function serveChild<C extends ChildContract>(
  contract: C,
  start: (config: InitOf<C>, door: ChildDoor<C>) => Promise<ServedChild<C>>,
  { cleanupLimitMs = CLEANUP_LIMIT_MS }: { readonly cleanupLimitMs?: number } = {},
): void {
  const stopping = new AbortController();
  const running = new Map<number, AbortController>();
  let served: ServedChild<C> | undefined;
  let begun = false;

  const send = (message: ChildMessage, sent: () => void = () => {}) => {
    if (process.connected) process.send?.(message, undefined, undefined, sent);
    else sent();
  };
  const door: ChildDoor<C> = {
    emit: (name, payload) => send({ kind: 'event', name, payload }),
    notice: (error) => send({ kind: 'notice', error: toCodedError(error), cleared: false }),
    clearNotice: (code) => send({ kind: 'notice', error: { code, params: {} }, cleared: true }),
    stopping: stopping.signal,
  };

  const leave = async (code: number) => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    for (const call of running.values()) call.abort();
    setTimeout(() => process.exit(code), cleanupLimitMs).unref();
    await served?.stop().catch((error: unknown) => console.error('cleanup failed', error));
    process.exit(code);
  };
  const die = (thrown: unknown) => {
    console.error(thrown);
    // The reason must be out before the process is: an exit drops what the channel still holds.
    send({ kind: 'fatal', error: toCodedError(thrown) }, () => void leave(1));
  };

  async function begin(config: unknown): Promise<void> {
    begun = true;
    const beat = () => send({ kind: 'heartbeat', rssBytes: process.memoryUsage.rss() });
    setInterval(beat, HEARTBEAT_EVERY_MS).unref();
    served = await start(parse(contract.init, config, 'init') as InitOf<C>, door);
    send({ kind: 'ready', facts: served.facts });
    beat();
  }

  async function answer(id: number, name: string, params: unknown): Promise<void> {
    const abort = new AbortController();
    running.set(id, abort);
    try {
      const call = Object.hasOwn(contract.calls, name) ? contract.calls[name] : undefined;
      const handler = served && call ? served.handlers[name] : undefined;
      if (!call || !handler) throw new AppError('RPC_MALFORMED', { method: name });
      const value = await handler(parse(call.params, params, name) as never, abort.signal);
      send({ kind: 'result', id, value });
    } catch (thrown) {
      const error: CodedError = toCodedError(thrown);
      if (error.code === 'INTERNAL') console.error(thrown);
      send({ kind: 'failure', id, error });
    } finally {
      running.delete(id);
    }
  }

  process.on('message', (raw: unknown) => {
    const parsed = v.safeParse(hostMessageSchema, raw);
    if (!parsed.success)
      return die(new AppError('CHILD_MESSAGE_MALFORMED', { child: 'host', detail: 'unknown kind' }));
    const message = parsed.output as HostMessage;
    if (message.kind === 'stop') void leave(0);
    else if (message.kind === 'cancel') running.get(message.id)?.abort();
    else if (message.kind === 'call') void answer(message.id, message.name, message.params);
    else if (!begun) begin(message.config).catch(die);
  });
  process.on('disconnect', () => void leave(0));
  process.on('uncaughtException', die);
  process.on('unhandledRejection', die);
  // An interrupt at the terminal reaches the whole process group; the host decides the order of stopping.
  // A terminal that goes away does too.
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
  process.on('SIGTERM', () => void leave(0));
}

function parse(schema: v.GenericSchema, value: unknown, what: string): unknown {
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return parsed.output;
  throw new AppError('RPC_MALFORMED', {
    method: `${what}: ${v.getDotPath(parsed.issues[0]) ?? parsed.issues[0].message}`,
  });
}
