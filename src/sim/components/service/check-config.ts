/** What cannot work in a service although its schema allows it, besides its steps and calls. */
import { ScenarioError } from '../../kernel/errors.ts';
import { PRIORITIES } from '../../traffic/admission.ts';
import type { AdmissionConfig } from '../../traffic/admission.ts';
import type { ServiceConfig } from './config.ts';

/** Pauses are told apart by time, whose finest part is a microsecond. */
const GC_EVERY_LEAST_MS = 0.1;

export function checkConfig({ admission, memory, gc }: ServiceConfig, path: string): void {
  if (admission.limitPolicy !== 'fixed') checkMoving(admission, `${path}/admission`);
  checkShedding(admission.shedAbove, `${path}/admission/shedAbove`);
  if (gc.everyMs > 0 && gc.everyMs < GC_EVERY_LEAST_MS) {
    throw new ScenarioError('With pauses so often time would stand still.', {
      path: `${path}/gc/everyMs`,
      hint: `At least ${GC_EVERY_LEAST_MS} ms, or 0 for none.`,
    });
  }
  const { baseMb, perRequestMb, limitMb } = memory;
  if (limitMb === 0 || baseMb + perRequestMb <= limitMb) return;
  throw new ScenarioError(`Its first request would kill it: it needs ${baseMb} MiB at rest.`, {
    path: `${path}/memory/limitMb`,
    hint: `The limit must hold baseMb and perRequestMb, ${baseMb + perRequestMb} together.`,
  });
}

/** The most important first: who is less important never holds out longer. */
function checkShedding(thresholds: readonly number[], path: string): void {
  thresholds.forEach((threshold, i) => {
    const before = thresholds[i - 1];
    if (i >= PRIORITIES) {
      throw new ScenarioError(`There are ${PRIORITIES} priorities, from 0 to ${PRIORITIES - 1}.`, {
        path: `${path}/${i}`,
        hint: `Give ${PRIORITIES} at most.`,
      });
    }
    if (before === undefined || threshold <= before) return;
    throw new ScenarioError(
      `Priority ${i} would hold out until ${threshold}, longer than the more important ${i - 1}.`,
      { path: `${path}/${i}`, hint: `Give ${before} at most: the most important comes first.` },
    );
  });
}

/** A limit that moves starts between its bounds, or one of them would be another than it says. */
function checkMoving(admission: AdmissionConfig, path: string): void {
  const { concurrencyLimit, minLimit, maxLimit } = admission;
  if (minLimit > maxLimit) {
    throw new ScenarioError('The least limit is more than the most.', {
      path: `${path}/minLimit`,
      hint: `maxLimit is ${maxLimit}.`,
    });
  }
  if (concurrencyLimit === 0 || (concurrencyLimit >= minLimit && concurrencyLimit <= maxLimit)) {
    return;
  }
  const bound = concurrencyLimit > maxLimit ? 'maxLimit' : 'minLimit';
  throw new ScenarioError(
    `The limit starts at ${concurrencyLimit}, beyond its ${bound}, ${admission[bound]}.`,
    {
      path: `${path}/${bound}`,
      hint: `concurrencyLimit is where it starts: between ${minLimit} and ${maxLimit}.`,
    },
  );
}
