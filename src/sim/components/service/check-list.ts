/** What cannot be done for the objects of a list page: told before the run, with the place. */
import { ScenarioError } from '../../kernel/errors.ts';
import type { Given, GroupSettings } from '../../node/behaviour.ts';
import { listsIn } from './step-lists.ts';
import type { Step } from './steps.ts';

type List = Extract<Step, { readonly do: 'list' }>;
type Wrong = { readonly why: string; readonly at: string; readonly hint: string } | null;

export function checkList(step: List, path: string, group: GroupSettings): void {
  if (step.size > step.of) {
    throw new ScenarioError(
      `A page of ${step.size} objects, out of ${step.of}, shows some twice.`,
      {
        path: `${path}/size`,
        hint: `At most ${step.of}, or a larger catalogue.`,
      },
    );
  }
  if (step.steps.length === 0) {
    throw new ScenarioError('A list of which nothing is done is no list.', {
      path: `${path}/steps`,
      hint: 'Give the steps that are taken for its objects.',
    });
  }
  checkInside(step.steps, `${path}/steps`, step, group);
}

function checkInside(steps: readonly Step[], path: string, list: List, group: GroupSettings): void {
  steps.forEach((step, i) => {
    const wrong = wrongIn(step, list, group);
    if (wrong !== null) {
      throw new ScenarioError(wrong.why, { path: `${path}/${i}${wrong.at}`, hint: wrong.hint });
    }
    for (const [at, inner] of listsIn(step)) checkInside(inner, `${path}/${i}/${at}`, list, group);
  });
}

function wrongIn(step: Step, list: List, group: GroupSettings): Wrong {
  if (step.do === 'list') {
    return { why: 'A list in a list.', at: '', hint: 'Let the outer one have all the objects.' };
  }
  if (list.how !== 'together') return null;
  if (step.do === 'cached') return wrongLookUp(step, group);
  const isWrite = step.do === 'put' || step.do === 'invalidate';
  if (isWrite || (step.do === 'query' && step.write === true)) {
    return {
      why: 'Objects are changed one by one.',
      at: '',
      hint: 'Use how: one-by-one or at-once, or change them outside of the list.',
    };
  }
  return null;
}

function wrongLookUp(step: Extract<Step, { readonly do: 'cached' }>, group: GroupSettings): Wrong {
  const hint = 'Use how: one-by-one or at-once.';
  for (const name of ['singleFlight', 'staleWhileRevalidate', 'near'] as const) {
    if (step[name] === undefined || step[name] === false) continue;
    return { why: `${name} is of one object, not of several at once.`, at: `/${name}`, hint };
  }
  const target = group.links.get(step.in);
  if (target !== undefined && target.count > 1) {
    const why = `"${target.group}" has ${target.count} members: the objects are not all in one.`;
    return { why, at: '/in', hint: `${hint} Or give the cache one member.` };
  }
  const { mode = 'aside' } = (target?.config ?? {}) as Given;
  if (target?.component === 'cache' && mode !== 'aside') {
    const why = `"${target.group}" reads its store itself, one object at a time.`;
    return { why, at: '/in', hint: `${hint} Or use a cache aside.` };
  }
  if (step.miss !== undefined) return null;
  return { why: 'Nobody makes what is not in the cache.', at: '', hint: 'Give its miss steps.' };
}
