/** Groups of plans, in few words. */
import type { Plan } from 'faultline';

export type Config = Readonly<Record<string, unknown>>;
export type Group = Plan['groups'][number];

export const group = (name: string, component: string, config: Config = {}, count = 1): Group => ({
  name,
  component,
  count,
  config,
});
export const linked = (one: Group, links: Readonly<Record<string, string>>): Group => ({
  ...one,
  links,
});
