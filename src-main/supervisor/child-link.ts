import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import * as v from 'valibot';
import { childEnv, throughProxies } from '../../src-node/child-env.ts';
import { endsWithin } from '../../src-node/waits.ts';
import {
  type ChildClient,
  type ChildContract,
  type ChildMessage,
  childMessageSchema,
  type HostMessage,
  type InitOf,
  type ReadyOf,
} from '../../src-shared/contract/child.ts';
import { AppError, type CodedError, toCodedError } from '../../src-shared/errors/app-error.ts';
import type { ExtraEnv } from './extra-env.ts';
import { eachLine, type LastLines } from './last-lines.ts';
import { watchLife } from './life-watch.ts';
import { type ChildLimits, OUTPUT_DRAIN_MS, REPORT_LINE_CHARS } from './limits.ts';
import { nodeBinary } from './node-binary.ts';
import { pendingCalls } from './pending-calls.ts';
import { processEnd } from './process-end.ts';

/** One life of a child process, from spawn to exit. The supervisor strings lives together. */
export interface ChildLink<C extends ChildContract> {
  readonly pid: number | undefined;
  readonly rssBytes: number | null;
  /** Resolves with the client, or rejects with why this life ended before it was ready. */
  readonly ready: Promise<ChildClient<C>>;
  /** Resolves once the process is gone, with the reason. */
  readonly ended: Promise<AppError>;
  /** Asks, then terminates, then kills; resolves when the process is gone. */
  stop(): Promise<void>;
  /** Ends this life at once because of that error. */
  fail(error: AppError): void;
}

export interface LinkOptions<C extends ChildContract> {
  readonly contract: C;
  readonly name: string;
  readonly entry: string;
  readonly config: InitOf<C>;
  readonly limits: ChildLimits;
  readonly extraEnv: ExtraEnv;
  readonly report: LastLines;
  log(line: string): void;
  /** Something that a person should know of; `cleared` takes back what was told under that code. */
  onNotice(error: CodedError, cleared: boolean): void;
  /** Runs when the child is ready, before any of its events is delivered. */
  onReady(client: ChildClient<C>): void;
  /** Runs when the process is gone, before its pending calls are rejected: nobody may still take it for ready. */
  onEnded(): void;
}

