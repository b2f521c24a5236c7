/** Property tests: a fixed seed, and a tenth of the long count unless long runs are asked for. */
export const runs = (long: number) => ({
  seed: 38,
  numRuns: process.env.BUTTERFLY_LONG ? long : Math.ceil(long / 10),
});
