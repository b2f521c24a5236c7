import type { ModelConfig } from '../../../../../src-shared/model/layout.ts';
import { TUNED_MOST } from '../../limits.ts';
import type { Format } from '../wgsl/format.ts';
import type { GemmShape } from '../wgsl/gemm.ts';

/** Products that are tuned as one: of one form and about one size. */
export type ShapeClass = string;

/** What one of them is measured with. */
export interface Measured {
  readonly shapeClass: ShapeClass;
  readonly shape: GemmShape;
  /** How many rows stand for 'rows'. */
  readonly rows: number;
  /** Floating-point operations that the model spends on the class, per row of a pass. */
  readonly work: number;
}

type Extent = Pick<GemmShape, 'form' | 'm' | 'n' | 'factors'>;

/** Sizes within a factor of four are one class: of the columns of C, or of its longer side where neither is the rows. */
export const classOf = (extent: Extent): ShapeClass => `${kindOf(extent)} ${scaleOf(extent)}`;

const kindOf = ({ form, factors }: Extent): string => `${factors} ${form}`;
const scaleOf = ({ m, n }: Extent): number => Math.floor(Math.log2(m === 'rows' ? n : Math.max(m, n)) / 2);

/** Of some classes the one whose products are most like this one; null where none is of its form. */
export function nearestClass(extent: Extent, classes: readonly ShapeClass[]): ShapeClass | null {
  const kind = `${kindOf(extent)} `;
  const apart = (shapeClass: ShapeClass) => Math.abs(Number(shapeClass.slice(kind.length)) - scaleOf(extent));
  const alike = classes.filter((one) => one.startsWith(kind)).sort((a, b) => apart(a) - apart(b));
  return alike[0] ?? null;
}

/**
 * The classes of a model's products, the one that takes most first, each with its largest shape as far as that is not
 * larger than it takes to tell which tiles are fastest.
 * @param rows of a pass
 */
export function measuredOf(config: ModelConfig, factors: Format, rows: number): Measured[] {
  const { layers, width, vocab } = config;
  const linears = [
    ...([3, 1, 4] as const).map((times) => ({ outputs: times * width, inputs: width, count: layers })),
    { outputs: width, inputs: 4 * width, count: layers },
    { outputs: Math.ceil(vocab / 64) * 64, inputs: width, count: 1 },
  ];
  const classes = new Map<ShapeClass, Measured & { largest: number }>();
  for (const { outputs, inputs, count } of linears)
    for (const extent of formsOf(outputs, inputs)) {
      const shapeClass = classOf({ ...extent, factors });
      const each = 2 * outputs * inputs;
      const known = classes.get(shapeClass);
      const work = (known?.work ?? 0) + count * each;
      const own =
        known && known.largest >= each ? known : { ...measured(extent, factors, rows), largest: each };
      classes.set(shapeClass, { ...own, shapeClass, work });
    }
  return [...classes.values()].sort((a, b) => b.work - a.work);
}

const formsOf = (outputs: number, inputs: number) =>
  [
    { form: 'NT', m: 'rows', n: outputs, k: inputs },
    { form: 'NN', m: 'rows', n: inputs, k: outputs },
    { form: 'TN', m: outputs, n: inputs, k: 'rows' },
  ] as const;

function measured(
  { form, m, n, k }: ReturnType<typeof formsOf>[number],
  factors: Format,
  rows: number,
): Pick<Measured, 'shape' | 'rows'> {
  const cut = <T extends number | 'rows'>(size: T) =>
    (size === 'rows' ? size : Math.min(size, TUNED_MOST)) as T;
  const own = { m: cut(m), n: cut(n), k: cut(k) };
  const [a, b] = { NT: [own.k, own.k], NN: [own.k, own.n], TN: [own.m, own.n] }[form] as [number, number];
  const shape = {
    form,
    epilogue: 'set',
    ...own,
    lda: a,
    ldb: b,
    ldc: own.n,
    factors,
    result: 'f32',
  } as const;
  return { shape, rows: Math.min(rows, TUNED_MOST) };
}
