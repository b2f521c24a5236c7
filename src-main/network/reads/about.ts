import * as v from 'valibot';
import type { Hex } from '../../../src-shared/units.ts';
import type { Session } from '../session.ts';
import { readMany, storageItem } from '../storage.ts';
import { IDENTITY_ITEMS } from './subnet.ts';

/** What a subnet says of itself on chain: anybody's words, to be shown as such. */
export interface About {
  readonly links: readonly { readonly kind: LinkKind; readonly url: string }[];
  readonly contact: string | null;
  readonly description: string | null;
}
type LinkKind = 'repository' | 'website' | 'discord' | 'logo';

const TEXT_MAX = 2_048;
const text = v.optional(v.pipe(v.string(), v.maxLength(TEXT_MAX)), '');
const aboutSchema = v.object({
  githubRepo: text,
  subnetContact: text,
  subnetUrl: text,
  discord: text,
  description: text,
  logoUrl: text,
});

const NOTHING: About = { links: [], contact: null, description: null };

/** What a chain writes may be no address at all; a longer text than a page can show is none either. */
export async function readAbout(
  session: Session,
  netuid: number,
  at: Hex,
  signal: AbortSignal,
): Promise<About> {
  const item = IDENTITY_ITEMS.map((name) => storageItem(session, 'SubtensorModule', name)).find(Boolean);
  if (!item) return NOTHING;
  const [value] = await readMany(session, [{ item, args: [netuid] }], at, signal);
  const found = v.safeParse(aboutSchema, value?.toPrimitive());
  if (!found.success) return NOTHING;
  const { githubRepo, subnetUrl, discord, logoUrl, subnetContact, description } = found.output;
  const told = [
    ['repository', githubRepo],
    ['website', subnetUrl],
    ['discord', discord],
    ['logo', logoUrl],
  ] as const;
  return {
    links: told.flatMap(([kind, said]) => {
      const url = webAddress(said);
      return url === null ? [] : [{ kind, url }];
    }),
    contact: subnetContact.trim() || null,
    description: description.trim() || null,
  };
}

/** Only what a browser opens as a page: a subnet's owner may write any scheme, and names without one. */
function webAddress(said: string): string | null {
  const trimmed = said.trim();
  const whole = /^[a-z][a-z0-9+.-]*:/i.test(trimmed) ? trimmed : `https://${trimmed}`;
  const url = trimmed === '' || !URL.canParse(whole) ? null : new URL(whole);
  const isWeb = url !== null && /^https?:$/.test(url.protocol) && url.hostname.includes('.');
  return isWeb && url.username === '' && url.password === '' ? url.href : null;
}
