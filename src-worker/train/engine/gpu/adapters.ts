import {
  type Adapter,
  adapterBackends,
  CARDS_LISTED_MAX,
  isSameName,
} from '../../../../src-shared/cards/adapter.ts';
import { AppError } from '../../../../src-shared/errors/app-error.ts';
import { fromDriver, instanceOf } from './instance.ts';

/** No driver names a card so: the answer to it is the list of those there are. */
const NO_CARD = 'butterfly: no card has this name';

/** Dawn's words for one adapter. */
export const flagsOf = ({ backend, name }: Adapter): readonly string[] => [
  `backend=${backend}`,
  `adapter=${name}`,
];

/**
 * All adapters that the drivers of this computer list, by each interface that training runs on.
 * @throws {AppError} ENGINE_NO_GPU where the library itself cannot be loaded; TIMEOUT
 */
export async function listAdapters(): Promise<readonly Adapter[]> {
  const gpu = await instanceOf([`adapter=${NO_CARD}`]);
  try {
    await fromDriver(gpu.requestAdapter());
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown;
    return adaptersIn(thrown instanceof Error ? thrown.message : String(thrown));
  }
  // No interface has any adapter.
  return [];
}

/** The adapters that the library names when it is asked for one that is not there; those of one name are numbered. Pure. */
export function adaptersIn(message: string): readonly Adapter[] {
  const listed = [...message.matchAll(/^ \* backend: '(\w{1,32})', name: '(.{1,500})'$/gm)].flatMap(
    ([, said, name = '']): Adapter[] => {
      const backend = adapterBackends.find((one) => one === said);
      return backend ? [{ backend, name }] : [];
    },
  );
  return listed
    .map((one, at) => {
      const index = listed.slice(0, at).filter((other) => isSame(one, other)).length;
      return index === 0 ? one : { ...one, index };
    })
    .toSorted((a, b) => adapterBackends.indexOf(a.backend) - adapterBackends.indexOf(b.backend))
    .slice(0, CARDS_LISTED_MAX);
}

const isSame = (one: Adapter, other: Adapter): boolean =>
  one.backend === other.backend && one.name === other.name;

/**
 * The adapter of exactly that name: the library takes the first one whose name holds it, and knows of no way to one that
 * stands behind another of its name.
 * @returns null where there is none, or another one stands in front of it
 */
export async function adapterOf(
  adapter: Adapter,
  flags: readonly string[] = [],
  signal?: AbortSignal,
): Promise<GPUAdapter | null> {
  if (adapter.index) return null;
  const gpu = await instanceOf([...flagsOf(adapter), ...flags]);
  const asked = gpu.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null);
  const found = await fromDriver(asked, signal);
  return found && isSameName(found.info.device, adapter.name) ? found : null;
}
