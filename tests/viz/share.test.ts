/** What the page tells people to type: the same words as the command line's own. */
import { describe, expect, it } from 'vitest';
import { commandOf } from '../../src/cli/repro.ts';
import { decodeLink } from '../../src/sim/index.ts';
import { replayCommand } from '../../src/viz/state/format.ts';
import { engine } from '../../src/viz/worker/engine.ts';
import { harness } from './support/harness.ts';

describe('the command of a shared run', () => {
  it('is the one that the command line prints, with the trace hash in its link', () => {
    const { controller, settle } = harness(engine);
    controller.open({ from: 'link', link: '#s=cap/cp-partition' });
    settle();
    controller.prove();
    settle();
    const { proof, spec } = controller.state;
    const link = `http://localhost:5173/${proof!.link}`;
    expect(decodeLink(proof!.link).traceHash).toBe(proof!.report.traceHash);
    const host = { invocation: 'npm run -s sim --' } as Parameters<typeof commandOf>[3];
    const subject = { named: false } as Parameters<typeof commandOf>[1];
    expect(replayCommand(link)).toBe(commandOf(spec!, subject, link, host));
  });
});