export function linkChild<C extends ChildContract>(options: LinkOptions<C>): ChildLink<C> {
  const { contract, name, limits, report } = options;
  const ofYoung = limits.youngHalfMib === null ? [] : [`--max-semi-space-size=${limits.youngHalfMib}`];
  const words = ['--disable-warning=ExperimentalWarning', ...ofYoung, options.entry];
  const child = spawn(nodeBinary(), words, {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'advanced',
    env: { ...throughProxies(childEnv(process.env)), ...options.extraEnv },
    windowsHide: true,
  });
  // Failures to start arrive through processEnd; later ones are those of a channel whose child is gone.
  child.on('error', () => {});
  const send = (message: HostMessage) => {
    if (child.connected) child.send(message, () => {});
  };

  const events = new EventEmitter().setMaxListeners(0);
  const calls = pendingCalls(name, send);
  const ready = Promise.withResolvers<ChildClient<C>>();
  ready.promise.catch(() => {});
  let facts: ReadyOf<C> | undefined;
  let rssBytes: number | null = null;
  let cause: AppError | undefined;
  let stopping: Promise<void> | undefined;

  const fail = (error: AppError) => {
    cause ??= error;
    child.kill('SIGKILL');
  };
  const malformed = (detail: string) =>
    fail(new AppError('CHILD_MESSAGE_MALFORMED', { child: name, detail }));
  const parse = (
    schema: v.GenericSchema,
    value: unknown,
    what: string,
  ): v.SafeParseResult<v.GenericSchema> => {
    const parsed = v.safeParse(schema, value);
    if (!parsed.success) malformed(`${what}: ${v.getDotPath(parsed.issues[0]) ?? parsed.issues[0].message}`);
    return parsed;
  };

  const client: ChildClient<C> = {
    get ready() {
      if (facts === undefined) throw new AppError('NOT_NOW', { what: 'a call', state: 'starting' });
      return facts;
    },
    call: (call, params, signal) => calls.call(call, params, signal) as never,
    on(event, listener) {
      events.on(event, listener);
      return () => events.off(event, listener);
    },
  };

  function take(message: ChildMessage): void {
    switch (message.kind) {
      case 'heartbeat':
        rssBytes = message.rssBytes;
        return;
      case 'ready': {
        const parsed = parse(contract.ready, message.facts, 'ready');
        if (!parsed.success) return;
        facts = parsed.output as ReadyOf<C>;
        watch.becameReady();
        options.onReady(client);
        ready.resolve(client);
        return;
      }
      case 'event': {
        const schema = Object.hasOwn(contract.events, message.name)
          ? contract.events[message.name]
          : undefined;
        const parsed = schema && parse(schema, message.payload, message.name);
        if (!parsed) malformed(`event ${message.name}`);
        else if (parsed.success) events.emit(message.name, parsed.output);
        return;
      }
      case 'result': {
        const called = calls.nameOf(message.id);
        const schema = called === undefined ? undefined : contract.calls[called]?.result;
        // A result that nobody waits for is that of a cancelled call.
        if (!schema || called === undefined) return;
        const parsed = parse(schema, message.value, called);
        if (parsed.success) calls.resolve(message.id, parsed.output);
        return;
      }
      case 'failure':
        calls.reject(message.id, received(message.error));
        return;
      case 'notice':
        if (message.error.code === 'DISK_FULL') watch.waitsForRoom(!message.cleared);
        options.onNotice(toCodedError(message.error), message.cleared);
        return;
      case 'fatal':
        cause ??= received(message.error);
    }
  }

  const watch = watchLife(child.pid, limits, {
    onNeverReady: (conduct) => {
      options.log(`${name} is ended: ${conduct} and not ready`);
      fail(new AppError('TIMEOUT', { what: `${name} to become ready`, limitMs: limits.readyMs }));
    },
    onSilent: (silentMs, conduct) => {
      options.log(`${name} is ended: ${conduct} and silent for ${silentMs} ms`);
      fail(new AppError('CHILD_UNRESPONSIVE', { child: name, silentMs }));
    },
  });
  child.on('message', (raw: unknown) => {
    watch.sign();
    const parsed = v.safeParse(childMessageSchema, raw);
    if (parsed.success) take(parsed.output as ChildMessage);
    else malformed('unknown kind');
  });
  collectOutput(child, report, (line) => options.log(`${name}: ${line}`));
  const ended = processEnd(child, OUTPUT_DRAIN_MS).then((reason) => {
    watch.end();
    options.onEnded();
    const error = cause ?? new AppError('CHILD_EXITED', { child: name, reason });
    ready.reject(error);
    calls.rejectAll(new AppError('CHILD_EXITED', { child: name, reason }, error));
    events.removeAllListeners();
    return error;
  });

  async function stop(): Promise<void> {
    watch.end();
    send({ kind: 'stop' });
    if (await endsWithin(ended, limits.stopMs)) return;
    child.kill('SIGTERM');
    if (await endsWithin(ended, limits.terminateMs)) return;
    child.kill('SIGKILL');
    await ended;
  }

  send({ kind: 'init', config: options.config });
  return {
    pid: child.pid,
    get rssBytes() {
      return rssBytes;
    },
    ready: ready.promise,
    ended,
    stop: () => (stopping ??= stop()),
    fail,
  };
}

/** A child's error as ours: an unknown code becomes INTERNAL. */
function received(error: unknown): AppError {
  const coded = toCodedError(error);
  return new AppError(coded.code, coded.params);
}

function collectOutput(child: ChildProcess, report: LastLines, log: (line: string) => void): void {
  if (child.stdout) eachLine(child.stdout, REPORT_LINE_CHARS, log);
  if (!child.stderr) return;
  eachLine(child.stderr, REPORT_LINE_CHARS, (line) => {
    report.push(line);
    log(line);
  });
}
