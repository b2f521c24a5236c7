import { expect, it } from 'vitest';
import { lostWith } from '../../../src-main/runs/start-train.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';

const exited = (reason: string) => new AppError('CHILD_EXITED', { child: 'train', reason });

it('a crash while a card computed is told to the next process, as one of TensorFlow is, and no other end', () => {
  expect(lostWith(exited('signal SIGSEGV'), 'gpu')).toBe('gpu');
  expect(lostWith(exited('exit code 3221225477'), 'tensorflow')).toBe('tensorflow');
  expect(lostWith(exited('signal SIGSEGV'), 'cpu')).toBeNull();
  expect(lostWith(exited('signal SIGKILL'), 'gpu')).toBeNull();
  expect(lostWith(new AppError('ENGINE_DEVICE_LOST', { device: 'a card', reason: '' }), 'gpu')).toBeNull();
  // Before it was ready it left a mark by itself.
  expect(lostWith(exited('signal SIGSEGV'), null)).toBeNull();
  expect(lostWith(null, null)).toBeNull();
});
