import { scaled } from '../../src-shared/pages.ts';
import type { Corpus } from '../../src-worker/train/loop/trainer.ts';
import { packedDigest } from '../../src-worker/train/pages/packing.ts';

export const VOCAB = 256;
export const CONTEXT = 16;
export const PAGE_SEQUENCES = 8;
/** Words that a page is about, among all. */
const TOPIC = 8;
const HELD_OUT_PAGES = 24;
const PAGES = 2 ** 20;

/**
 * Text without end whose pages are each about something: a page goes round among a few words of its own, in the order that
 * all pages share. So there is something to learn for good, and something that only who worked on a page can know of it.
 */
export const topicalText: Corpus = {
  manifestHash: 'c0'.repeat(32),
  draw: async ({ first }) => scaled(first, PAGES),
  heldOut: heldOut(),
  async loadPage(index) {
    const tokens = pageText(index, PAGE_SEQUENCES * CONTEXT + 1);
    return { index, sequences: PAGE_SEQUENCES, tokens, sha256: packedDigest(tokens) };
  },
};

/** Of pages that nobody is assigned. */
function heldOut(): Uint16Array {
  const pages = Array.from({ length: HELD_OUT_PAGES }, (_, i) =>
    pageText(PAGES + i, PAGE_SEQUENCES * CONTEXT),
  );
  return Uint16Array.from([...pages.flatMap((page) => [...page]), 0]);
}

function pageText(index: number, length: number): Uint16Array {
  const random = drawing(index);
  const first = Math.floor(random() * VOCAB);
  let place = 0;
  return Uint16Array.from({ length }, () => {
    // Mostly the next word of the topic, now and then another one of it.
    place = random() < 0.5 ? place + 1 : Math.floor(random() * TOPIC);
    return (first + (place % TOPIC)) % VOCAB;
  });
}

function drawing(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1);
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x1a2b3c5) | 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}
