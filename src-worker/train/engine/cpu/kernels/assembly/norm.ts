import { sumLanes } from './lanes';

/** y = (x - mean) / sqrt(var + 1e-5) * gain + bias, row by row; keeps mean and 1/std for the way back. */
export function layerNorm(
  x: usize, gain: usize, bias: usize, y: usize, mean: usize, rstd: usize, rows: i32, width: i32,
): void {
  const bytes: usize = <usize>width << 2;
  const vectors: usize = <usize>(width & ~3) << 2;
  for (let row = 0; row < rows; row++) {
    let sum4 = f32x4.splat(0);
    for (let o: usize = 0; o < vectors; o += 16) sum4 = f32x4.add(sum4, v128.load(x + o));
    let sum = sumLanes(sum4);
    for (let o = vectors; o < bytes; o += 4) sum += load<f32>(x + o);
    const mu = sum / <f32>width;
    let square4 = f32x4.splat(0);
    for (let o: usize = 0; o < vectors; o += 16) {
      const d = f32x4.sub(v128.load(x + o), f32x4.splat(mu));
      square4 = f32x4.add(square4, f32x4.mul(d, d));
    }
    let squares = sumLanes(square4);
    for (let o = vectors; o < bytes; o += 4) {
      const d = load<f32>(x + o) - mu;
      squares += d * d;
    }
    const r: f32 = 1 / sqrt<f32>(squares / <f32>width + 1e-5);
    for (let o: usize = 0; o < vectors; o += 16) {
      const hat = f32x4.mul(f32x4.sub(v128.load(x + o), f32x4.splat(mu)), f32x4.splat(r));
      v128.store(y + o, f32x4.add(f32x4.mul(hat, v128.load(gain + o)), v128.load(bias + o)));
    }
    for (let o = vectors; o < bytes; o += 4) {
      store<f32>(y + o, (load<f32>(x + o) - mu) * r * load<f32>(gain + o) + load<f32>(bias + o));
    }
    store<f32>(mean, mu);
    store<f32>(rstd, r);
    x += bytes;
    y += bytes;
    mean += 4;
    rstd += 4;
  }
}

/** dx += rstd * (g - mean(g) - hat * mean(g * hat)) with g = dy * gain and hat the normed input. */
export function layerNormBackward(
  dy: usize, x: usize, gain: usize, mean: usize, rstd: usize, dx: usize, rows: i32, width: i32,
): void {
  const bytes: usize = <usize>width << 2;
  const vectors: usize = <usize>(width & ~3) << 2;
  for (let row = 0; row < rows; row++) {
    const mu = load<f32>(mean);
    const r = load<f32>(rstd);
    let g4 = f32x4.splat(0);
    let gh4 = f32x4.splat(0);
    for (let o: usize = 0; o < vectors; o += 16) {
      const g = f32x4.mul(v128.load(dy + o), v128.load(gain + o));
      const hat = f32x4.mul(f32x4.sub(v128.load(x + o), f32x4.splat(mu)), f32x4.splat(r));
      g4 = f32x4.add(g4, g);
      gh4 = f32x4.add(gh4, f32x4.mul(g, hat));
    }
    let gSum = sumLanes(g4);
    let ghSum = sumLanes(gh4);
    for (let o = vectors; o < bytes; o += 4) {
      const g = load<f32>(dy + o) * load<f32>(gain + o);
      gSum += g;
      ghSum += g * (load<f32>(x + o) - mu) * r;
    }
    const gMean = gSum / <f32>width;
    const ghMean = ghSum / <f32>width;
    for (let o: usize = 0; o < vectors; o += 16) {
      const g = f32x4.mul(v128.load(dy + o), v128.load(gain + o));
      const hat = f32x4.mul(f32x4.sub(v128.load(x + o), f32x4.splat(mu)), f32x4.splat(r));
      const inner = f32x4.sub(f32x4.sub(g, f32x4.splat(gMean)), f32x4.mul(hat, f32x4.splat(ghMean)));
      v128.store(dx + o, f32x4.add(v128.load(dx + o), f32x4.mul(inner, f32x4.splat(r))));
    }
    for (let o = vectors; o < bytes; o += 4) {
      const g = load<f32>(dy + o) * load<f32>(gain + o);
      const hat = (load<f32>(x + o) - mu) * r;
      store<f32>(dx + o, load<f32>(dx + o) + (g - gMean - hat * ghMean) * r);
    }
    dy += bytes;
    x += bytes;
    dx += bytes;
    mean += 4;
    rstd += 4;
  }
}

/** dGain += sum over rows of dy * hat and dBias += sum of dy, for columns [start, end): rows in order. */
export function layerNormGains(
  dy: usize, x: usize, mean: usize, rstd: usize, dGain: usize, dBias: usize,
  rows: i32, width: i32, start: i32, end: i32,
): void {
  const first: usize = <usize>start << 2;
  const last: usize = <usize>end << 2;
  const vectors: usize = first + ((<usize>(end - start) & ~3) << 2);
  for (let row = 0; row < rows; row++) {
    const mu = load<f32>(mean);
    const r = load<f32>(rstd);
    for (let o = first; o < vectors; o += 16) {
      const d = v128.load(dy + o);
      const hat = f32x4.mul(f32x4.sub(v128.load(x + o), f32x4.splat(mu)), f32x4.splat(r));
      v128.store(dGain + o, f32x4.add(v128.load(dGain + o), f32x4.mul(d, hat)));
      v128.store(dBias + o, f32x4.add(v128.load(dBias + o), d));
    }
    for (let o = vectors; o < last; o += 4) {
      const d = load<f32>(dy + o);
      store<f32>(dGain + o, load<f32>(dGain + o) + d * ((load<f32>(x + o) - mu) * r));
      store<f32>(dBias + o, load<f32>(dBias + o) + d);
    }
    dy += <usize>width << 2;
    x += <usize>width << 2;
    mean += 4;
    rstd += 4;
  }
}
