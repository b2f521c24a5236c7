import type { LedgerPart } from '../../src-shared/contract/page/earnings.ts';
import type { RunId } from '../../src-shared/contract/page/sections.ts';
import { koinlyBook } from '../../src-shared/earnings/koinly-csv.ts';
import type { FiatSource } from '../../src-shared/earnings/money-words.ts';
import { ownBook } from '../../src-shared/earnings/own-csv.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import { connection } from './connection.svelte.ts';
import { saveText } from './save-text.ts';

/** All that is booked, asked for part by part and handed over as one file. */
export class LedgerFile {
  /** Read so far; null while nothing is written. */
  rows = $state<number | null>(null);
  /** Rows of the last file. */
  saved = $state<number | null>(null);
  problem = $state.raw<CodedError | null>(null);

  async save(id: RunId, form: 'own' | 'koinly', name: string, fiat: FiatSource | null): Promise<void> {
    if (this.rows !== null) return;
    this.rows = 0;
    this.saved = null;
    this.problem = null;
    const book = form === 'own' ? ownBook(fiat) : koinlyBook(fiat);
    const text: string[] = [];
    let cursor: string | null = null;
    do {
      const asked: string | null = cursor;
      const answer: Awaited<ReturnType<typeof askPart>> = await askPart(id, asked);
      const part: LedgerPart | null = 'error' in answer ? null : (answer.value ?? null);
      if (!part) {
        this.problem = 'error' in answer ? answer.error : null;
        this.rows = null;
        return;
      }
      text.push(book.add(part));
      this.rows += part.account.length + (part.stake?.entries.length ?? 0);
      cursor = part.next;
    } while (cursor !== null);
    text.push(book.end());
    saveText(name, text);
    this.saved = this.rows;
    this.rows = null;
  }
}

const askPart = (id: RunId, cursor: string | null) => connection.ask((api) => api.ledgerPart(id, cursor));
