/** The reference page of the scenarios: topic by topic, with what each variant must show. */
import { Session, makeSpec } from 'faultline';
import type { AnyScenario, Expectation, Source } from 'faultline';
import { catalogue, topics } from '../../scenarios/index.ts';
import { bullets, code, paragraphs, settings, table } from './markdown.ts';

export function scenariosPage(): string {
  return paragraphs(
    topics.map((topic) => {
      const own = catalogue.filter((scenario) => scenario.topic === topic.id);
      return paragraphs([`## ${topic.title}`, topic.about, ...own.map(section)]);
    }),
  );
}

const TIERS: { readonly [tier in AnyScenario['tier']]: string } = {
  calm: 'nothing breaks by itself',
  lossy: 'messages get lost, nodes crash',
  hostile: 'whatever can go wrong does',
};

function section(scenario: AnyScenario): string {
  return paragraphs([
    `### ${scenario.title}`,
    scenario.summary,
    `\`\`\`sh\nnpm run -s sim -- run ${scenario.id}\n\`\`\``,
    `Tier: ${scenario.tier} (${TIERS[scenario.tier]}).`,
    settings(scenario.params),
    variants(scenario),
    checks(scenario),
    'Things to try:',
    bullets(scenario.thingsToTry),
    'It leaves out:',
    bullets(scenario.leavesOut),
    `Sources: ${scenario.sources.map(cite).join('; ')}.`,
  ]);
}

const cite = ({ title, url }: Source): string => (url === undefined ? title : `[${title}](${url})`);

function variants(scenario: AnyScenario): string {
  const rows = scenario.variants.map((variant) => {
    const set = Object.entries(variant.params ?? {}).map(([name, value]) =>
      code(`${name} = ${String(value)}`),
    );
    const off = (variant.ablations ?? []).map((rule) => `without ${code(rule)}`);
    const expected = Object.entries(variant.expect ?? {}).map(expectation);
    return [
      variant.name,
      [...set, ...off].join(', '),
      variant.about,
      expected.length === 0 ? 'every check holds' : expected.join(', '),
    ];
  });
  return table(['variant', 'settings', 'what it is', 'expected'], rows);
}

function expectation([check, expected]: readonly [string, Expectation]): string {
  return expected === 'holds' ? `${code(check)} holds` : `${code(check)} breaks`;
}

/** The checks of all variants: which of them there are may depend on the settings. */
function checks(scenario: AnyScenario): string {
  const found = new Map<string, readonly string[]>();
  for (const { name } of scenario.variants) {
    const { plan } = new Session(makeSpec(scenario, { variant: name }), { scenarios: catalogue });
    for (const { id, use, about } of plan.checks) found.set(id, [code(id), code(use), about ?? '']);
  }
  return table(['check', 'kind', 'what it asserts'], [...found.values()]);
}
