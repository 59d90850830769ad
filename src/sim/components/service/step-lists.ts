/** Where steps stand inside other steps: for whoever looks at all of them before a run. */
import type { Step } from './steps.ts';

/** The lists of steps inside a step, by their place in it. */
export function listsIn(step: Step): readonly (readonly [at: string, steps: readonly Step[]])[] {
  switch (step.do) {
    case 'cached':
      return [['miss', step.miss ?? []]];
    case 'parallel':
      return step.branches.map((branch, i) => [`branches/${i}`, branch] as const);
    case 'either':
      return [
        ['then', step.then],
        ['otherwise', step.otherwise ?? []],
      ];
    case 'batch':
    case 'list':
      return [['steps', step.steps]];
    default:
      return 'otherwise' in step ? [['otherwise', step.otherwise ?? []]] : [];
  }
}
