/**
 * The chain's types in one small language, and the table that metadata and codecs are both made from.
 * An expression is a primitive, `Vec<T>`, `Option<T>`, `Compact<T>`, `(A, B)`, `[T; n]`, `BoundedVec<T>`,
 * `Result<T, E>`, `BTreeMap<K, V>`, `BTreeSet<T>` or the name of a shape. A field may say how its source calls the
 * type, which some clients decode by: `u16 as NetUid`. Without that it is called as its expression; `as _` leaves the
 * name out.
 */
export type Fields = readonly string[] | Readonly<Record<string, string>>;
/** Index alone, or index with fields. */
export type Variant = number | readonly [index: number, fields: Fields];

export interface Shape {
  /** Path in the type table, `::` between its parts; two shapes never share one (clients merge types by path). */
  readonly path: string;
  readonly params?: Readonly<Record<string, string | null>>;
  readonly fields?: Fields;
  readonly variants?: Readonly<Record<string, Variant>>;
}

export interface Field {
  readonly name: string | undefined;
  readonly type: number;
  readonly typeName: string | undefined;
}

export type Def =
  | { readonly tag: 'primitive'; readonly name: string }
  | { readonly tag: 'sequence'; readonly of: number }
  | { readonly tag: 'array'; readonly of: number; readonly length: number }
  | { readonly tag: 'tuple'; readonly of: readonly number[] }
  | { readonly tag: 'compact'; readonly of: number }
  | { readonly tag: 'composite'; readonly fields: readonly Field[] }
  | { readonly tag: 'variant'; readonly variants: readonly VariantRow[] };

export interface VariantRow {
  readonly name: string;
  readonly index: number;
  readonly fields: readonly Field[];
}

export interface TypeRow {
  readonly path: readonly string[];
  readonly params: readonly { readonly name: string; readonly type: number | undefined }[];
  readonly def: Def;
}

const PRIMITIVES = new Set(['bool', 'str', 'u8', 'u16', 'u32', 'u64', 'u128', 'i16', 'i32', 'i64', 'i128']);

export class TypeTable {
  readonly #shapes: Readonly<Record<string, Shape>>;
  readonly #ids = new Map<string, number>();
  readonly rows: TypeRow[] = [];

  constructor(shapes: Readonly<Record<string, Shape>>) {
    this.#shapes = shapes;
  }

  /** The row's number is taken before its fields are visited, because RuntimeCall contains itself. */
  id(expression: string): number {
    const text = expression.replaceAll(' ', '');
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    const id = this.rows.length;
    this.#ids.set(text, id);
    this.rows.push({ path: [], params: [], def: { tag: 'tuple', of: [] } });
    this.rows[id] = this.#build(text);
    return id;
  }

  row(id: number): TypeRow {
    const row = this.rows[id];
    if (!row) throw new RangeError(`no type ${id}`);
    return row;
  }

