/** Preloaded into a process: what waits 30 s for an answer waits 800 ms, so that late answers are soon too late. */
const { setTimeout: wait } = globalThis;
globalThis.setTimeout = Object.assign((run, ms, ...rest) => wait(run, ms === 30_000 ? 800 : ms, ...rest), wait);
