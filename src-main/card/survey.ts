import { orAbort, withLimit } from '../../src-node/waits.ts';
import { type Adapter, adapterKey, kindOf } from '../../src-shared/cards/adapter.ts';
import type { ChildClient } from '../../src-shared/contract/child.ts';
import type { FoundCard } from '../../src-shared/contract/page/card.ts';
import {
  type AdapterFacts,
  type Controller,
  type SurveyContract,
  surveyContract,
} from '../../src-shared/contract/survey.ts';
import { AppError, type CodedError, toCodedError } from '../../src-shared/errors/app-error.ts';
import { entryPath } from '../entry-path.ts';
import { type ChildLink, linkChild } from '../supervisor/child-link.ts';
import type { ExtraEnv } from '../supervisor/extra-env.ts';
import { lastLines } from '../supervisor/last-lines.ts';
import { childLimits, REPORT_LINE_CHARS, REPORT_LINES } from '../supervisor/limits.ts';
import { whyNotWhole } from '../supervisor/program-files.ts';
import { SURVEY_LIST_MS, SURVEY_PROBE_MS, SURVEY_STOP_MS } from './limits.ts';

export interface SurveyOptions {
  readonly extraEnv: ExtraEnv;
  /** Somebody named the driver of a processor that plays a card, and wants it used. */
  readonly allowsSoftware: boolean;
  log(line: string): void;
  /** Another program than ours, for tests. */
  readonly entry?: string;
  readonly probeMs?: number;
}

/** A card without what sensors know of it. */
export type SurveyedCard = Omit<FoundCard, 'memoryBytes'>;

export interface Survey {
  readonly cards: readonly SurveyedCard[];
  readonly controllers: readonly Controller[];
  /** Why no card could be listed; null where they could. */
  readonly problem: CodedError | null;
}

/**
 * Asks the drivers for every card, in a process of its own. A driver that crashes or hangs ends that process: its card
 * is told as such, and another process asks the rest.
 * @throws when the signal aborts
 */
export async function survey(options: SurveyOptions, signal: AbortSignal): Promise<Survey> {
  const cards: SurveyedCard[] = [];
  let left: Adapter[] | null = null;
  let controllers: readonly Controller[] = [];
  const damage = await whyNotWhole(programOf(options), signal);
  if (damage) return { cards, controllers, problem: damage };
  while (left === null || left.length > 0) {
    const link = begin(options);
    try {
      const client = await orAbort(link.ready, withLimit(signal, SURVEY_LIST_MS));
      left ??= [...client.ready.adapters];
      controllers = client.ready.controllers;
      cards.push(...(await askUntilItEnds({ link, client, left, ...options }, signal)));
    } catch (thrown) {
      signal.throwIfAborted();
      options.log(`survey of cards: ${thrown}`);
      const problem = await whyNoList(link, thrown);
      // Cards that nobody can be asked about any more stand in the list with the same reason.
      const unasked = (left ?? []).map((one) => cardOf(one, { problem }, options.allowsSoftware));
      return { cards: [...cards, ...unasked], controllers, problem };
    } finally {
      await link.stop();
    }
  }
  return { cards, controllers, problem: null };
}

interface Asking {
  readonly link: ChildLink<SurveyContract>;
  readonly client: ChildClient<SurveyContract>;
  /** Cards are taken from its front. */
  readonly left: Adapter[];
  readonly allowsSoftware: boolean;
  readonly probeMs?: number;
}

/** Asks one card after the other, until all are asked or one took the process with it. */
async function askUntilItEnds(
  { link, client, left, allowsSoftware, probeMs = SURVEY_PROBE_MS }: Asking,
  signal: AbortSignal,
): Promise<readonly SurveyedCard[]> {
  const cards: SurveyedCard[] = [];
  while (left.length > 0) {
    const adapter = left.shift()!;
    if (adapter.index) {
      const problem = toCodedError(new AppError('CARD_TWIN', { device: adapter.name }));
      cards.push(cardOf(adapter, { problem }, allowsSoftware));
      continue;
    }
    const answer = await client.call('probe', adapter, withLimit(signal, probeMs)).then(
      (facts): Answer => ({ facts }),
      async (thrown: unknown): Promise<Answer> => {
        signal.throwIfAborted();
        return { problem: await whyNoAnswer(adapter, link, thrown) };
      },
    );
    cards.push(cardOf(adapter, answer, allowsSoftware));
    if ('problem' in answer) break;
  }
  return cards;
}

type Answer = { readonly facts: AdapterFacts | null } | { readonly problem: CodedError };

const programOf = ({ entry }: SurveyOptions): string => entry ?? entryPath('survey');

function begin(options: SurveyOptions): ChildLink<SurveyContract> {
  return linkChild({
    contract: surveyContract,
    name: 'survey',
    entry: programOf(options),
    config: {},
    limits: { ...childLimits, stopMs: SURVEY_STOP_MS, terminateMs: SURVEY_STOP_MS },
    extraEnv: options.extraEnv,
    report: lastLines(REPORT_LINES, REPORT_LINE_CHARS),
    log: options.log,
    onNotice: () => undefined,
    onReady: () => undefined,
    onEnded: () => undefined,
  });
}

function cardOf(adapter: Adapter, answer: Answer, allowsSoftware: boolean): SurveyedCard {
  const facts = 'facts' in answer ? answer.facts : null;
  const { name } = adapter;
  return {
    ...adapter,
    key: adapterKey(adapter),
    kind: kindOf({ vendor: facts?.vendor ?? '', name, isSoftware: facts?.isSoftware ?? false }),
    facts,
    problem: 'problem' in answer ? answer.problem : whyNotUsed(name, facts, allowsSoftware),
  };
}

function whyNotUsed(device: string, facts: AdapterFacts | null, allowsSoftware: boolean): CodedError | null {
  if (!facts) return { code: 'CARD_NOT_GIVEN', params: { device } };
  return facts.isSoftware && !allowsSoftware ? { code: 'CARD_IS_PROCESSOR', params: { device } } : null;
}

/** A process that is gone crashed; one that is there did not answer, or refused. */
async function whyNoAnswer({ name }: Adapter, link: ChildLink<SurveyContract>, thrown: unknown) {
  const { code } = toCodedError(thrown);
  if (code === 'CANCELLED' || code === 'TIMEOUT')
    return toCodedError(new AppError('CARD_SILENT', { device: name }));
  if (code !== 'CHILD_EXITED')
    return toCodedError(new AppError('CARD_REFUSED', { device: name, reason: code }));
  const reason = reasonOf(await link.ended);
  return toCodedError(new AppError('CARD_DRIVER_CRASHED', { device: name, reason }));
}

async function whyNoList(link: ChildLink<SurveyContract>, thrown: unknown): Promise<CodedError> {
  const { code } = toCodedError(thrown);
  if (code === 'CANCELLED' || code === 'TIMEOUT') return toCodedError(new AppError('CARDS_SILENT'));
  if (code !== 'CHILD_EXITED') return toCodedError(thrown);
  return toCodedError(new AppError('CARD_DRIVERS_CRASHED', { reason: reasonOf(await link.ended) }));
}

const reasonOf = ({ code, params }: AppError): string => String(params.reason ?? code);
