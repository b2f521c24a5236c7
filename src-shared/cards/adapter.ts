/** Driver interfaces on which training runs, the one that is tried first, first. */
export const adapterBackends = ['vulkan', 'd3d12', 'metal'] as const;
export type AdapterBackend = (typeof adapterBackends)[number];

/** Cards of one computer, each by each driver interface. */
export const CARDS_LISTED_MAX = 32;
/** Longest key: the longest name that a contract takes, and its interface. */
export const ADAPTER_KEY_MAX = 640;

/** A graphics card as a driver interface names it. */
export interface Adapter {
  readonly backend: AdapterBackend;
  readonly name: string;
  /** Which of several of one name, in the order of the drivers; absent for the first. */
  readonly index?: number;
}

/** What a card is to the machine; null where its name does not tell. */
export type CardKind = 'discrete' | 'integrated' | 'software';

/** The name of a card, told from others of that name: "NVIDIA GeForce RTX 3060 #2". */
export const nameInList = ({ name, index = 0 }: Omit<Adapter, 'backend'>): string =>
  index === 0 ? name : `${name} #${index + 1}`;

/** Stands for an adapter in settings and results: "vulkan/NVIDIA GeForce RTX 3060". */
export const adapterKey = (adapter: Adapter): string => `${adapter.backend}/${nameInList(adapter)}`;

/** The adapter of a key; null for what is none. */
export function adapterOfKey(key: string): Adapter | null {
  const at = key.indexOf('/');
  const backend = adapterBackends.find((one) => one === key.slice(0, at));
  if (!backend || key.length > ADAPTER_KEY_MAX) return null;
  const listed = key.slice(at + 1);
  const [, first = listed, place = '1'] = /^(.+) #(\d{1,2})$/.exec(listed) ?? [];
  const index = Number(place) - 1;
  if (index < 1 || index >= CARDS_LISTED_MAX) return listed === '' ? null : { backend, name: listed };
  return { backend, name: first, index };
}

/** Letters and digits alone: one part of a driver writes "RTX 3060", another "rtx-3060". */
const bare = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]+/g, '');
export const isSameName = (one: string, other: string): boolean => bare(one) === bare(other);

/** The maker of a card by what its driver or its name say of it; null for others. */
export function makerOf(vendor: string, name: string): 'nvidia' | 'amd' | 'intel' | 'apple' | null {
  const text = `${vendor} ${name}`.toLowerCase();
  if (/nvidia|geforce|quadro|tesla/.test(text)) return 'nvidia';
  if (/\bamd\b|radeon|advanced micro devices|\bati\b/.test(text)) return 'amd';
  if (/intel/.test(text)) return 'intel';
  return /apple/.test(text) ? 'apple' : null;
}

/** Chips of AMD that are part of a processor, by the names that drivers give them. */
const AMD_INTEGRATED =
  /\b(?:raven|picasso|renoir|lucienne|cezanne|barcelo|rembrandt|mendocino|phoenix|hawk|strix|krackan|vangogh|raphael|granite)|radeon(?:\(tm\))? graphics|vega \d{1,2} graphics|\b[67889]\d0m\b|\b8\d{3}s\b/i;

/**
 * Whether a card has memory of its own, as makers and names have it: no interface tells.
 * @returns null where the name leaves it open
 */
export function kindOf(of: { vendor: string; name: string; isSoftware: boolean }): CardKind | null {
  if (of.isSoftware) return 'software';
  switch (makerOf(of.vendor, of.name)) {
    case 'nvidia':
      return /tegra|orin|xavier|thor|gb10/i.test(of.name) ? 'integrated' : 'discrete';
    case 'amd':
      if (AMD_INTEGRATED.test(of.name)) return 'integrated';
      return /\brx\b|\bpro\b|instinct|\bvii\b|firepro|navi|polaris|vega/i.test(of.name) ? 'discrete' : null;
    case 'intel':
      return /\barc\b.*\b[ab]\d{2,3}m?\b|data center|\bmax\b|\bflex\b|\bdg[12]\b|\bbmg\b/i.test(of.name)
        ? 'discrete'
        : 'integrated';
    case 'apple':
      return 'integrated';
    case null:
      return /qualcomm|adreno|\barm\b|mali|powervr|imagination|broadcom|videocore/i.test(
        `${of.vendor} ${of.name}`,
      )
        ? 'integrated'
        : null;
  }
}
