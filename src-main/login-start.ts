import { AppError } from '../src-shared/errors/app-error.ts';

/** What starts Butterfly when somebody logs in: the system's own entry for it. */
export interface LoginItem {
  /** As the system has it, which its own settings may change too. */
  read(): Promise<boolean>;
  /** @throws {AppError} of the disk */
  write(isOn: boolean): Promise<void>;
}

/** The system is the one place where it stands: it is read whenever somebody asks, and written only by a person's word. */
export interface LoginStart {
  /** Told by a shell that has such an entry. */
  offer(item: LoginItem): void;
  startsAtLogin(): Promise<boolean | null>;
  /** @throws {AppError} LOGIN_START_UNAVAILABLE, or of the disk */
  setStartsAtLogin(isOn: boolean): Promise<boolean>;
}

export function openLoginStart(): LoginStart {
  let item: LoginItem | null = null;
  return {
    offer(offered) {
      item = offered;
    },
    startsAtLogin: async () => (await item?.read()) ?? null,
    async setStartsAtLogin(isOn) {
      if (!item) throw new AppError('LOGIN_START_UNAVAILABLE');
      await item.write(isOn);
      return item.read();
    },
  };
}
