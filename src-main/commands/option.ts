import type { Value } from './values.ts';

/** An option that is there or not. */
export interface SwitchOption {
  readonly name: `--${string}`;
  readonly help: string;
  /** The variable of the environment that says the same: for a switch 1 or 0. */
  readonly env?: `BUTTERFLY_${string}`;
}

/** An option with a value behind it, `--name value` or `--name=value`. */
export interface ValueOption<T> extends SwitchOption {
  readonly value: Value<T>;
}

/** A value that stands behind the command without an option before it. */
export interface Word<T> {
  readonly help: string;
  readonly value: Value<T>;
}

/** By key, in the order in which they are said. */
export type Words = Readonly<Record<string, Word<unknown>>>;

export type Options = Readonly<Record<string, SwitchOption | ValueOption<unknown>>>;

/** What a command line says for a set of options; null and false mean "not said". */
export type Said<O extends Options> = {
  readonly [Key in keyof O]: O[Key] extends ValueOption<infer T> ? T | null : boolean;
};

/** A word of the command line, with what follows it. Parser, help text and suggestions read it from here. */
export interface Command<O extends Options = Options, W extends Words = Words> {
  readonly name: string;
  readonly summary: string;
  readonly words?: W;
  readonly options: O;
  /** Lines of its help below the options: how it is used. */
  readonly more?: readonly string[];
  /** What no option can say alone. */
  readonly rules?: readonly Rule[];
}

/** Nothing that was said is ever ignored: what could have no effect is refused. */
export type Rule<Key extends string = string> =
  /** It, or the other one. */
  | { readonly kind: 'demands'; readonly key: Key; readonly or?: Key }
  /** Any of them will do, where there are several. */
  | { readonly kind: 'needs'; readonly key: Key; readonly other: Key | readonly Key[] }
  | { readonly kind: 'excludes'; readonly key: Key; readonly other: Key };

type SaidWords<W> = {
  readonly [Key in keyof W]: W[Key] extends Word<infer T> ? T | null : never;
};

export type SaidOf<C extends Pick<Command, 'options'>> = Said<C['options']> &
  (C extends { readonly words?: infer W } ? SaidWords<NonNullable<W>> : unknown);

/** Gives a declaration the types of its own options, and its rules their names. */
export const command = <O extends Options, W extends Words = Record<never, never>>(
  declared: Command<O, W> & { readonly rules?: readonly Rule<(keyof O | keyof W) & string>[] },
): Command<O, W> => declared;

export const isValueOption = (option: SwitchOption): option is ValueOption<unknown> => 'value' in option;
