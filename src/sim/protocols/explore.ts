/**
 * Visits every state that a model can reach, once, and judges each of them.
 *
 * Breadth-first finds a shortest counterexample; depth-first needs memory only for the path, so it
 * is the way to exhaust a large space. A model's states are whatever it likes, as long as equal
 * states have equal keys and the model never changes a state it has handed out.
 *
 * The count of distinct states is part of the result: a change of the model or of the protocol
 * shows there first. Source of the method: TLC, Stateright.
 */
import { FingerprintSet } from './fingerprints.ts';

export interface Model<S, A> {
  initial(): readonly S[];
  /** Calls `visit` for everything that can happen next, in an order that never varies. */
  successors(state: S, visit: (action: A, next: S) => void): void;
  /** Equal for equal states, different for different ones. */
  key(state: S): string;
  /**
   * Where `key` is dear because states of different texts may be equal (the same servers under
   * other names): a cheap text, different for different states. A text that was met before spares
   * the key; what is visited is the same with and without it.
   */
  text?(state: S): string;
  /** What is wrong with the state, or null. */
  violation(state: S): string | null;
  describe(action: A, next: S): string;
}

export interface ExploreOptions {
  readonly order: 'breadth-first' | 'depth-first';
  /** Stop as incomplete after this many distinct states. */
  readonly statesMax?: number;
  /** Do not go further than this many actions from the start. Breadth-first only. */
  readonly depthMax?: number;
}

export interface Counterexample {
  readonly violation: string;
  /** One line for each action from the start to the violation. */
  readonly steps: readonly string[];
}

export interface Exploration {
  /** Distinct states visited. */
  readonly states: number;
  /** Successors computed, repeated ones included. */
  readonly transitions: number;
  /** The longest distance from the start that was reached. */
  readonly depth: number;
  /** Null when everything reachable was visited; else the limit that ended the visit. */
  readonly limit: 'states' | 'depth' | null;
  readonly counterexample: Counterexample | null;
}

export function explore<S, A>(model: Model<S, A>, options: ExploreOptions): Exploration {
  return options.order === 'breadth-first'
    ? breadthFirst(model, options)
    : depthFirst(model, options);
}

function breadthFirst<S, A>(model: Model<S, A>, options: ExploreOptions): Exploration {
  const { statesMax = Infinity, depthMax = Infinity } = options;
  const seen = new FingerprintSet();
  const isNewText = newTexts(model);
  /** The number of the state from which each state was first reached; -1 for initial ones. */
  const parents: number[] = [];
  let level: { state: S; number: number }[] = [];
  let transitions = 0;
  let depth = 0;
  let bad: { violation: string; number: number } | null = null;
  let next: typeof level = [];
  let from = -1;
  const meet = (state: S): void => {
    if (!isNewText(state)) return;
    const number = seen.add(model.key(state));
    if (number < parents.length || bad !== null) return;
    parents.push(from);
    const violation = model.violation(state);
    if (violation !== null) bad = { violation, number };
    next.push({ state, number });
  };
  const onSuccessor = (_action: A, state: S): void => {
    transitions += 1;
    meet(state);
  };
  const end = (limit: Exploration['limit']): Exploration => {
    const counterexample = bad === null ? null : retrace(model, seen, parents, bad);
    return { states: seen.size, transitions, depth, limit, counterexample };
  };
  for (const state of model.initial()) meet(state);
  while (next.length > 0 && bad === null) {
    if (depth >= depthMax) return end('depth');
    level = next;
    next = [];
    for (const { state, number } of level) {
      if (seen.size > statesMax) return end('states');
      from = number;
      model.successors(state, onSuccessor);
      if (bad !== null) break;
    }
    if (next.length > 0) depth += 1;
  }
  return end(null);
}

/** Whether a state's text was not met before; always so for a model without texts. */
function newTexts<S, A>(model: Model<S, A>): (state: S) => boolean {
  if (model.text === undefined) return () => true;
  const met = new FingerprintSet();
  return (state) => {
    const known = met.size;
    return met.add(model.text?.(state) ?? '') === known;
  };
}

/** Walks from the start along the recorded parents, choosing successors by their numbers. */
function retrace<S, A>(
  model: Model<S, A>,
  seen: FingerprintSet,
  parents: readonly number[],
  bad: { readonly violation: string; readonly number: number },
): Counterexample {
  const route: number[] = [];
  for (let at = bad.number; at >= 0; at = parents[at] as number) route.push(at);
  route.reverse();
  const steps: string[] = [];
  let here = model.initial().find((state) => seen.indexOf(model.key(state)) === route[0]);
  for (const number of route.slice(1)) {
    let found: S | undefined;
    if (here !== undefined) {
      model.successors(here, (action, state) => {
        if (found !== undefined || seen.indexOf(model.key(state)) !== number) return;
        found = state;
        steps.push(model.describe(action, state));
      });
    }
    here = found;
  }
  return { violation: bad.violation, steps };
}

interface Branch<S, A> {
  readonly actions: A[];
  readonly states: S[];
  at: number;
}

function depthFirst<S, A>(model: Model<S, A>, options: ExploreOptions): Exploration {
  const { statesMax = Infinity } = options;
  const seen = new FingerprintSet();
  const isNewText = newTexts(model);
  let transitions = 0;
  let depth = 0;
  const path: Branch<S, A>[] = [];
  const line = (): string[] =>
    path.map(({ actions, states, at }) =>
      model.describe(actions[at - 1] as A, states[at - 1] as S),
    );
  for (const start of model.initial()) {
    const fresh = seen.size;
    if (seen.add(model.key(start)) < fresh) continue;
    const wrong = model.violation(start);
    if (wrong !== null) {
      const counterexample = { violation: wrong, steps: [] };
      return { states: seen.size, transitions, depth, limit: null, counterexample };
    }
    path.push(branch(model, start));
    while (path.length > 0) {
      const top = path[path.length - 1] as Branch<S, A>;
      if (top.at === top.states.length) {
        path.pop();
        continue;
      }
      const state = top.states[top.at] as S;
      top.at += 1;
      transitions += 1;
      if (!isNewText(state)) continue;
      const known = seen.size;
      if (seen.add(model.key(state)) < known) continue;
      depth = Math.max(depth, path.length);
      const violation = model.violation(state);
      if (violation !== null) {
        const counterexample = { violation, steps: line() };
        return { states: seen.size, transitions, depth, limit: null, counterexample };
      }
      if (seen.size > statesMax) {
        return { states: seen.size, transitions, depth, limit: 'states', counterexample: null };
      }
      path.push(branch(model, state));
    }
  }
  return { states: seen.size, transitions, depth, limit: null, counterexample: null };
}

function branch<S, A>(model: Model<S, A>, state: S): Branch<S, A> {
  const actions: A[] = [];
  const states: S[] = [];
  model.successors(state, (action, next) => {
    actions.push(action);
    states.push(next);
  });
  return { actions, states, at: 0 };
}
