/** What can be wrong with the steps of a service: told before the run, with the place. */
import { http } from '../../contracts/http.ts';
import { changesNothing } from '../../contracts/needs.ts';
import { Type } from '../../contracts/schema.ts';
import type { TObject } from '../../contracts/schema.ts';
import { ScenarioError } from '../../kernel/errors.ts';
import { didYouMean, nearestAndAll } from '../../kernel/nearest.ts';
import type { Given, GroupSettings, LinkedGroup } from '../../node/behaviour.ts';
import { checkDistribution } from '../../policies/distribution-schema.ts';
import { checkKind } from '../../traffic/kinds.ts';
import { checkList } from './check-list.ts';
import type { Step, StepKind } from './steps.ts';

/** A service answers in the words of http; its caller would not know another one. */
const FAIL_CODES = http.errors.map(({ code }) => code);

const strict = { additionalProperties: false } as const;
const role = Type.String({ description: 'The role of a link of this service.' });
const list = Type.Any({ description: 'A list of steps.', shape: 'list of steps' });
const time = Type.Any({ description: 'A distribution.', shape: 'distribution' });
const flag = (description: string) => Type.Optional(Type.Boolean({ description }));
const count = (description: string, maximum?: number) =>
  Type.Optional(
    Type.Integer({ minimum: 1, ...(maximum === undefined ? {} : { maximum }), description }),
  );
/** So many threads of a request run at once at most. */
const LIST_MAX = 1_000;
/** Each of them is an instruction of its own. */
const TIMES_MAX = 10_000;
const otherwise = Type.Optional(
  Type.Any({ description: 'Steps to take when it fails.', shape: 'list of steps' }),
);

/** By kind: what a step of it says. */
export const STEP_SCHEMAS: { readonly [K in StepKind]: TObject } = {
  work: Type.Object(
    { do: Type.Literal('work'), time },
    { ...strict, description: 'Occupies a core for a time.' },
  ),
  wait: Type.Object(
    { do: Type.Literal('wait'), time },
    { ...strict, description: 'Waits without a core.' },
  ),
  call: Type.Object(
    {
      do: Type.Literal('call'),
      to: role,
      route: Type.Optional(Type.String({ description: 'Default: the route of the request.' })),
      every: flag('Call every member at once.'),
      need: count('Of every member, how many must answer. Default: all.'),
      otherwise,
    },
    { ...strict, description: 'Calls another service.' },
  ),
  query: Type.Object(
    {
      do: Type.Literal('query'),
      to: role,
      statement: Type.Optional(
        Type.String({
          description:
            'Which statement, of those that the database lists. Default: "row", any other.',
        }),
      ),
      write: flag('Changes the row. Default: as the request says.'),
      times: count('So many, one after the other.', TIMES_MAX),
      otherwise,
    },
    { ...strict, description: 'Runs a statement in a database.' },
  ),
  cached: Type.Object(
    {
      do: Type.Literal('cached'),
      in: role,
      miss: Type.Optional(list),
      singleFlight: flag(
        'Misses of one object at the same time make it once; whoever came first may give up.',
      ),
      staleWhileRevalidate: flag('Answer with what expired, and refresh it in the background.'),
      negative: flag('Keep also that there is no such object.'),
      setInBackground: flag('Do not wait until the cache has stored it.'),
      near: Type.Optional(
        Type.Object(
          {
            capacity: Type.Integer({ minimum: 1, description: 'Objects.' }),
            ttlMs: Type.Number({ exclusiveMinimum: 0, description: 'How long.', unit: 'ms' }),
          },
          { ...strict, description: 'A cache of its own in front.' },
        ),
      ),
    },
    { ...strict, description: 'Reads an object from a cache; `miss` makes it.' },
  ),
  put: Type.Object(
    {
      do: Type.Literal('put'),
      in: role,
      write: flag('Write the object through the cache into the store behind it.'),
    },
    { ...strict, description: 'Puts the version at hand into a cache.' },
  ),
  invalidate: Type.Object(
    {
      do: Type.Literal('invalidate'),
      in: role,
      by: Type.Optional(
        Type.Enum(['delete', 'version', 'event'], {
          description: 'Delete it; delete it if older; or tell it as an event, without waiting.',
        }),
      ),
    },
    { ...strict, description: 'Takes the object out of a cache.' },
  ),
  parallel: Type.Object(
    {
      do: Type.Literal('parallel'),
      branches: Type.Array(list, { minItems: 1, description: 'Lists of steps.' }),
      need: count('How many branches must end well. Default: all.'),
    },
    { ...strict, description: 'Runs branches at once.' },
  ),
  either: Type.Object(
    {
      do: Type.Literal('either'),
      share: Type.Number({ minimum: 0, maximum: 1, description: 'How often `then`.' }),
      then: list,
      otherwise,
    },
    { ...strict, description: 'One list or the other.' },
  ),
  fail: Type.Object(
    {
      do: Type.Literal('fail'),
      share: Type.Number({ minimum: 0, maximum: 1, description: 'How often.' }),
      code: Type.Optional(
        Type.Enum(FAIL_CODES, { description: 'An error of http. Default: internal-error.' }),
      ),
    },
    { ...strict, description: 'Fails with a probability.' },
  ),
  list: Type.Object(
    {
      do: Type.Literal('list'),
      size: Type.Integer({ minimum: 1, maximum: LIST_MAX, description: 'Objects of a page.' }),
      of: Type.Integer({ minimum: 1, description: 'Objects in the catalogue.' }),
      how: Type.Enum(['one-by-one', 'at-once', 'together'], {
        description:
          'The steps run for one object after the other, for each at once, or for all together.',
      }),
      steps: list,
    },
    { ...strict, description: 'The objects of a list page, by the object of the request.' },
  ),
  batch: Type.Object(
    {
      do: Type.Literal('batch'),
      maxSize: Type.Integer({ minimum: 1, description: 'Requests in one batch.' }),
      maxDelayMs: Type.Number({ minimum: 0, description: 'How long the first waits.', unit: 'ms' }),
      steps: list,
    },
    { ...strict, description: 'Gathers requests and runs its steps once for all.' },
  ),
};

