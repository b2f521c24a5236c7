/** Where the page stands: the part of the address behind `#/`. Anything else in the fragment is none of its business. */
export interface Place {
  readonly screen: string;
  /** What of the screen: on Home the run that is shown. */
  readonly part: string | null;
}

export const HOME: Place = { screen: 'home', part: null };

/** "#/home/5Grw…" names a screen and a part of it; what cannot be read is Home. */
export function placeOf(hash: string): Place {
  const [screen, part] = hash.startsWith('#/') ? hash.slice(2).split('/') : [];
  return screen ? { screen, part: part || null } : HOME;
}

export const hrefOf = (screen: string, part: string | null = null): string =>
  part === null ? `#/${screen}` : `#/${screen}/${part}`;
