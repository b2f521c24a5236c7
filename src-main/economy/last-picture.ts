import { join } from 'node:path';
import * as v from 'valibot';
import { durableJson } from '../../src-node/durable-json.ts';
import { address, shortText } from '../../src-shared/contract/fields.ts';
import type { SubnetView } from '../../src-shared/contract/page/subnet.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import { decodeWire, encodeWire } from '../../src-shared/wire.ts';
import { PICTURE_CHARS_MAX, PICTURE_EVERY_MS } from './limits.ts';

/** What was seen last of the subnet of a chain that sleeps with its run: a practice has its own. */
export interface LastPicture {
  of(id: string): SubnetView | null;
  /** In memory at once, on disk now and then. */
  keep(id: string, view: SubnetView): void;
  /** Writes what is not written yet. */
  settle(): Promise<void>;
}

const schema = v.object({
  /** Of the Butterfly that wrote it: what a picture holds may differ with the next one. */
  version: shortText,
  id: address,
  view: v.pipe(v.string(), v.maxLength(PICTURE_CHARS_MAX)),
});

export async function openLastPicture(options: {
  readonly dataDir: string;
  readonly version: string;
  told(error: CodedError): void;
  log(line: string): void;
  nowMs(): number;
}): Promise<LastPicture> {
  const { dataDir, version, told, log, nowMs } = options;
  const file = durableJson({ path: join(dataDir, 'last-subnet.json'), schema, told });
  const found = await file.read();
  let known = found?.version === version ? { id: found.id as string, view: viewIn(found.view) } : null;
  let isWritten = true;
  let writtenAtMs = 0;
  let writing: Promise<unknown> = Promise.resolve();

  function write(): void {
    if (!known?.view) return;
    const text = encodeWire(known.view);
    const { id } = known;
    isWritten = true;
    writtenAtMs = nowMs();
    if (text.length > PICTURE_CHARS_MAX) return;
    writing = writing
      .then(() => file.write({ version, id: id as v.InferOutput<typeof address>, view: text }))
      .catch((error: unknown) => log(`the picture of a subnet could not be kept: ${error}`));
  }

  return {
    of: (id) => (known?.id === id ? known.view : null),
    keep(id, view) {
      known = { id, view };
      isWritten = false;
      if (nowMs() - writtenAtMs >= PICTURE_EVERY_MS) write();
    },
    async settle() {
      if (!isWritten) write();
      await writing;
    },
  };
}

function viewIn(text: string): SubnetView | null {
  try {
    return decodeWire(text, PICTURE_CHARS_MAX) as SubnetView;
  } catch {
    return null;
  }
}
