import { describe, expect, it } from 'vitest';
import { parameterCount } from '../../../src-shared/model/layout.ts';
import { EXTENT_BYTES, stateExtents } from '../../../src-shared/published/extents.ts';

const models = {
  small: { layers: 2, width: 16, heads: 2, vocab: 512, context: 32 },
  'gpt2-124m': { layers: 12, width: 768, heads: 12, vocab: 50_304, context: 1_024 },
} as const;

describe.each(Object.entries(models))('extents of a published state of %s', (_name, model) => {
  const extents = stateExtents(model as never);
  const segments = extents.flatMap((extent) => extent.segments);

  it('have every byte of the state once', () => {
    const sorted = segments.toSorted((a, b) => a.at - b.at);
    let end = 0;
    for (const { at, bytes } of sorted) {
      expect(at).toBe(end);
      end += bytes;
    }
    expect(end).toBe(8 * parameterCount(model as never));
  });

  it('are no longer than is asked for at once, but for a matrix that is longer', () => {
    for (const { segments: within } of extents) {
      const bytes = within.reduce((sum, segment) => sum + segment.bytes, 0);
      expect(bytes <= EXTENT_BYTES || (within.length === 1 && within[0]!.turned !== null)).toBe(true);
    }
  });

  it('cut no matrix that has to be turned', () => {
    for (const { turned, bytes, from } of segments)
      if (turned) expect([bytes, from]).toEqual([4 * turned.inputs * turned.outputs, 0]);
  });

  it('lie each in one file, one behind the other', () => {
    expect(new Set(extents.map(({ file }) => file))).toEqual(
      new Set(['model.safetensors', 'outer.safetensors']),
    );
  });
});
