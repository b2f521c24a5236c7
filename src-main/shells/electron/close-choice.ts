import { type BrowserWindow, dialog } from 'electron';
import type { SettingValues } from '../../../src-shared/settings.ts';

/** What closing the window comes to. */
export type CloseChoice = 'tray' | 'quit' | 'stay';

const CHOICES = ['tray', 'quit', 'stay'] as const satisfies readonly CloseChoice[];
const [TRAY, , STAY] = [0, 1, 2];

/**
 * Asks what closing is to mean, where that was not settled before.
 * @param setting what was chosen to hold from then on
 * @returns the choice, and whether it is to hold
 */
export async function chooseClose(
  window: BrowserWindow,
  setting: SettingValues['window.close'],
): Promise<{ readonly choice: CloseChoice; readonly holds: boolean }> {
  if (setting === 'tray' || setting === 'quit') return { choice: setting, holds: false };
  const { response, checkboxChecked } = await dialog.showMessageBox(window, {
    type: 'question',
    title: 'Butterfly',
    message: 'Go on training when this window is closed?',
    detail:
      'In the tray, Butterfly goes on with what it does; its picture there, or starting Butterfly again, brings the window back. Quitting saves the state and stops everything.',
    buttons: ['Go on in the tray', 'Stop and quit', 'Keep the window open'],
    defaultId: TRAY,
    cancelId: STAY,
    checkboxLabel: 'Do the same from now on (Settings can change it)',
    checkboxChecked: true,
    noLink: true,
  });
  const choice = CHOICES[response] ?? 'stay';
  return { choice, holds: checkboxChecked && choice !== 'stay' };
}
