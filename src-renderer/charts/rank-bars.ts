/** One of those who earn, as a bar by rank. */
export interface RankBar {
  readonly uid: number;
  /** Height against the largest, 0 to 1. */
  readonly share: number;
  readonly isMine: boolean;
}

/** Bars by rank, the largest first. Of more than fit only the first are drawn, and one's own in any case. */
export function rankBars(
  rows: readonly { readonly uid: number; readonly incentive: number }[],
  mine: number | null,
  most: number,
): readonly RankBar[] {
  const ranked = rows
    .filter(({ incentive }) => incentive > 0)
    .toSorted((a, b) => b.incentive - a.incentive || a.uid - b.uid);
  const largest = ranked[0]?.incentive ?? 0;
  const shown = ranked.slice(0, most);
  const own = ranked.find(({ uid }) => uid === mine);
  if (own && !shown.includes(own)) shown.splice(-1, 1, own);
  return shown.map(({ uid, incentive }) => ({ uid, share: incentive / largest, isMine: uid === mine }));
}
