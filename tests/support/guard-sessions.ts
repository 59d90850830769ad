/**
 * Test set-up: every session of these tests runs with the host out of reach. What is made of a run
 * afterwards (the report, a link) is not part of it and not guarded.
 */
import { Session } from 'faultline';
import { guardMethods } from './determinism-guard.ts';

guardMethods(Session.prototype, ['advance', 'seek', 'intervene', 'fork']);
