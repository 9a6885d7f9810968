import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/peer/**'],
    // As many as there are cores: by default one is left idle, which on two is half of them.
    maxWorkers: '100%',
    // Files of one worker share the modules they import: loading these anew for each was a third of the run.
    // So a module that tests share must not register hooks when it is loaded, and keeps no state between tests.
    isolate: false,
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});
