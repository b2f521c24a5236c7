import { createVirtualizer } from '@tanstack/svelte-virtual';
import { untrack } from 'svelte';
import { fromStore } from 'svelte/store';

export interface VirtualRow {
  readonly index: number;
  /** Its distance from the first row's upper edge, in px. */
  readonly start: number;
}

/** The rows of a long list that are in sight, and how one that is not is brought there. */
export interface VirtualRows {
  /** Follows scrolling, the list's length and its element, wherever it is read. */
  readonly items: readonly VirtualRow[];
  scrollToIndex(index: number): void;
}

interface VirtualList {
  /** How many rows there are. Read again whenever what it reads has changed, like `scroller`. */
  readonly count: () => number;
  /** The element that scrolls; undefined until it is in the page. */
  readonly scroller: () => HTMLElement | undefined;
  /** Of each row, in px. */
  readonly rowHeight: number;
  /** Rows drawn beyond both edges, so that scrolling shows no gap. */
  readonly overscan: number;
}

/** Draws of a list of equal rows those alone that are in sight. To be called while a component is made. */
export function virtualRows({ count, scroller, rowHeight, overscan }: VirtualList): VirtualRows {
  const getScrollElement = () => scroller() ?? null;
  const virtualizer = fromStore(
    createVirtualizer<HTMLElement, HTMLElement>({
      count: 0,
      getScrollElement,
      estimateSize: () => rowHeight,
      overscan,
      getItemKey: (index) => index,
    }),
  );
  $effect(() => {
    const options = { count: count(), getScrollElement };
    // Another element is measured anew.
    void scroller();
    // Setting them tells the store, which is not to begin this again.
    untrack(() => virtualizer.current.setOptions(options));
  });
  const items = $derived(virtualizer.current.getVirtualItems().map(({ index, start }) => ({ index, start })));
  return {
    get items() {
      return items;
    },
    scrollToIndex: (index) => virtualizer.current.scrollToIndex(index),
  };
}
