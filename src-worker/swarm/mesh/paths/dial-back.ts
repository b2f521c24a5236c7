import type { Connection } from '@libp2p/interface';
import * as v from 'valibot';
import { withLimit } from '../../../../src-node/waits.ts';
import { count, multiaddr } from '../../../../src-shared/contract/fields.ts';
import type { Ss58 } from '../../../../src-shared/units.ts';
import { ask, serveAnswers } from '../../net/ask.ts';
import { fromBytes, toBytes } from '../../net/json.ts';
import type { Network } from '../../net/link.ts';
import { dialable } from '../addresses.ts';
import { bareAddress } from '../kinds/bare.ts';
import { withPort } from '../kinds/tcp.ts';
import {
  DIAL_BACK_AGAIN_MS,
  DIAL_BACK_LIMIT_MS,
  DIAL_BACK_PORTS_MAX,
  DIAL_BACK_QUESTION_MS,
  DIAL_BACKS_AT_ONCE,
  PATH_MESSAGE_BYTES_MAX,
} from './limits.ts';
import type { Probes } from './probes.ts';
import type { DialledBack } from './verdict.ts';

const port = v.pipe(count, v.minValue(1), v.maxValue(65_535));
/** What is asked. */
export const dialBackQuestionSchema = v.object({
  ports: v.pipe(v.array(port), v.maxLength(DIAL_BACK_PORTS_MAX)),
});
/** What whoever was asked found. */
export const dialBackAnswerSchema = v.object({
  seen: multiaddr,
  ports: v.pipe(v.array(port), v.maxLength(DIAL_BACK_PORTS_MAX)),
});
const limits = { maxBytes: PATH_MESSAGE_BYTES_MAX, limitMs: DIAL_BACK_QUESTION_MS };

interface DialBackInit {
  readonly network: Network;
  readonly probes: Probes;
  readonly listenHost: string;
  /** The connection that leads to a member without a relay between. */
  direct(hotkey: Ss58): Connection | null;
}

/**
 * "Dial me back": a member is asked whether it reaches us, at the host from which it sees us and nowhere else, so that
 * nobody can have others knock at a third one's door.
 */
export class DialBack {
  readonly #init: DialBackInit;
  readonly #dialledAtMs = new Map<Ss58, number>();
  #dialling = 0;

  constructor(init: DialBackInit) {
    this.#init = init;
    serveAnswers(init.network, 'dial-back', limits, async (question, from, signal) => {
      const asked = fromBytes(dialBackQuestionSchema, question);
      const found = asked && (await this.#dial(from, asked.ports, signal));
      return found && toBytes(found);
    });
  }

  /**
   * @returns what that member found, or null when it does not say
   * @param ports at which we may be reachable
   */
  async ask(hotkey: Ss58, ports: readonly number[], signal: AbortSignal): Promise<DialledBack | null> {
    const question = toBytes({ ports: ports.slice(0, DIAL_BACK_PORTS_MAX) });
    const to = { hotkey, protocol: 'dial-back' } as const;
    const said = await ask(this.#init.network, to, question, { ...limits, signal }).catch(() => null);
    const answer = said && fromBytes(dialBackAnswerSchema, said);
    if (!answer) return null;
    const { seen } = answer;
    const reached = answer.ports.filter((one) => ports.includes(one)).flatMap((one) => withPort(seen, one));
    return { seen, reached };
  }

  async #dial(from: Ss58, ports: readonly number[], signal: AbortSignal) {
    const connection = this.#init.direct(from);
    const nowMs = performance.now();
    const lastMs = this.#dialledAtMs.get(from) ?? Number.NEGATIVE_INFINITY;
    if (!connection || this.#dialling >= DIAL_BACKS_AT_ONCE || nowMs - lastMs < DIAL_BACK_AGAIN_MS)
      return null;
    for (const [one, atMs] of this.#dialledAtMs)
      if (nowMs - atMs >= DIAL_BACK_AGAIN_MS) this.#dialledAtMs.delete(one);
    this.#dialledAtMs.set(from, nowMs);
    this.#dialling++;
    try {
      const seen = bareAddress(connection.remoteAddr.toString());
      const reached: number[] = [];
      for (const one of new Set(ports))
        if (await this.#reaches(withPort(seen, one), connection, signal)) reached.push(one);
      return { seen, ports: reached };
    } finally {
      this.#dialling--;
    }
  }

  async #reaches(addresses: readonly string[], { remotePeer }: Connection, signal: AbortSignal) {
    const [address] = dialable(addresses, this.#init.listenHost);
    if (!address) return false;
    const patience = withLimit(signal, DIAL_BACK_LIMIT_MS);
    const probe = await this.#init.probes
      .open(`${address}/p2p/${remotePeer}`, { signal: patience })
      .catch(() => null);
    probe?.abort(new Error('reached'));
    return probe !== null;
  }
}
