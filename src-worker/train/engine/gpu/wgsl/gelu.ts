/** GELU in its tanh form and its derivative; tanh by exp of a bounded argument, because drivers' own overflow. */
export const GELU = `
fn tanhOf(x: vec4f) -> vec4f {
  let e = exp(clamp(x, vec4f(-15.0), vec4f(15.0)) * 2.0);
  return (e - 1.0) / (e + 1.0);
}
fn gelu(x: vec4f) -> vec4f {
  return 0.5 * x * (1.0 + tanhOf(0.7978845608028654 * (x + 0.044715 * x * x * x)));
}
fn geluSlope(x: vec4f) -> vec4f {
  let t = tanhOf(0.7978845608028654 * (x + 0.044715 * x * x * x));
  return 0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * 0.7978845608028654 * (1.0 + 0.134145 * x * x);
}`;