  #build(text: string): TypeRow {
    const plain = (def: Def): TypeRow => ({ path: [], params: [], def });
    if (PRIMITIVES.has(text)) return plain({ tag: 'primitive', name: text });
    const option = inner(text, 'Option<', '>');
    if (option) return this.#option(option);
    const generic = this.#generic(text);
    if (generic) return generic;
    const vec = inner(text, 'Vec<', '>');
    if (vec) return plain({ tag: 'sequence', of: this.id(vec) });
    const compact = inner(text, 'Compact<', '>');
    if (compact) return plain({ tag: 'compact', of: this.id(compact) });
    const array = inner(text, '[', ']')?.split(';');
    if (array) return plain({ tag: 'array', of: this.id(array[0] ?? ''), length: Number(array[1]) });
    const tuple = inner(text, '(', ')');
    if (tuple !== undefined) return plain({ tag: 'tuple', of: splitTop(tuple).map((part) => this.id(part)) });
    return this.#shape(text);
  }

  #option(of: string): TypeRow {
    const type = this.id(of);
    const variants = [
      { name: 'None', index: 0, fields: [] },
      { name: 'Some', index: 1, fields: [bare(type)] },
    ];
    return { path: ['Option'], params: [{ name: 'T', type }], def: { tag: 'variant', variants } };
  }

  /** Rust's own wrappers that the chain's types use: one list each, or one of two outcomes. */
  #generic(text: string): TypeRow | undefined {
    const bounded = inner(text, 'BoundedVec<', '>');
    if (bounded) {
      const params = [
        { name: 'T', type: this.id(bounded) },
        { name: 'S', type: undefined },
      ];
      const field = { ...bare(this.id(`Vec<${bounded}>`)), typeName: 'Vec<T>' };
      const path = ['bounded_collections', 'bounded_vec', 'BoundedVec'];
      return { path, params, def: { tag: 'composite', fields: [field] } };
    }
    const set = inner(text, 'BTreeSet<', '>');
    if (set) return this.#collection('BTreeSet', ['T'], [set], `Vec<${set}>`);
    const map = inner(text, 'BTreeMap<', '>');
    if (map) return this.#collection('BTreeMap', ['K', 'V'], splitTop(map), `Vec<(${map})>`);
    const result = inner(text, 'Result<', '>');
    if (!result) return undefined;
    const [ok = '', err = ''] = splitTop(result);
    const variants = [
      { name: 'Ok', index: 0, fields: [bare(this.id(ok))] },
      { name: 'Err', index: 1, fields: [bare(this.id(err))] },
    ];
    const params = [
      { name: 'T', type: this.id(ok) },
      { name: 'E', type: this.id(err) },
    ];
    return { path: ['Result'], params, def: { tag: 'variant', variants } };
  }

  #collection(name: string, params: readonly string[], of: readonly string[], list: string): TypeRow {
    return {
      path: [name],
      params: params.map((param, i) => ({ name: param, type: this.id(of[i] ?? '') })),
      def: { tag: 'composite', fields: [bare(this.id(list))] },
    };
  }

  #shape(name: string): TypeRow {
    const shape = this.#shapes[name];
    if (!shape) throw new RangeError(`unknown type ${name}`);
    const params = Object.entries(shape.params ?? {}).map(([param, of]) => ({
      name: param,
      type: of === null ? undefined : this.id(of),
    }));
    const path = shape.path.split('::');
    if (!shape.variants)
      return { path, params, def: { tag: 'composite', fields: this.#fields(shape.fields ?? []) } };
    const variants = Object.entries(shape.variants).map(([variant, body]) => ({
      name: variant,
      index: typeof body === 'number' ? body : body[0],
      fields: typeof body === 'number' ? [] : this.#fields(body[1]),
    }));
    return { path, params, def: { tag: 'variant', variants } };
  }

  #fields(fields: Fields): Field[] {
    if (Array.isArray(fields)) return fields.map((type: string) => this.#field(undefined, type));
    return Object.entries(fields).map(([name, type]) => this.#field(name, type as string));
  }

  #field(name: string | undefined, written: string): Field {
    const { expression, typeName } = splitName(written);
    return { name, type: this.id(expression), typeName };
  }
}

const bare = (type: number): Field => ({ name: undefined, type, typeName: undefined });

/** `TYPE as NAME`, where the name may itself hold an ` as `. */
export function splitName(written: string): {
  readonly expression: string;
  readonly typeName: string | undefined;
} {
  const at = written.indexOf(' as ');
  if (at < 0) return { expression: written, typeName: written };
  const typeName = written.slice(at + 4);
  return { expression: written.slice(0, at), typeName: typeName === '_' ? undefined : typeName };
}

function inner(text: string, open: string, close: string): string | undefined {
  return text.startsWith(open) && text.endsWith(close) ? text.slice(open.length, -close.length) : undefined;
}

/** Splits at commas that stand in no bracket. */
function splitTop(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    if ('<([{'.includes(text[i] ?? '')) depth++;
    else if ('>)]}'.includes(text[i] ?? '')) depth--;
    else if (text[i] === ',' && depth === 0) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  if (from < text.length) parts.push(text.slice(from));
  return parts;
}
