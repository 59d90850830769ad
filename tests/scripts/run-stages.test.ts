/** How `npm test` goes through its stages, tried on stages that take no time. */
import { describe, expect, it } from 'vitest';
import { runStages, summary } from '../../scripts/run-stages.mjs';
import type { Stage } from '../../scripts/stages.mjs';

const stage = (name: string, code: string): Stage => ({
  name,
  args: ['--eval', code, '--'],
  repeat: `repeat ${name}`,
});
const fails = (name: string) => stage(name, `console.log('${name} is wrong'); process.exit(1)`);
const passes = (name: string) => stage(name, '');

async function run(...groups: readonly (readonly Stage[])[]) {
  const lines: string[] = [];
  const say = (line: string) => void lines.push(line);
  const outcome = await runStages(groups, { say, colour: false });
  return { outcome, text: lines.join('\n') };
}

describe('the stages of a group', () => {
  it('all finish, whichever fails, and the next group does not start', async () => {
    const first = [fails('a'), fails('b'), passes('c'), fails('d'), passes('e')];
    const { outcome, text } = await run(first, [passes('later')]);
    expect(outcome.failed.toSorted()).toEqual(['a', 'b', 'd']);
    expect(outcome.notRun).toEqual(['later']);
    for (const name of ['a', 'b', 'd']) {
      expect(text).toContain(`${name} is wrong`);
      expect(text).toContain(`Repeat this stage alone: repeat ${name}`);
    }
    for (const name of ['c', 'e']) expect(text).toMatch(new RegExp(`✓ ${name} `));
    expect(text).not.toContain('later');
  });

  it('let the next group start when all of them pass', async () => {
    const { outcome, text } = await run([passes('a')], [passes('b')]);
    expect(outcome).toMatchObject({ failed: [], notRun: [], counted: false });
    expect(text).toMatch(/✓ a .*\n✓ b /);
  });

  it('count a stage of cases that broke before it could report as a failure', async () => {
    const broken = { ...stage('cases', 'process.exit(1)'), projects: ['none'] };
    const { outcome } = await run([broken]);
    expect(outcome).toMatchObject({ counted: true, cases: { passed: 0, failed: 1 } });
  });
});

describe('the last lines', () => {
  const none = { failed: [], notRun: [], counted: false, cases: { passed: 0, failed: 0 } };
  const some = { whole: false, seconds: '1.0' };
  const whole = { whole: true, seconds: '1.0' };

  it('count no cases where no stage of cases was asked for', () => {
    expect(summary(none, some)).toEqual(['All stages passed in 1.0 s.']);
    expect(summary({ ...none, failed: ['lint'] }, some)).toEqual(['Failed after 1.0 s: lint.']);
  });

  it('count them where some ran, or everything was asked for', () => {
    const ran = { ...none, counted: true, cases: { passed: 5, failed: 0 } };
    expect(summary(ran, some).at(-1)).toBe('5 passed, 0 failed');
    const stopped = { ...none, failed: ['lint', 'docs'], notRun: ['tests'] };
    expect(summary(stopped, whole)).toEqual([
      'Failed after 1.0 s: lint, docs. Not run because of that: tests.',
      '0 passed, 1 failed',
    ]);
  });
});
