import { en } from './en.ts';
import { fill, translator } from './translator.ts';

export type MessageKey = keyof typeof en;

/** The message of a key with its parameters filled in. */
export const t = translator(en);

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

/** The sentence of a code that travelled with its parameters. A key of the catalogue that needs none takes none. */
export const coded = (key: MessageKey, params: Readonly<Record<string, string | number>>): string =>
  fill(en[key], params);
