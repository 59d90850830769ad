/**
 * Topologies of request traffic that cannot work: a sound document, and every way in which a person
 * may spoil it, with the place of the mistake, what is said of it and what is proposed.
 */
import { ofBeyond } from './beyond.ts';
import { ofBounds } from './bounds.ts';
import { ofCallers } from './callers.ts';
import { ofDead } from './dead.ts';
import { ofExtremes } from './extremes.ts';
import { ofFaults } from './faults.ts';
import { ofGuards } from './guards.ts';
import { ofGroups } from './groups.ts';
import { ofLinks } from './links.ts';
import { ofNames } from './names.ts';
import { ofReplicas } from './replicas.ts';
import { ofSettings } from './settings.ts';
import { ofSilent } from './silent.ts';
import type { Mistake } from './sound.ts';
import { ofSteps } from './steps.ts';
import { ofUnasked } from './unasked.ts';
import { ofUntold } from './untold.ts';
import { ofVain } from './vain.ts';

export { sound } from './sound.ts';

export const MISTAKES: readonly Mistake[] = [
  ...ofLinks,
  ...ofGroups,
  ...ofSteps,
  ...ofSettings,
  ...ofReplicas,
  ...ofCallers,
  ...ofExtremes,
  ...ofVain,
  ...ofDead,
  ...ofSilent,
  ...ofUnasked,
  ...ofGuards,
  ...ofNames,
  ...ofFaults,
  ...ofBounds,
  ...ofUntold,
  ...ofBeyond,
];
