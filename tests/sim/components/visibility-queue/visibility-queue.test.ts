/** A queue that lends and its workers: what is done, how often, and what crashes take. */
import { makeRegistry } from 'faultline';
import { describe, expect, it } from 'vitest';
import type { ReceiptReceived } from '../../../../src/sim/contracts/receipt.ts';
import { checkPlan } from '../../../../src/sim/scenario/check-plan.ts';
import type { VisibilityState } from '../../../../src/sim/protocols/visibility/step.ts';
import { Bench } from '../support/bench.ts';

interface Words {
  readonly [name: string]: unknown;
}
interface LendingPlan {
  readonly queue?: Words;
  readonly producer?: Words;
  readonly worker?: Words;
  readonly workers?: number;
  readonly account?: Words;
  readonly ablations?: readonly string[];
}

class Lending extends Bench {
  constructor(plan: LendingPlan = {}) {
    const links = { queue: 'q' };
    super({
      groups: [
        {
          name: 'q',
          component: 'visibility-queue',
          count: 1,
          disk: { fsync: { kind: 'constant', ms: 2 } },
          config: { visibilityTimeoutMs: 1_000, ...plan.queue },
        },
        {
          name: 'p',
          component: 'queue-producer',
          count: 1,
          links,
          config: {
            arrivals: { kind: 'constant', ratePerSecond: 10 },
            messagesMax: 20,
            ...plan.producer,
          },
        },
        {
          name: 'w',
          component: 'queue-poller',
          count: plan.workers ?? 2,
          links,
          config: { work: { kind: 'constant', ms: 50 }, ...plan.worker },
        },
      ],
      components: [],
      checks: [{ id: 'account', use: 'queue-total', args: plan.account ?? {} }],
      ablations: plan.ablations ?? [],
    });
  }
}

const crash = (target: string) => ({ type: 'crash', target }) as const;

describe('a queue that lends', () => {
  it('in calm times has each message done once', () => {
    const { verdict, text } = new Lending({ account: { duplicated: 0 } }).ms(5_000).account();
    expect(verdict).toBe('pass');
    expect(text).toContain('20 confirmed: 20 done, 0 dead-lettered, 0 still there, 0 lost');
  });

  it('what a dead worker had is done by another when its time is over', () => {
    const lending = new Lending({ worker: { work: { kind: 'constant', ms: 150 } }, workers: 3 });
    lending.ms(500).inject('lost', crash('w1')).ms(10_000);
    expect(lending.told('visibility.timed-out')).toHaveLength(1);
    expect(lending.account().text).toContain('20 done');
  });

  it('does not wait longer than it is asked to', () => {
    const lending = new Lending({
      worker: { waitTimeMs: 100 },
      workers: 1,
      producer: { startMs: 60_000 },
    });
    const answers = lending.ms(1_000).sent('receipt.received');
    expect(answers.map(({ atMicros }) => atMicros / 1_000).slice(0, 2)).toEqual([101, 203]);
  });

  it('keeps what it has answered when it loses power, and not without the rule', () => {
    const slow = { worker: { work: { kind: 'constant', ms: 60_000 } }, workers: 1 };
    const text = (ablations: readonly string[]): string => {
      const lending = new Lending({ ...slow, ablations }).ms(502.5).inject('power', crash('q1'));
      return lending.ms(600).undo('power').ms(3_000).account().text;
    };
    expect(text([])).toContain('0 lost');
    expect(text(['visibility.store-before-answer'])).toContain('1 lost');
  });

  it('puts aside what fails each time, or takes its workers with it', () => {
    for (const onPoison of ['leave', 'release', 'crash']) {
      const { verdict, text } = new Lending({
        queue: { maxReceiveCount: 3 },
        producer: { poisonEvery: 10 },
        worker: { onPoison },
        account: { deadLettered: 2 },
      })
        .ms(20_000)
        .account();
      expect([onPoison, verdict, text]).toEqual([
        onPoison,
        'pass',
        expect.stringContaining('18 done, 2 dead-lettered, 0 still there, 0 lost'),
      ]);
    }
  });
});