/** The contract that the target of each kind of step must serve. */
const SPOKEN: { readonly [K in StepKind]?: string } = {
  call: 'http',
  query: 'sql',
  cached: 'cache',
  put: 'cache',
  invalidate: 'cache',
};

export function checkSteps(steps: unknown, path: string, group: GroupSettings): void {
  if (!Array.isArray(steps)) {
    throw new ScenarioError(`${path} must be a list of steps.`, {
      path,
      hint: 'Put the step in brackets: [{ do: ... }].',
    });
  }
  steps.forEach((step, i) => checkStep(step, `${path}/${i}`, group));
}

function checkStep(given: unknown, path: string, group: GroupSettings): void {
  checkKind(STEP_SCHEMAS, given, path, { tag: 'do', noun: 'step' });
  checkParts(given as Step, path, group);
}

function checkParts(step: Step, path: string, group: GroupSettings): void {
  const contract = SPOKEN[step.do];
  if (contract !== undefined) {
    checkTarget('in' in step ? step.in : (step as { readonly to: string }).to, contract, {
      path: `${path}/${'in' in step ? 'in' : 'to'}`,
      group,
    });
  }
  if (step.do === 'query') checkStatement(step.statement, group.links.get(step.to), path);
  checkWrite(step, path, group);
  checkVain(step, path, group);
  if (step.do === 'work' || step.do === 'wait') checkDistribution(step.time, `${path}/time`, 0);
  if (step.do === 'parallel') {
    step.branches.forEach((one, i) => checkSteps(one, `${path}/branches/${i}`, group));
    checkNeed(step.need, step.branches.length, 'branch', path);
  }
  if (step.do === 'call' && step.need !== undefined) {
    if (step.every !== true) {
      throw new ScenarioError('need says how many of every member must answer.', {
        path: `${path}/need`,
        hint: 'Write every: true, too.',
      });
    }
    checkNeed(step.need, group.links.get(step.to)?.count ?? 0, 'member', path);
  }
  if (step.do === 'either') checkSteps(step.then, `${path}/then`, group);
  if (step.do === 'batch' && Array.isArray(step.steps) && step.steps.length === 0) {
    throw new ScenarioError('A batch that does nothing is gathered for nothing.', {
      path: `${path}/steps`,
      hint: 'Give the steps that are taken once for all requests in it.',
    });
  }
  if (step.do === 'list') {
    checkSteps(step.steps, `${path}/steps`, group);
    checkList(step, path, group);
  }
  if (step.do === 'batch') checkSteps(step.steps, `${path}/steps`, group);
  if (step.do === 'cached' && step.staleWhileRevalidate === true) {
    const target = group.links.get(step.in);
    const { staleMs, earlyRefresh } = (target?.config ?? {}) as Given;
    if (target?.component === 'cache' && staleMs === 0 && earlyRefresh === 'at-expiry') {
      throw new ScenarioError(`"${target.group}" keeps nothing that expired.`, {
        path: `${path}/staleWhileRevalidate`,
        hint: 'Give that cache a staleMs, or an earlyRefresh.',
      });
    }
  }
  if (step.do === 'cached' && step.miss !== undefined) checkSteps(step.miss, `${path}/miss`, group);
  if ('otherwise' in step && step.otherwise !== undefined) {
    checkSteps(step.otherwise, `${path}/otherwise`, group);
  }
}

