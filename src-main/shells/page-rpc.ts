import { createBirpc } from 'birpc';
import * as v from 'valibot';
import { AppError, type CodedError, toCodedError } from '../../src-shared/errors/app-error.ts';
import { CALLS_IN_FLIGHT } from './limits.ts';

/** The way to one page, whatever carries it. */
export interface PageWire {
  post(message: unknown): void;
  on(listener: (message: unknown) => void): void;
}

/** What a page hears of the host: of the main page, or of the signing window. */
export interface PageUi {
  patch(sections: object): void;
}

export interface PageDoor {
  readonly api: object;
  /** A schema for the arguments of each call; a name that is not here does not exist for this page. */
  readonly calls: Readonly<Record<string, v.GenericSchema<unknown, readonly unknown[]>>>;
  /** Called once per page. @returns what to call when the page is gone. */
  connect(ui: PageUi): () => void;
  /** An error that the page only sees as INTERNAL. */
  onProblem(problem: unknown): void;
}

const text = v.pipe(v.string(), v.maxLength(64));
const birpcMessage = v.variant('t', [
  v.object({
    t: v.literal('q'),
    i: v.optional(text),
    m: text,
    a: v.array(v.unknown()),
    o: v.optional(v.boolean()),
  }),
  v.object({ t: v.literal('s'), i: text, r: v.optional(v.unknown()), e: v.optional(v.unknown()) }),
]);

/**
 * The whole host side of a page, for both shells: calls are looked up in the allow-list, their arguments validated,
 * their errors reduced to codes. @returns what to call when the wire is gone.
 */
export function attachPage(door: PageDoor, wire: PageWire): () => void {
  let inFlight = 0;

  async function run(name: string, args: readonly unknown[]): Promise<unknown> {
    if (inFlight >= CALLS_IN_FLIGHT) throw new AppError('NOT_NOW', { what: name, state: 'busy' });
    inFlight++;
    try {
      return await invoke(door, name, args);
    } catch (thrown) {
      const coded: CodedError = toCodedError(thrown);
      if (coded.code === 'INTERNAL') door.onProblem(thrown);
      // A plain object: an Error would carry its stack to the page.
      throw { code: coded.code, params: coded.params };
    } finally {
      inFlight--;
    }
  }

  const rpc = createBirpc<PageUi, object>(door.api, {
    post: (message) => wire.post(message),
    on: (listener) =>
      wire.on((message) => {
        const parsed = v.safeParse(birpcMessage, message);
        // Nobody waits for an answer to what is no call; saying nothing keeps the rest of the page alive.
        if (parsed.success) listener(parsed.output);
      }),
    eventNames: ['patch'],
    resolver:
      (name) =>
      (...args) =>
        run(name, args),
    onGeneralError: (error) => {
      door.onProblem(error);
      return true;
    },
  });
  const disconnect = door.connect({ patch: (sections) => void rpc.patch(sections) });
  return () => {
    disconnect();
    rpc.$close();
  };
}

async function invoke({ api, calls }: PageDoor, name: string, args: readonly unknown[]): Promise<unknown> {
  const schema = Object.hasOwn(calls, name) ? calls[name] : undefined;
  const parsed = schema && v.safeParse(schema, args);
  if (!parsed?.success || args.length > parsed.output.length)
    throw new AppError('RPC_MALFORMED', { method: name });
  const call = api[name as keyof typeof api] as (...valid: readonly unknown[]) => Promise<unknown>;
  return call.apply(api, [...parsed.output]);
}
