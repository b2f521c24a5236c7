import { mkdir } from 'node:fs/promises';
import type { SpoolDisk } from '../spool-disk.ts';
import { Answers } from './answers.ts';
import { Average } from './average.ts';
import { type Contribution, openContribution } from './contribution.ts';
import type { RoundPlan } from './plan.ts';

export interface FilesInit {
  readonly plan: RoundPlan;
  /** The round's folder in the spool. */
  readonly folder: string;
  readonly disk: SpoolDisk;
}

/** What an exchange has on the disk. */
export interface ExchangeFiles {
  /** null where this member has nothing to send. */
  readonly contribution: Contribution | null;
  readonly average: Average;
  readonly answers: Answers;
}

/**
 * Opens them in the round's folder; those of a round that was begun before a restart are gone on with.
 * @param signal ends the wait for room on a full disk
 */
export async function openFiles(init: FilesInit, signal: AbortSignal): Promise<ExchangeFiles> {
  const { plan, folder, disk } = init;
  const isTaken = plan.self !== null && plan.weights[plan.self]! > 0;
  const contribution = isTaken ? await openContribution(plan, folder) : null;
  let answers: Answers | null = null;
  try {
    await disk.step('open', folder, signal, () => mkdir(folder, { recursive: true }));
    answers = await Answers.open(plan, folder, disk, signal);
    const { earlier } = answers;
    const average = await Average.create({ plan, folder, disk, signal }, { earlier });
    return { contribution, average, answers };
  } catch (error) {
    // One that cannot be closed keeps the other open no longer.
    await Promise.allSettled([contribution?.close(), answers?.close()]);
    throw error;
  }
}
