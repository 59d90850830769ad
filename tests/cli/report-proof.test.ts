/** What the report prints under a finding: its events, and the messages that explain it. */
import { describe, expect, it } from 'vitest';
import { paintFor } from '../../src/cli/paint.ts';
import { textReport } from '../../src/cli/report/text.ts';
import { fakeHost } from './support/host.ts';
import { failing } from './support/report.ts';

const { stdout, env } = fakeHost([], { terminal: false, env: {} });
const plain = paintFor(stdout, env);

describe('under a finding', () => {
  it('says what happened in the events that prove a finding', () => {
    const proof = [
      {
        event: 12_001,
        atMicros: 3_100_250,
        sentences: ['c2 asks for get of x', 'c2 sends n1: get'],
      },
      { event: 12_034, atMicros: null, sentences: [] },
    ];
    const [first] = failing.findings;
    const evidence = [12_001, 12_034, 12_035];
    const text = textReport({ ...failing, findings: [{ ...first!, evidence }] }, plain, {
      events: proof,
      steps: [],
    });
    expect(text).toContain(
      [
        '    It is proved by',
        '      3,100.2 ms  event 12,001  c2 asks for get of x; c2 sends n1: get',
        '                  event 12,034',
        '      and 1 more event',
      ].join('\n'),
    );
  });

  it('shows under it the messages that led to it, the missing ones with what stopped them', () => {
    const [first] = failing.findings;
    const events = [{ event: 12_001, atMicros: 3_100_250, sentences: ['c2 asks for get of x'] }];
    const message = (text: string, isMissing: boolean) => ({
      event: 12_002,
      atMicros: 3_100_350,
      text,
      isMissing,
    });
    const steps = [
      { title: 'how it was answered', messages: [message('c2 sends n1: get x', false)] },
      { title: 'nothing was sent', messages: [] },
      {
        title: 'many',
        messages: Array.from({ length: 14 }, () => message('n1 sends n2: x', true)),
      },
    ];
    const text = textReport({ ...failing, findings: [first!] }, plain, { events, steps });
    expect(text).toContain(
      [
        '    How it was answered',
        '      3,100.3 ms  event 12,002  c2 sends n1: get x',
        '    Nothing was sent',
        '    Many',
      ].join('\n'),
    );
    expect(text).toContain('      and 2 more messages\n');
  });
});
