/** The reference page of the rules: what each says, and where one sees what it is for. */
import { COMPONENTS, makeRegistry } from 'faultline';
import type { AnyBehaviour } from 'faultline';
import { SEEN } from '../../tests/scenarios/seen/index.ts';
import { commandOf } from '../../tests/scenarios/seen/sight.ts';
import { code, table } from './markdown.ts';

export function rulesPage(): string {
  const rows = [...makeRegistry().rules.values()].map(({ id, rule, breaks, source }) => [
    code(id),
    rule,
    breaks,
    seenIn(id),
    hintsFor(id).join(' '),
    source,
  ]);
  const titles = [
    'rule',
    'what it says',
    'what breaks without it',
    'seen in',
    'where it cannot act',
    'source',
  ];
  return table(titles, rows);
}

/** What is said of a rule where it cannot act: each once. */
function hintsFor(rule: string): readonly string[] {
  const needs = Object.values<AnyBehaviour>(COMPONENTS).flatMap(({ ruleNeeds = [] }) => ruleNeeds);
  return [...new Set(needs.filter(({ rules }) => rules.includes(rule)).map(({ hint }) => hint))];
}

function seenIn(rule: string): string {
  const sight = SEEN[rule];
  if (sight === undefined) return '';
  if ('scenario' in sight) return `${code(commandOf(rule, sight))}: ${code(sight.check)} breaks`;
  const name = sight.file.replace(/^.*\/([^/]+\/[^/]+)$/, '$1');
  return `[${name}](../../${sight.file})`;
}