/** What queries are named where nothing else is said. */
export const ANY_STATEMENT = 'row';

/** A name matters only where the database lists it; a query without one is any other. */
function checkStatement(
  statement: string | undefined,
  target: LinkedGroup | undefined,
  path: string,
): void {
  if (statement === undefined || target?.component !== 'database') return;
  const { statements } = target.config as {
    readonly statements: readonly { readonly statement: string }[];
  };
  const listed = statements.map((one) => one.statement);
  if ([...listed, ANY_STATEMENT].includes(statement)) return;
  const list = `List it, with costs: statements: [{ statement: ${statement} }], or leave it out.`;
  throw new ScenarioError(`"${target.group}" lists no statement "${statement}".`, {
    path: `${path}/statement`,
    hint: listed.length === 0 ? list : nearestAndAll(statement, listed),
  });
}

/** Where a write is refused each time, whatever else happens. */
function checkWrite(step: Step, path: string, { links }: GroupSettings): void {
  if ((step.do !== 'query' && step.do !== 'put') || step.write !== true) return;
  const target = links.get(step.do === 'put' ? step.in : step.to);
  if (target?.component === 'database' && target.roles.includes('primary')) {
    throw new ScenarioError(`"${target.group}" follows a primary: it refuses writes.`, {
      path: `${path}/write`,
      hint: 'Write to the primary; a replica is for reads.',
    });
  }
  if (target?.component !== 'cache' || (target.config as Given)['mode'] !== 'aside') return;
  throw new ScenarioError(`No store is behind "${target.group}" that could be written.`, {
    path: `${path}/write`,
    hint:
      'Leave write out: put keeps what is at hand. Or give that cache an origin and a mode: ' +
      'write-through, write-around or write-back.',
  });
}

/** A step, or a list of steps, that is never taken. */
function checkVain(step: Step, path: string, { links }: GroupSettings): void {
  if (step.do === 'fail' && step.share === 0) {
    throw changesNothing(
      'fail',
      'its share is 0',
      `${path}/share`,
      'Give a share above 0, or leave the step out.',
    );
  }
  if (step.do !== 'cached' || step.miss === undefined) return;
  const target = links.get(step.in);
  const { mode = 'aside' } = (target?.config ?? {}) as Given;
  if (target?.component !== 'cache' || mode === 'aside') return;
  throw changesNothing(
    'miss',
    `"${target.group}" reads what it lacks from its store itself`,
    `${path}/miss`,
    'Leave miss out, or give that cache the mode aside and no origin.',
  );
}

const MANY = { branch: 'branches', member: 'members' } as const;

function checkNeed(
  need: number | undefined,
  of: number,
  one: keyof typeof MANY,
  path: string,
): void {
  if (need === undefined || need <= of) return;
  const those = of === 1 ? `is only 1 ${one}` : `are only ${of} ${MANY[one]}`;
  throw new ScenarioError(`need is ${need}, but there ${those}.`, {
    path: `${path}/need`,
    hint: `Ask for ${of} at most, or leave need out: then all must.`,
  });
}

function checkTarget(
  role: string,
  contract: string,
  { path, group }: { readonly path: string; readonly group: GroupSettings },
): void {
  const target = group.links.get(role);
  if (target === undefined) {
    throw new ScenarioError(`The service has no link "${role}".`, {
      path,
      hint:
        group.links.size === 0
          ? `Add links: { ${role}: GROUP } to the group.`
          : didYouMean(role, [...group.links.keys()]),
    });
  }
  if (target.serves.includes(contract)) return;
  const serves = `it serves ${target.serves.join(', ')}`;
  throw new ScenarioError(
    `This step speaks ${contract}, but "${role}" is ${target.component}: ${serves}.`,
    { path, hint: `Let the link "${role}" name a group that serves ${contract}.` },
  );
}
