import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    alias: [
      { find: /^faultline\/vitest$/, replacement: new URL('./src/cli/vitest.ts', import.meta.url).pathname },
      { find: /^faultline$/, replacement: new URL('./src/sim/index.ts', import.meta.url).pathname },
    ],
  },
  test: { include: ['tests/**/*.test.ts'], testTimeout: 60_000 },
});
