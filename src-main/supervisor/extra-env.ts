/**
 * Set in each child's environment beside the allow-list; empty but in a bench or a test (a false clock). Nothing of the
 * user's own environment may come in here.
 */
export type ExtraEnv = Readonly<Record<string, string>>;
