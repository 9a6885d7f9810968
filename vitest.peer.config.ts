import { defineConfig } from 'vitest/config';

/** Side by side with the real server: `npm run test:peer`, with nats-server on the PATH or named in $NATS_SERVER. */
export default defineConfig({
  test: {
    include: ['test/peer/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
