import { SvelteMap } from 'svelte/reactivity';
import { Quotes } from './quotes.svelte.ts';

/** Refused orders that are to be quoted again once a block can take them, by their ids. Nothing is sent by itself. */
class Retries {
  readonly wanted = new SvelteMap<string, Quotes>();

  want(id: string): void {
    if (!this.wanted.has(id)) this.wanted.set(id, new Quotes());
  }

  leave(id: string): void {
    this.wanted.delete(id);
  }
}

export const retries = new Retries();
