import { AppError } from '../../src-shared/errors/app-error.ts';
import { earlyNotices } from './early-notices.ts';
import { ODD_ANSWERS_MAX } from './limits.ts';
import type { Said } from './rpc-frame.ts';

export type Listener = (result: unknown) => void;

/** What a socket waits for, and where each message of its node belongs. Whatever belongs nowhere is counted and dropped. */
export interface Inbox {
  /** Requests without an answer. */
  readonly waiting: number;
  readonly dropped: number;
  /** @param write the request as it travels, by the id that it got */
  expect(write: (id: number) => string): {
    readonly id: number;
    readonly answer: Promise<unknown>;
    forget(): void;
  };
  /** A request that is still waiting, as it travels. */
  textOf(id: number): string | undefined;
  /** The listener gets all notices of the subscription that `ask` makes, also those before its id. @returns that id */
  subscribing(listener: Listener, ask: () => Promise<unknown>): Promise<unknown>;
  /** @returns whether it listened */
  unlisten(subscription: unknown): boolean;
  /** @param bytes of the frame it came in */
  take(message: Said, bytes: number): void;
  /** Nothing comes any more: who waits gets this. */
  end(fault: AppError): void;
}

export interface InboxEvents {
  /** @returns whether a frame was out that can be meant */
  frameRefused(): boolean;
  /** More than ODD_ANSWERS_MAX. */
  tooOdd(count: number): void;
}

interface Waiting {
  readonly text: string;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

export function inbox({ frameRefused, tooOdd }: InboxEvents): Inbox {
  const waiting = new Map<number, Waiting>();
  const listeners = new Map<string, Listener>();
  const early = earlyNotices();
  let lastId = 0;
  let subscribing = 0;
  let dropped = 0;
  let odd = 0;

  /** Late answers and notices of a subscription that was ended: honest nodes send them too. */
  const drop = () => {
    dropped++;
  };
  const dropOdd = () => {
    drop();
    if (++odd > ODD_ANSWERS_MAX) tooOdd(odd);
  };

  function notice(subscription: string, result: unknown, bytes: number): void {
    const listener = listeners.get(subscription);
    if (listener) listener(result);
    else if (subscribing === 0) drop();
    else if (!early.keep(subscription, result, bytes)) dropOdd();
  }

  function answer(message: Extract<Said, { id: number }>): void {
    const request = waiting.get(message.id);
    if (!request) {
      const wasAsked = message.id > 0 && message.id <= lastId;
      if (wasAsked) drop();
      else dropOdd();
      return;
    }
    waiting.delete(message.id);
    if (message.kind === 'answer') request.resolve(message.result);
    else if (message.kind === 'refusal') request.reject(message.error);
    else request.reject(new AppError('CHAIN_ANSWER_MALFORMED', { what: 'result and error, or neither' }));
  }

  return {
    get waiting() {
      return waiting.size;
    },
    get dropped() {
      return dropped;
    },
    expect(write) {
      const id = ++lastId;
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      waiting.set(id, { text: write(id), resolve, reject });
      return { id, answer: promise, forget: () => waiting.delete(id) };
    },
    textOf: (id) => waiting.get(id)?.text,
    async subscribing(listener, ask) {
      subscribing++;
      try {
        const id = await ask();
        listeners.set(String(id), listener);
        for (const result of early.take(String(id))) listener(result);
        return id;
      } finally {
        if (--subscribing === 0) early.clear();
      }
    },
    unlisten: (subscription) => listeners.delete(String(subscription)),
    take(message, bytes) {
      if (message.kind === 'notice') notice(message.subscription, message.result, bytes);
      else if (message.kind === 'odd' || (message.kind === 'frame-refused' && !frameRefused())) dropOdd();
      else if (message.kind !== 'frame-refused') answer(message);
    },
    end(fault) {
      for (const request of waiting.values()) request.reject(fault);
      waiting.clear();
      listeners.clear();
      early.clear();
    },
  };
}
