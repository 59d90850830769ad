/**
 * Queues: three columns for what is ready, what a consumer has and what is a dead letter, each
 * rising by the same with every doubling; a crown on the broker that leads a quorum queue.
 */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import type { Tokens } from '../theme/tokens.ts';
import type { Detail } from './detail.ts';
import { drawCrown } from './glyphs/crown.ts';
import { doublings, drawFillBar } from './glyphs/fill-bar.ts';
import type { Pen } from './glyphs/pen.ts';
import { definePainter } from './painter.ts';
import type { Brush, LegendLine } from './painter.ts';
import { drawStation, footOf, smallPrint } from './station.ts';

/** Messages that wait, that somebody has, and that were set aside. */
type Stacks = readonly [ready: number, held: number, dead: number];

/** A column is full with so many. */
const FULL = 1_024;
const WIDTH = 9;
const STEP = 12;
const HEIGHT = 15;

function drawStacks(pen: Pen, tokens: Tokens, stacks: Stacks, y: number): void {
  const colours = [tokens.accent, tokens.warning, tokens.fault] as const;
  stacks.forEach((count, i) => {
    drawFillBar(pen, tokens, {
      x: (i - 1) * STEP - WIDTH / 2,
      y,
      width: WIDTH,
      height: HEIGHT,
      share: count === 0 ? 0 : Math.max(0.12, Math.min(1, doublings(count, FULL))),
      colour: colours[i] ?? tokens.accent,
    });
  });
}

const wordsOf = ([ready, held, dead]: Stacks, heldWord: string): string =>
  `${ready} ready, ${held} ${heldWord}, ${dead} dead`;

function draw(brush: Brush, node: NodeFrame, stacks: Stacks | null, heldWord: string): void {
  drawStation(brush, node, { outline: 'cylinder', share: null, nameY: -9 });
  if (stacks === null) return;
  drawStacks(brush.over, brush.tokens, stacks, 3);
  smallPrint(brush, [wordsOf(stacks, heldWord)], footOf(brush));
}

const stacksLegend = (held: string): LegendLine => ({
  mark: {
    shape: 'glyph',
    draw: (pen, tokens) => drawStacks(pen, tokens, [40, 6, 1], -HEIGHT / 2),
  },
  text: `Columns, from the left: messages that are ready, ${held}, and dead letters.`,
});

type BrokerView = ViewOf<'queue-broker'>;

const ledBy = ({ queues }: BrokerView): BrokerView['queues'] =>
  queues.filter(({ leads }) => leads === true);

const brokerStacks = (view: BrokerView): Stacks => [view.ready, view.unacked, view.dead];

const KIND = { true: 'quorum, leads', false: 'quorum, follows', null: 'classic' } as const;

const brokerDetails = (view: BrokerView): readonly Detail[] => [
  { kind: 'fields', fields: view.fields },
  {
    kind: 'table',
    title: 'Queues',
    head: ['Queue', 'Kind', 'Term', 'Ready', 'Unacked', 'Consumers'],
    rows: view.queues.map(({ name, leads, term, ready, unacked, consumers }) => [
      name,
      KIND[`${leads}`],
      term === null ? '' : { term },
      ready,
      unacked,
      consumers,
    ]),
    empty: 'It keeps no queue.',
  },
  ...(view.exchanges.length === 0 ? [] : [bindingsOf(view)]),
];

const bindingsOf = ({ exchanges }: BrokerView): Detail => ({
  kind: 'table',
  title: 'Exchanges',
  head: ['Exchange', 'Type', 'Queue', 'Routing key', 'Bound'],
  rows: exchanges.flatMap(({ name, type, bindings }) =>
    bindings.map(({ queue, routingKey, isBound }) => [
      name,
      type,
      queue,
      routingKey,
      isBound ? 'yes' : 'not yet',
    ]),
  ),
  empty: 'No queue is bound to it.',
});

export const queueBroker = definePainter<BrokerView>({
  component: 'queue-broker',
  draw(brush, node, view) {
    draw(brush, node, view === null ? null : brokerStacks(view), 'unacked');
    if (view === null || ledBy(view).length === 0) return;
    drawCrown(brush.over, brush.tokens, { x: 0, y: -brush.radius - 2 });
  },
  details: brokerDetails,
  termOf: (view) => ledBy(view).reduce((most, { term }) => Math.max(most, term ?? 0), 0),
  mayLead: ({ queues }) => queues.some(({ leads }) => leads !== null),
  badgeOf: () => 'QB',
  describe(view) {
    const led = ledBy(view);
    const lost = view.unroutable === 0 ? '' : `, ${view.unroutable} unroutable`;
    const words = `broker of queues: ${wordsOf(brokerStacks(view), 'unacked')}${lost}`;
    return led.length === 0 ? words : `${words}; leads ${led.map(({ name }) => name).join(', ')}`;
  },
  legend: [
    { mark: { shape: 'cylinder', badge: 'QB' }, text: 'Broker: keeps messages for consumers.' },
    stacksLegend('those that a consumer has not settled'),
    {
      mark: {
        shape: 'glyph',
        draw: (pen, tokens) => drawCrown(pen, tokens, { x: 0, y: 8 }),
      },
      text: 'Crown: it leads a quorum queue, hands out its messages and takes new ones.',
    },
  ],
});

type LenderView = ViewOf<'visibility-queue'>;

const lenderStacks = (view: LenderView): Stacks => [view.visible, view.inFlight, view.deadLetters];

export const visibilityQueue = definePainter<LenderView>({
  component: 'visibility-queue',
  draw: (brush, node, view) =>
    draw(brush, node, view === null ? null : lenderStacks(view), 'in flight'),
  badgeOf: () => 'VQ',
  describe: (view) => `queue that lends: ${wordsOf(lenderStacks(view), 'in flight')}`,
  legend: [
    {
      mark: { shape: 'cylinder', badge: 'VQ' },
      text: 'Queue that lends: what is not deleted in time is ready again.',
    },
    stacksLegend('those that are lent'),
  ],
});
