import type { OwnMark, SubnetSubject, SubnetView } from '../../src-shared/contract/page/subnet.ts';
import { connection } from './connection.svelte.ts';
import { Look } from './look.svelte.ts';

/** What is known of the subnet that is looked at. */
export class SubnetLook extends Look<SubnetView> {
  readonly #of: SubnetSubject;

  constructor(of: SubnetSubject) {
    super((api) => api.subnetEconomics(of));
    this.#of = of;
  }

  async setMark(mark: number | null): Promise<void> {
    const answer = await connection.ask((api) => api.setSubnetMark(this.#of, mark));
    if ('error' in answer) this.problem = answer.error;
    else this.#show({ mark: answer.value });
  }

  #show(own: { readonly mark: OwnMark | null }): void {
    if (this.view) this.view = { ...this.view, ...own };
  }
}
