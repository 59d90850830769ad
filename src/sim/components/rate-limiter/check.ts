/** What cannot work in a limiter's configuration although its schema allows it. */
import { changesNothing } from '../../contracts/needs.ts';
import { ScenarioError } from '../../kernel/errors.ts';
import type { GroupSettings, LinkedGroup } from '../../node/behaviour.ts';
import { windowLimit } from '../../policies/limiting/rate-limiter.ts';
import { checkCallPolicy } from '../../traffic/check-policy.ts';
import { checkLimit, checkWindow, limitSettings } from '../../traffic/limit-policy.ts';
import type { LimitWords } from '../../traffic/limit-policy.ts';
import { checkDelay } from './check-delay.ts';
import type { RateLimiterConfig } from './config.ts';

export function checkRateLimiter(config: RateLimiterConfig, group: GroupSettings): void {
  const path = `${group.path}/config`;
  checkLimit(config, path);
  const target = group.links.get('target');
  const store = group.links.get('store');
  if (target !== undefined)
    checkCallPolicy(config.call, target, `${path}/call`, group.given['call']);
  checkVain(config, group);
  if (config.delay) checkDelay(config, `${path}/delay`);
  if (config.where === 'local') return;
  if (store === undefined) {
    throw new ScenarioError(`A limiter with where: "${config.where}" needs a store.`, {
      path: `${group.path}/links/store`,
      hint: 'Link it to a group of the component limit-store: links: { store: "NAME" }.',
    });
  }
  checkCallPolicy(config.storeCall, store, `${path}/storeCall`, group.given['storeCall']);
  if (config.where === 'store-atomic') checkSameLimit(config, group, store);
  if (config.where === 'store-atomic') return;
  if (windowLimit(limitSettings(config)) < 1) {
    throw new ScenarioError(`Not even one request may pass in a window of ${config.windowMs} ms.`, {
      path: `${path}/windowMs`,
      hint: `${config.where} counts windows: the rate times the window must be at least 1.`,
    });
  }
  checkWindow(config, path);
}

/** A limiter that counts by itself asks no store. */
function checkVain({ where }: RateLimiterConfig, { path, links }: GroupSettings): void {
  if (where !== 'local' || !links.has('store')) return;
  throw changesNothing(
    'The store',
    'each limiter counts by itself',
    `${path}/links/store`,
    'Write where: store-atomic, store-read-then-write or local-sync; or leave it out, ' +
      'for where is "local".',
  );
}

/** Where the store decides, a limit of the limiter's own says nothing; it may say the same. */
function checkSameLimit(
  config: LimitWords,
  { path, given }: GroupSettings,
  store: LinkedGroup,
): void {
  const decides = store.config as LimitWords;
  // That nothing ever passes there is said of the store.
  if (decides.ratePerSecond <= 0) return;
  for (const name of ['policy', 'ratePerSecond', 'burst', 'windowMs'] as const) {
    if (given[name] === undefined || config[name] === decides[name]) continue;
    throw changesNothing(
      name,
      `with where: "store-atomic" the limit of "${store.group}" holds`,
      `${path}/config/${name}`,
      `There it is ${decides[name]}: give it there, and here the same or nothing.`,
    );
  }
}
