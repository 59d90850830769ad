/** A member that says at intervals that it is there: around it the time until it does again. */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import { plural } from '../../sim/index.ts';
import { definePainter } from './painter.ts';
import type { Brush } from './painter.ts';
import { drawStation } from './station.ts';

type HeartbeatSenderView = ViewOf<'heartbeat-sender'>;

function draw(brush: Brush, node: NodeFrame): void {
  drawStation(brush, node, { outline: 'circle', share: null });
}

export const heartbeatSender = definePainter<HeartbeatSenderView>({
  component: 'heartbeat-sender',
  draw,
  timerOf: () => 'beat',
  badgeOf: () => 'HB',
  describe: ({ sent }) => `member that has sent ${plural(sent, 'heartbeat')}`,
  legend: [
    {
      mark: { shape: 'circle', badge: 'HB' },
      text: 'Member that says at regular intervals that it is there.',
    },
    { mark: { shape: 'arc' }, text: 'Arc around it: the time until its next heartbeat.' },
  ],
});
