/**
 * The reference pages, made from the registries: what is written there is what the simulator
 * validates, runs and offers. `npm run docs` writes them; a test fails when one is stale.
 */
import { COMPONENTS, FAULTS, makeRegistry } from 'faultline';
import type { AnyBehaviour, AnyContract, FaultDefinition, LinkSpec } from 'faultline';
import { COMMON_ERRORS } from '../../src/sim/contracts/contract.ts';
import type { ErrorSpec, Message, MessageSpec } from '../../src/sim/contracts/contract.ts';
import { contractsOf } from '../../src/sim/node/contracts-of.ts';
import { anchor, bullets, code, paragraphs, settings, table } from './markdown.ts';
import { documentsPage } from './documents-page.ts';
import { rulesPage } from './rules-page.ts';
import { scenariosPage } from './scenarios-page.ts';

export interface ReferencePage {
  /** From the root of the repository. */
  readonly file: string;
  readonly block: string;
  readonly content: () => string;
}

export const referencePages: readonly ReferencePage[] = [
  page('components', componentsPage),
  page('contracts', contractsPage),
  page('faults', faultsPage),
  page('predicates', predicatesPage),
  page('checks', checksPage),
  page('rules', rulesPage),
  page('scenarios', scenariosPage),
  page('documents', documentsPage),
];

function page(block: string, content: () => string): ReferencePage {
  return { file: `docs/reference/${block}.md`, block, content };
}

const components: readonly AnyBehaviour[] = Object.values(COMPONENTS);

function componentsPage(): string {
  return paragraphs(components.map(componentSection));
}

function componentSection(one: AnyBehaviour): string {
  const facts = Object.entries(one.facts as { [type: string]: { readonly weight: string } });
  const actions = Object.entries(one.actions ?? {});
  return paragraphs([
    `## ${one.component}`,
    one.about,
    `Source: ${one.source}. Badge on the map: ${one.badge}.`,
    bullets([
      `serves: ${contractLinks(one.serves)}`,
      ...Object.entries(one.links).map(linkLine),
      one.durable === undefined
        ? 'keeps nothing on disk'
        : 'has a disk: what it keeps survives a crash',
    ]),
    settings(one.config),
    table(
      ['role', 'meaning'],
      Object.entries(one.roleNames).map(([role, meaning]) => [code(role), meaning]),
    ),
    facts.length === 0
      ? ''
      : table(
          ['fact', 'weight'],
          facts.map(([type, { weight }]) => [code(type), weight]),
        ),
    gaugesOf(one),
    actions.length === 0
      ? ''
      : paragraphs(
          actions.map(([name, action]) =>
            paragraphs([`Action ${code(name)}: ${action.about}`, settings(action.args)]),
          ),
        ),
    'It leaves out:',
    bullets(one.leavesOut),
  ]);
}

/** What charts follow, and the check `gauge` measures. */
const gaugesOf = ({ gauges = [] }: AnyBehaviour): string =>
  gauges.length === 0
    ? ''
    : table(
        ['number', 'kind', 'what it is'],
        gauges.map(({ title, kind, unit, about }) => [
          code(title),
          unit === undefined ? kind : `${kind} (${unit})`,
          about,
        ]),
      );

const linkLine = ([role, { about, contract, optional }]: [string, LinkSpec]): string => {
  const whether = optional === true ? ', optional' : '';
  return `link ${code(role)} (${contractLinks([contract].flat())}${whether}): ${about}`;
};

const contractLinks = (contracts: readonly AnyContract[]): string =>
  contracts.length === 0
    ? 'nothing'
    : contracts.map(({ name }) => `[${name}](contracts.md#${anchor(name)})`).join(', ');

/** Every contract that a component serves or calls, once. */
function contracts(): readonly AnyContract[] {
  const found = new Map<string, AnyContract>();
  for (const one of components) {
    for (const contract of contractsOf(one)) found.set(contract.name, contract);
  }
  return [...found.values()];
}

function contractsPage(): string {
  return paragraphs([
    ...contracts().map((contract) => {
      const specs = Object.entries(contract.messages) as [string, MessageSpec<Message>][];
      return paragraphs([
        `## ${contract.name}`,
        contract.about,
        `Source: ${contract.source}.`,
        table(
          ['message', 'part', 'drawn as'],
          specs.map(([type, spec]) => [
            code(type),
            spec.role,
            typeof spec.flight === 'string' ? spec.flight : 'depends on its content',
          ]),
        ),
        contract.errors.length === 0 ? '' : errorTable(contract.errors),
      ]);
    }),
    '## Errors of every contract',
    errorTable(COMMON_ERRORS),
  ]);
}

const errorTable = (errors: readonly ErrorSpec[]): string =>
  table(
    ['error', 'definite', 'meaning'],
    errors.map(({ code: name, definite, means }) => [
      code(name),
      definite ? 'yes: surely without effect' : 'no: may have had an effect',
      means,
    ]),
  );

function faultsPage(): string {
  return paragraphs(FAULTS.map(faultSection));
}

function faultSection(fault: FaultDefinition): string {
  return paragraphs([
    `## ${fault.type}`,
    fault.about,
    settings(fault.fields, ['type']),
    `Source: ${fault.source}.`,
  ]);
}

function predicatesPage(): string {
  return paragraphs(
    [...makeRegistry().predicates.values()].map((predicate) => {
      const asked =
        predicate.components.length === 0
          ? 'Asked after every event and every fault.'
          : `Asked after events of ${predicate.components.map(code).join(', ')}, and every fault.`;
      return paragraphs([`## ${predicate.name}`, predicate.about, settings(predicate.args), asked]);
    }),
  );
}

function checksPage(): string {
  return paragraphs(
    [...makeRegistry().checks.values()].map((check) =>
      paragraphs([
        `## ${check.use}`,
        check.about,
        check.stands === undefined ? '' : STANDS,
        settings(check.args),
        check.use === 'gauge' ? GAUGES : '',
      ]),
    ),
  );
}

const STANDS =
  'It watches every run that has something for it, also where the plan does not name it; a plan ' +
  'that names it says how it is judged.';

const GAUGES = paragraphs([
  'Which numbers there are each component says, under `number`: [components](components.md). A ' +
    '`level` has a mean and a max over the window, a `count` a total and a rate, a `share` its ' +
    'share and the total and rate of what has it. So nobody waits long at any of the members, ' +
    'all together answer enough, and none gets half as much again as the mean:',
  [
    '```yaml',
    'checks:',
    '  - id: short-queues',
    '    use: gauge',
    '    args: { group: app, gauge: Queue, measure: max, atMost: 20 }',
    '  - id: answers-enough',
    '    use: gauge',
    '    args: { group: app, gauge: Answered, measure: per-second, across: sum, atLeast: 100 }',
    '  - id: shared-evenly',
    '    use: gauge',
    '    args: { group: app, gauge: Taken in, measure: total, across: imbalance, atMost: 1.5 }',
    '```',
  ].join('\n'),
]);
