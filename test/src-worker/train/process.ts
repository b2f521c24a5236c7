import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import * as v from 'valibot';
import { entryPath } from '../../../src-main/entry-path.ts';
import {
  type CallName,
  type ChildMessage,
  childMessageSchema,
  type InitOf,
  type ParamsOf,
  type ReadyOf,
  type ResultOf,
} from '../../../src-shared/contract/child.ts';
import { type TrainContract, trainContract } from '../../../src-shared/contract/train.ts';
import type { StepEvent } from '../../../src-worker/train/loop/step-report.ts';

const ENTRY = entryPath('train');

/** A real `train` process, spoken to as the host does: every message checked against the contract. */
export class TrainProcess {
  readonly #child: ChildProcess;
  readonly #waiting: { accepts(message: ChildMessage): boolean; resolve(message: ChildMessage): void }[] = [];
  #nextId = 1;
  stderr = '';

  constructor() {
    this.#child = fork(ENTRY, [], {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    });
    this.#child.stderr!.on('data', (text: Buffer) => {
      this.stderr += text.toString();
    });
    this.#child.on('message', (raw) => this.#receive(v.parse(childMessageSchema, raw) as ChildMessage));
  }

  get pid(): number {
    return this.#child.pid!;
  }

  async start(config: InitOf<TrainContract>): Promise<ReadyOf<TrainContract>> {
    const answer = this.#next(({ kind }) => kind === 'ready' || kind === 'fatal');
    this.#child.send({ kind: 'init', config });
    const message = await answer;
    if (message.kind !== 'ready') throw new Error(`no ready: ${JSON.stringify(message)} ${this.stderr}`);
    return v.parse(trainContract.ready, message.facts);
  }

  async call<N extends CallName<TrainContract>>(
    name: N,
    params: ParamsOf<TrainContract, N>,
  ): Promise<ResultOf<TrainContract, N>> {
    const id = this.#nextId;
    this.#nextId += 1;
    const answer = this.#next((m) => (m.kind === 'result' || m.kind === 'failure') && m.id === id);
    this.#child.send({ kind: 'call', id, name, params });
    const message = await answer;
    if (message.kind === 'failure') throw Object.assign(new Error(message.error.code), message.error);
    return v.parse(
      trainContract.calls[name].result,
      message.kind === 'result' ? message.value : null,
    ) as never;
  }

  async step(accepts: (event: StepEvent) => boolean): Promise<StepEvent> {
    const payload = (m: ChildMessage) =>
      m.kind === 'event' && m.name === 'step' ? v.parse(trainContract.events.step, m.payload) : null;
    const message = await this.#next((m) => {
      const event = payload(m);
      return event !== null && accepts(event);
    });
    return payload(message)!;
  }

  async kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill(signal);
    await gone;
  }

  #next(accepts: (message: ChildMessage) => boolean): Promise<ChildMessage> {
    return new Promise((resolve) => this.#waiting.push({ accepts, resolve }));
  }

  #receive(message: ChildMessage): void {
    const at = this.#waiting.findIndex(({ accepts }) => accepts(message));
    if (at >= 0) this.#waiting.splice(at, 1)[0]!.resolve(message);
  }
}
