import { expect, test } from 'vitest';
import { fuzz } from '../../src/cli/fuzz.ts';
import { worldFromConfig } from '../../src/fuzz/index.ts';

function io() {
  const written = { out: '', err: '' };
  const start = async (): Promise<never> => {
    throw new Error('no server is wanted here');
  };
  return {
    written,
    io: {
      out: (text: string) => {
        written.out += text;
      },
      err: (text: string) => {
        written.err += text;
      },
      start,
      certificates: '',
      drawSeed: () => 7,
    },
  };
}

test.each([
  [['nothing']],
  [['listeners', 'nothing']],
  [['tcp', '--runs', 'many']],
  [['tcp', '--world', 'x']],
  [['--runs', 'many']],
  [['--unknown']],
  [['--controls-off', 'no-such-control']],
  [['--leave-out', 'no-such-weapon']],
  [['--target', 'nats://127.0.0.1:4222']],
  [['--target', 'nats://127.0.0.1:4222', '--world', '/no/such/file']],
  [['authority', '--target', '/no/such/binary']],
  [['--target', '/no/such/binary', '--controls-off', 'api-scope-account-purge']],
])('fuzz refuses %j with exit code 2 and the usage', async (args) => {
  const { io: to, written } = io();
  expect(await fuzz(args, to)).toBe(2);
  expect(written.err).toContain('usage: npm run fuzz:');
});

test('fuzz --help prints the usage', async () => {
  const { io: to, written } = io();
  expect(await fuzz(['--help'], to)).toBe(0);
  expect(written.out).toContain('--seed X');
});

test('fuzz --print-world prints the configuration that --world reads', async () => {
  const { io: to, written } = io();
  expect(await fuzz(['--print-world', '--seed', '3'], to)).toBe(0);
  expect(worldFromConfig(written.out).accounts.length).toBeGreaterThanOrEqual(2);
});
