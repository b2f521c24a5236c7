import { within } from '../../src-node/waits.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { headerSchema } from './header.ts';
import { ASK_LIFE_SHORTEST_MS, LIFE_ANSWER_LIMIT_MS } from './limits.ts';
import type { Link } from './link.ts';
import type { Session } from './session.ts';
import type { Sign, Silence } from './silence.ts';
import { parse } from './storage.ts';

type Blocks = Readonly<Record<Sign, number>>;

/**
 * Leaves a session whose node is deaf, whose subscriptions have died while it goes on answering, or that tells nothing
 * new for too long, so that the next one is opened.
 * @param told the newest blocks that subscriptions told of
 */
export function watchLife(
  link: Pick<Link, 'session'>,
  signs: Silence,
  told: () => Blocks,
  nowMs: () => number,
  signal: AbortSignal,
): { look(): void } {
  let asked: { readonly session: Session; readonly atMs: number; known: Blocks | null } | null = null;

  function leave(session: Session, quietMs: number): void {
    const { endpoint } = session;
    session.close(new AppError('CHAIN_SILENT', { endpoint, seconds: Math.round(quietMs / 1_000) }));
  }

  async function ask(session: Session): Promise<void> {
    const mine = { session, atMs: nowMs(), known: null as Blocks | null };
    asked = mine;
    try {
      mine.known = await within(newestOf(session, signal), 'a sign of life', LIFE_ANSWER_LIMIT_MS, signal);
    } catch {
      if (!signal.aborted) leave(session, signs.quietMs());
    }
  }

  return {
    look() {
      const { session } = link;
      if (!session) return;
      const due = signs.due();
      if (due === 'nothing') return;
      const before = asked?.session === session ? asked : null;
      // Whatever the node knew at the last look, its subscriptions have told by now, unless they are dead.
      const { head, final } = told();
      const isDead = before?.known && (before.known.head > head || before.known.final > final);
      if (due !== 'ask' && !isDead) signs.left(due);
      if (due !== 'ask' || isDead) return leave(session, signs.quietMs());
      if (!before || nowMs() - before.atMs >= ASK_LIFE_SHORTEST_MS) void ask(session);
    },
  };
}

async function newestOf({ socket }: Session, signal: AbortSignal): Promise<Blocks> {
  const numberOf = async (params: readonly unknown[]) =>
    parse(headerSchema, await socket.request('chain_getHeader', params, signal)).number;
  const [head, final] = await Promise.all([
    numberOf([]),
    socket.request('chain_getFinalizedHead', [], signal).then((hash) => numberOf([hash])),
  ]);
  return { head, final };
}
