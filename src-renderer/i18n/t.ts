import { en } from './en.ts';

export type MessageKey = keyof typeof en;

/** Names in braces of a message, as a type: a call that forgets a parameter does not compile. */
type NamesIn<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesIn<Rest>
  : never;
type ParamsOf<Key extends MessageKey> = NamesIn<(typeof en)[Key]>;
type Params<Key extends MessageKey> = [ParamsOf<Key>] extends [never]
  ? []
  : [Readonly<Record<ParamsOf<Key>, string | number>>];

/** The message of a key with its parameters filled in. */
export function t<Key extends MessageKey>(key: Key, ...params: Params<Key>): string {
  return fill(en[key], params[0]);
}

type PluralStem = {
  [Key in MessageKey]: Key extends `${infer Stem}.other` ? Stem : never;
}[MessageKey];

const plurals = new Intl.PluralRules('en');

/**
 * A message that depends on a count. A language adds as many of `.zero .one .two .few .many` as its rules know;
 * `.other` always exists. `{n}` is the count, already formatted.
 */
export function plural(stem: PluralStem, count: number, formatted: string): string {
  const key = `${stem}.${plurals.select(count)}`;
  const text = Object.hasOwn(en, key) ? en[key as MessageKey] : en[`${stem}.other` as MessageKey];
  return fill(text, { n: formatted });
}

function fill(text: string, params: Readonly<Record<string, string | number>> | undefined): string {
  return params ? text.replace(/\{(\w+)\}/g, (_match, name: string) => String(params[name] ?? '')) : text;
}

/** The sentence of a code that travelled with its parameters. A key of the catalogue that needs none takes none. */
export const coded = (key: MessageKey, params: Readonly<Record<string, string | number>>): string =>
  fill(en[key], params);
