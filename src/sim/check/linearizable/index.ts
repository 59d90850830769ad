/** The door of the linearizability checker: what other folders import. */
export { checkLinearizable, DEFAULT_BUDGET } from './check.ts';
export { ILLEGAL } from './model.ts';
export type { Model } from './model.ts';
export { casRegisterModel } from './models/cas-register.ts';
export type { CasInput, CasRegisterInput, CasRegisterOptions } from './models/cas-register.ts';
export { counterModel } from './models/counter.ts';
export { keyed } from './models/keyed.ts';
export { kvModel } from './models/kv.ts';
export type { KvOptions, KvState } from './models/kv.ts';
export { mutexModel } from './models/mutex.ts';
export { queueModel } from './models/queue.ts';
export { registerModel } from './models/register.ts';
export { setModel } from './models/set.ts';
export { stackModel } from './models/stack.ts';
