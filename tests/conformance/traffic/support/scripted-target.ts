/** A target that answers as a list says: each request in turn well or badly, after a while. */
import { Type, defineBehaviour, http, ms } from 'faultline';
import type { CallRef, Context, HttpRequest, HttpResponse } from 'faultline';

export interface ScriptedAnswer {
  readonly isOk: boolean;
  /** Default: at once. */
  readonly afterMs?: number;
}

export interface TargetState {
  /** Requests that came so far. */
  heard: number;
  readonly waiting: Map<number, CallRef>;
}

interface PlainView {
  readonly component: string;
  readonly fields: [];
}

/** Requests beyond the list are answered well. */
export function scriptedTarget(answers: readonly ScriptedAnswer[]) {
  const answer = (ctx: Context, call: CallRef, nth: number): void => {
    if (answers[nth]?.isOk === false) return ctx.refuse(call, 'internal-error');
    ctx.reply<HttpResponse>(call, { type: 'http.response', version: 0, degraded: false });
  };
  return defineBehaviour<TargetState, unknown, HttpRequest, PlainView>({
    component: 'scripted-target',
    about: 'Answers as a list says.',
    source: 'the published cases',
    leavesOut: [],
    badge: 'ST',
    serves: [http],
    links: {},
    config: Type.Object({}),
    facts: {},
    roleNames: {},
    start: () => ({ heard: 0, waiting: new Map() }),
    on: {
      'http.request'(state, ctx, _message, _from, call) {
        const nth = state.heard;
        state.heard += 1;
        const { afterMs = 0 } = answers[nth] ?? {};
        if (afterMs === 0) return answer(ctx, call, nth);
        state.waiting.set(nth, call);
        ctx.setTimer('answer', nth, ms(afterMs));
      },
    },
    onTimer(state, ctx, _kind, nth) {
      answer(ctx, state.waiting.get(nth) as CallRef, nth);
      state.waiting.delete(nth);
    },
    roles: () => [],
    view: () => ({ component: 'scripted-target', fields: [] }),
  });
}