describe('a queue that dies while somebody works', () => {
  it('puts aside what fails each time after as many receives as without that', () => {
    const lending = new Lending({
      queue: { maxReceiveCount: 3 },
      producer: { poisonEvery: 1, messagesMax: 1 },
      worker: { onPoison: 'leave', waitTimeMs: 100, timeoutMs: 200 },
      workers: 1,
    }).ms(600);
    lending.inject('power', crash('q1')).ms(700).undo('power').ms(20_000);
    const received = lending
      .sent('receipt.received')
      .flatMap(({ message }) => (message as unknown as ReceiptReceived).messages)
      .map(({ receives }) => receives);
    expect(received).toEqual([1, 2, 3]);
  });
});

describe('a FIFO queue', () => {
  const plan: LendingPlan = {
    queue: { fifoQueue: true },
    producer: {
      hasGroups: true,
      popularity: { keys: 1 },
      confirmTimeoutMs: 50,
      retries: 5,
      retryMs: 20,
    },
    workers: 4,
    worker: { work: { kind: 'uniform', minMs: 10, maxMs: 300 } },
  };
  const done = (lending: Lending): number[] =>
    lending
      .told<{ type: 'client.completed'; f: string; output: number }>('client.completed')
      .flatMap(({ fact }) => (fact.f === 'dequeue' ? [fact.output] : []));
  /** Producers that do not hear that their message was taken send it again. */
  const deaf = (ablations: readonly string[]): Lending =>
    new Lending({ ...plan, ablations })
      .ms(450)
      .inject('deaf', { type: 'one-way', from: 'q1', to: 'p1' })
      .ms(640)
      .undo('deaf')
      .ms(20_000);

  it('keeps the order of a group, and takes what is sent again once', () => {
    const values = done(deaf([]));
    expect(values).toEqual([...values].sort((a, b) => a - b));
    expect(new Set(values).size).toBe(20);
    expect(values).toHaveLength(20);
  });

  const account = { outOfOrder: 0, duplicated: 0 };
  const judged = (queue: Words, ablations: readonly string[] = []): Lending =>
    new Lending({ ...plan, queue, account, ablations }).ms(20_000);

  it('is in order by the account, where a standard queue and one without the rule are not', () => {
    expect(judged({ fifoQueue: true }).account().verdict).toBe('pass');
    for (const lending of [judged({}), judged({ fifoQueue: true }, ['visibility.group-order'])]) {
      expect(lending.account().verdict).toBe('fail');
      const [check] = lending.observers.checks;
      expect(check!.findings[0]!.why).toMatch(/of \d+ out of order: .* a later one of its group/);
    }
  });

  it('knows after a crash what it has taken', () => {
    const lending = new Lending(plan).ms(450);
    lending.inject('deaf', { type: 'one-way', from: 'q1', to: 'p1' }).ms(600);
    lending.inject('power', crash('q1')).ms(620).undo('power');
    lending.ms(640).undo('deaf').ms(40_000);
    const { queue } = lending.node('q1').state as { readonly queue: VisibilityState };
    expect(queue.nextSeq - 1, 'places that it has given').toBe(20);
    const puts = lending.sent('queue.publish').length;
    expect(puts, 'some were sent again').toBeGreaterThan(20);
    expect(lending.account().text).toContain('20 confirmed');
  });

  it('without the rule of deduplication has it done twice', () => {
    expect(done(deaf(['visibility.deduplication'])).length).toBeGreaterThan(20);
  });

  it('without the rule of order does not keep it', () => {
    const values = done(deaf(['visibility.group-order']));
    expect(values).not.toEqual([...values].sort((a, b) => a - b));
  });
});

describe('a heartbeat that comes when the message is back', () => {
  function refusalOf(heartbeatMs: number): unknown {
    const links = { queue: 'q' };
    const arrivals = { kind: 'constant', ratePerSecond: 10 };
    const config = { visibilityTimeoutMs: 1_000 };
    const groups = [
      { name: 'q', component: 'visibility-queue', count: 1, config },
      { name: 'p', component: 'queue-producer', count: 1, links, config: { arrivals } },
      { name: 'w', component: 'queue-poller', count: 1, links, config: { heartbeatMs } },
    ];
    const plan = { title: 't', summary: '', durationMs: 1_000, network: {}, groups };
    try {
      checkPlan({ ...plan, faults: [], checks: [], story: [] } as never, makeRegistry());
      return null;
    } catch (error) {
      return error;
    }
  }

  it('is refused: it prolongs nothing', () => {
    expect(refusalOf(999)).toBeNull();
    expect(refusalOf(1_000)).toMatchObject({ path: 'groups/w/config/heartbeatMs' });
  });
});
