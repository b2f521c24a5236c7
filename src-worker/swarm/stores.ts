import type { Ss58 } from '../../src-shared/units.ts';
import type { Control } from './control/control.ts';

/** Where members' states are read, as each says of itself to everybody it is connected to. */
export class Stores {
  readonly #control: Control;
  readonly #own: string | null;
  #isSaid = false;

  /** @param own address of the store that this hotkey's user names; null takes back what an earlier start named */
  constructor(control: Control, own: string | null) {
    this.#control = control;
    this.#own = own;
  }

  /** Says ours in the first round that is known: rounds order what one signer says. */
  setRound(round: number): void {
    if (this.#isSaid) return;
    this.#isSaid = true;
    this.#control.say('store', { round, store: this.#own });
  }

  /** The newest word of each member, our own aside. */
  heard(): { readonly hotkey: Ss58; readonly store: string | null }[] {
    return this.#control
      .standing('store')
      .flatMap(({ said, signer }) =>
        said.kind === 'store' && signer !== this.#control.self
          ? [{ hotkey: signer, store: said.body.store }]
          : [],
      );
  }
}
