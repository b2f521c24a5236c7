/** A sentence that says what is so, and an action that says what to do next. `{name}` is filled from parameters. */
export interface CatalogueEntry {
  readonly sentence: string;
  readonly action: string;
}
