interface Described {
  readonly group: SettingGroup;
  readonly title: string;
  /** What it changes, in a sentence or two. */
  readonly description: string;
  /** When a change takes effect: at once, with the next start of a run, or with the next start of Butterfly. */
  readonly takesEffect: 'at-once' | 'next-run' | 'restart';
  /** Chosen on the page of cards, where there is more to see, and not among the settings. */
  readonly isOnCardPage?: true;
  /** The one shell in which it changes something; left out: both. */
  readonly shell?: 'web' | 'electron';
}

export type SettingGroup =
  | 'training'
  | 'rules'
  | 'networks'
  | 'swarm'
  | 'publishing'
  | 'joining'
  | 'wallets'
  | 'earnings'
  | 'logs'
  | 'window';

export type Setting = Described &
  (
    | { readonly type: 'switch'; readonly default: boolean }
    | {
        readonly type: 'number';
        readonly default: number;
        readonly least: number;
        readonly most: number;
        /** Decimal places accepted; 0 for whole numbers. */
        readonly places: number;
        readonly unit: string | null;
      }
    | {
        readonly type: 'text';
        readonly default: string;
        readonly most: number;
        readonly form:
          | 'websocket'
          | 'card'
          | 'hours'
          | 'prices'
          | 'apps'
          | 'web'
          | 'wandb-name'
          | 'repository'
          | 'bucket'
          | 'store'
          | 'token-name'
          | 'told-store';
      }
    | {
        readonly type: 'choice';
        readonly default: string;
        readonly choices: readonly { readonly value: string; readonly title: string }[];
      }
    /** A folder of this computer, absolute; '' for none. */
    | { readonly type: 'path'; readonly default: string }
  );
