import type { RunId } from '../../src-shared/contract/page/sections.ts';
import type { WritingWish } from '../../src-shared/contract/page/writing.ts';
import { connection } from './connection.svelte.ts';

export const askWriting = (id: RunId, wish: WritingWish): void =>
  void connection.ask((api) => api.askWriting(id, wish));

/** Asks for a newer text while the page is seen: now where it is, or as soon as somebody looks. @returns what ends it */
export function askWhenSeen(id: RunId): () => void {
  const look = () => {
    if (document.hidden) return;
    end();
    askWriting(id, 'newer');
  };
  const end = () => document.removeEventListener('visibilitychange', look);
  document.addEventListener('visibilitychange', look);
  look();
  return end;
}
