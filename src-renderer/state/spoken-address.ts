const ENDS = 4;

/** The first and last letters of an address one by one, to be compared aloud: "5 D f h … q R z V". */
export const spokenEnds = (address: string): string =>
  `${[...address.slice(0, ENDS)].join(' ')} … ${[...address.slice(-ENDS)].join(' ')}`;

/** The same for a voice, which says no difference between d and D: "5, capital D, f, h, and so on, q, …". */
export const saidEnds = (address: string, capital: string, between: string): string =>
  [...spell(address.slice(0, ENDS), capital), between, ...spell(address.slice(-ENDS), capital)].join(', ');

const spell = (letters: string, capital: string): readonly string[] =>
  [...letters].map((letter) => (/[A-Z]/.test(letter) ? `${capital} ${letter}` : letter));
