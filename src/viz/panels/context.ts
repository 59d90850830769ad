/** How panels reach the page's state and what can be asked of it. */
import { createContext } from 'preact';
import { useContext, useEffect, useReducer, useRef, useState } from 'preact/hooks';
import type { FrameLoop } from '../stage/loop.ts';
import type { StageView } from '../stage/view-model.ts';
import type { Controller } from '../state/controller.ts';
import type { AppState } from '../state/model.ts';

export interface Page {
  readonly controller: Controller;
  readonly loop: FrameLoop;
  readonly stageView: StageView;
}

export const PageContext = createContext<Page | null>(null);

export function usePage(): Page {
  const page = useContext(PageContext);
  if (page === null) throw new Error('A panel was drawn outside the page.');
  return page;
}

/** Draws the panel again when what it selects has changed, by identity. */
export function useApp<T>(select: (state: AppState) => T): T {
  const { controller } = usePage();
  const [, again] = useReducer((count: number) => count + 1, 0);
  const value = select(controller.store.getState());
  const latest = useRef({ select, value });
  latest.current = { select, value };
  useEffect(() => {
    const check = () => {
      const { select: now, value: before } = latest.current;
      if (!Object.is(now(controller.store.getState()), before)) again(0);
    };
    check();
    return controller.store.subscribe(check);
  }, [controller]);
  return value;
}

/** Whether the page matches a media query now. */
export function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const media = matchMedia(query);
    const listen = () => setMatches(media.matches);
    media.addEventListener('change', listen);
    listen();
    return () => media.removeEventListener('change', listen);
  }, [query]);
  return matches;
}
