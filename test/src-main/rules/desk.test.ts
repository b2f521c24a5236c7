import { expect, test } from 'vitest';
import { openDesk } from '../../../src-main/rules/desk.ts';
import { untoldSignals } from '../../../src-shared/rules/signals.ts';

test('what one shell tells stays beside what another tells, and is told on only where it differs', () => {
  const desk = openDesk();
  let changes = 0;
  const off = desk.onChange(() => changes++);
  expect(desk.told).toEqual(untoldSignals);
  desk.tell({ onBattery: true });
  desk.tell({ idleSeconds: 4, isLocked: false });
  desk.tell({ onBattery: true, idleSeconds: 4 });
  expect(desk.told).toEqual({ ...untoldSignals, onBattery: true, idleSeconds: 4, isLocked: false });
  expect(changes).toBe(2);
  desk.tell({ onBattery: null });
  expect(desk.told.onBattery).toBeNull();
  off();
  desk.tell({ isSuspended: true });
  expect(changes).toBe(3);
});
