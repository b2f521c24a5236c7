import type { CodedError } from '../../errors/app-error.ts';

/** An engine that a user adds: it does not come with Butterfly. */
export type AddedEngineId = 'tensorflow';

/** Where adding stands, in the order in which it goes. What its own installer does is one stage; the others follow where that fails. */
export type AddingStage =
  | 'packages'
  | 'own-download'
  | 'library-download'
  | 'library-unpack'
  | 'build'
  | 'try';

export type EngineState =
  | { readonly kind: 'absent' }
  /** `share` of the stage that is done, 0 to 1; null: not known. */
  | { readonly kind: 'adding'; readonly stage: AddingStage; readonly share: number | null }
  | { readonly kind: 'removing' }
  /** It was loaded and tried; what it said of itself then, e.g. `TensorFlow 2.15.1, processor`. */
  | { readonly kind: 'there'; readonly description: string; readonly bytes: number };

export interface AddedEngineView {
  readonly id: AddedEngineId;
  readonly state: EngineState;
  /** Why it was not added or removed when that was last asked; what was there before is there still. */
  readonly problem: CodedError | null;
}
