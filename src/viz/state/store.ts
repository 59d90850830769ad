/** The store: one per page, vanilla, so that it works and is tested without a document. */
import { createStore } from 'zustand/vanilla';
import type { StoreApi } from 'zustand/vanilla';
import type { Theme } from '../theme/tokens.ts';
import type { AppState } from './model.ts';
import { initialState } from './model.ts';

export type Store = StoreApi<AppState>;

export const createAppStore = (theme: Theme, reducedMotion: boolean): Store =>
  createStore<AppState>(() => initialState(theme, reducedMotion));
