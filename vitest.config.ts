import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    globalSetup: ['tests/_util/build-sandbox.ts', 'tests/_util/server.ts'],
    pool: 'forks',
    // Loading the modules again for each file takes longer than the tests themselves.
    isolate: false,
    maxWorkers: 2,
  },
})
