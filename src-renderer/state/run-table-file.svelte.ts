import type { RunTablePart } from '../../src-shared/contract/page/run-logs.ts';
import type { RunId } from '../../src-shared/contract/page/sections.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import { BEFORE_ALL, type RunLogKind } from '../../src-shared/run-logs/row.ts';
import { connection } from './connection.svelte.ts';
import { saveText } from './save-text.ts';

/** A table of all that is kept of a run, asked for part by part and handed over as one file. */
export class RunTableFile {
  isWriting = $state(false);
  problem = $state.raw<CodedError | null>(null);

  /** @returns whether the file was handed over */
  async save(id: RunId, kind: RunLogKind, name: string): Promise<boolean> {
    if (this.isWriting) return false;
    this.isWriting = true;
    this.problem = null;
    try {
      const text: string[] = [];
      for (let next: number | null = BEFORE_ALL; next !== null; ) {
        const part: RunTablePart | null = await this.#ask(id, kind, next);
        if (!part) return false;
        text.push(part.csv);
        next = part.next;
      }
      saveText(name, text);
      return true;
    } finally {
      this.isWriting = false;
    }
  }

  async #ask(id: RunId, kind: RunLogKind, afterSeq: number): Promise<RunTablePart | null> {
    const answer = await connection.ask((api) => api.runTable(id, kind, afterSeq));
    if (!('error' in answer)) return answer.value ?? null;
    this.problem = answer.error;
    return null;
  }
}
