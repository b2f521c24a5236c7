/** Names in braces of a message, as a type: a call that forgets a parameter does not compile. */
type NamesIn<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesIn<Rest>
  : never;
type Params<Text extends string> = [NamesIn<Text>] extends [never]
  ? []
  : [Readonly<Record<NamesIn<Text>, string | number>>];
type Values = Readonly<Record<string, string | number>>;

/** The message of a key with its parameters filled in, by a catalogue of them. */
export const translator =
  <const Texts extends Readonly<Record<string, string>>>(texts: Texts) =>
  <Key extends keyof Texts & string>(key: Key, ...params: Params<Texts[Key]>): string =>
    fill(texts[key] ?? '', params[0]);

/** Parameters that are not there read as nothing. */
export function fill(text: string, params: Values | undefined): string {
  return params ? text.replace(/\{(\w+)\}/g, (_match, name: string) => String(params[name] ?? '')) : text;
}
