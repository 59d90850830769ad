/**
 * When each step of a story comes: at its time, or when its predicate first holds after the step
 * before it was reached. Observation only.
 */
import { validate } from '../contracts/validate.ts';
import { ScenarioError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';
import type { StoryStep } from '../scenario/plan.ts';
import type { Predicate } from '../world/predicates.ts';
import type { World } from '../world/world.ts';

export class StoryClock {
  readonly #steps: readonly { readonly ms: number | null; readonly holds: (w: World) => boolean }[];
  #reached: (number | null)[];

  constructor(story: readonly StoryStep[], predicates: ReadonlyMap<string, Predicate>) {
    this.#steps = story.map((step, i) => {
      if ('ms' in step.at) return { ms: step.at.ms, holds: () => true };
      const predicate = predicates.get(step.at.when);
      if (predicate === undefined) {
        throw new ScenarioError(`The story waits for an unknown predicate "${step.at.when}".`, {
          path: `story/${i}/at/when`,
          hint: didYouMean(step.at.when, [...predicates.keys()]),
        });
      }
      const args = validate(predicate.args, step.at.args ?? {}, `story/${i}/at/args`) as never;
      return { ms: null, holds: (world: World) => predicate.holds(world, args) };
    });
    this.#reached = story.map(() => null);
  }

  /** Looks at the world after something happened. */
  look(world: World): void {
    for (let i = 0; i < this.#steps.length; i++) {
      if (this.#reached[i] !== null) continue;
      const step = this.#steps[i];
      if (step === undefined) return;
      if (step.ms !== null) {
        if (world.now < step.ms * 1_000) return;
        this.#reached[i] = step.ms * 1_000;
      } else {
        if (!step.holds(world)) return;
        this.#reached[i] = world.now;
      }
    }
  }

  get reached(): readonly (number | null)[] {
    return this.#reached;
  }

  save(): readonly (number | null)[] {
    return this.#reached.slice();
  }

  restore(image: readonly (number | null)[]): void {
    this.#reached = image.slice();
  }
}
