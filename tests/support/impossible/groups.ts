/** Groups that cannot be. */
import { groupOf, mistake } from './sound.ts';
import type { Mistake } from './sound.ts';

export const ofGroups: readonly Mistake[] = [
  mistake(
    'no replicas',
    (d) => (groupOf(d, 'app')['count'] = 0),
    'groups/app/count',
    /at least 1/,
    /./,
  ),
  mistake(
    'half a replica',
    (d) => (groupOf(d, 'app')['count'] = 1.5),
    'groups/app/count',
    /whole number/,
    /./,
  ),
  mistake(
    'replicas in words',
    (d) => (groupOf(d, 'app')['count'] = 'two'),
    'groups/app/count',
    /whole number/,
    /./,
  ),
  mistake(
    'no cores',
    (d) => (groupOf(d, 'app')['cores'] = 0),
    'groups/app/cores',
    /from 1|at least 1/,
    /./,
  ),
  mistake(
    'two groups of one name',
    (d) => (groupOf(d, 'copy')['name'] = 'db'),
    'groups/db',
    /two groups "db"/,
    /another name/,
  ),
  mistake(
    'no such component',
    (d) => (groupOf(d, 'app')['component'] = 'servce'),
    'groups/app/component',
    /no component "servce"/,
    /mean service/,
  ),
  mistake('no duration', (d) => (d['durationMs'] = 0), 'durationMs', /more than 0/, /./),
];
