import * as v from 'valibot';

/** Names as Weights & Biases takes them in addresses: of teams and projects. */
export const WANDB_NAME_MOST = 128;
export const wandbNameSchema = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/),
  v.maxLength(WANDB_NAME_MOST),
);
export const wandbRunIdSchema = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,128}$/));

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Whether a key may be sent there: https, or this computer itself; without a user, a password, a question or a slash at
 * the end.
 */
export function isHttpBase(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname));
  const bare = `${url.origin}${url.pathname === '/' ? '' : url.pathname}`;
  return isSafe && text === bare && !text.endsWith('/');
}
export const httpBaseSchema = v.pipe(v.string(), v.maxLength(512), v.check(isHttpBase));

export const WANDB_PUBLIC = 'https://api.wandb.ai';
/** Where the public service shows runs, beside the address that it takes them at. */
export const WANDB_SITE = 'https://wandb.ai';

/** A run as the subnet names it, so that lists and dashboards of others find it. */
export interface WandbNaming {
  readonly role: 'miner' | 'validator';
  readonly uid: number;
  readonly hotkey: string;
  /** What tells runs of a hotkey apart, as theirs have `run5`. */
  readonly runTag: string;
}

/** `M007`, `V000`. */
export const displayNameOf = ({ role, uid }: Pick<WandbNaming, 'role' | 'uid'>): string =>
  `${role === 'miner' ? 'M' : 'V'}${String(uid).padStart(3, '0')}`;

/** `m007_HOTKEY_TAG` in small letters; the hotkey as it is stands among the tags. */
export const runIdOf = (naming: WandbNaming): string =>
  `${displayNameOf(naming)}_${naming.hotkey}_${naming.runTag}`.toLowerCase();

/** `NAME_miners`, `NAME_validators`. */
export const projectNameOf = (project: string, role: WandbNaming['role']): string => `${project}_${role}s`;
