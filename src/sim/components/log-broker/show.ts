/** The picture of a broker, and the numbers that charts follow. */
import type { Gauge, NameOf, Sight } from '../../node/behaviour.ts';
import { endOf } from '../../contracts/record-batch.ts';
import { lastStableOffset } from '../../protocols/partition-log/index.ts';
import type { PartitionState } from '../../protocols/partition-log/index.ts';
import type { Hosted, LogBrokerState } from './state.ts';
import type { LogBrokerView, ReplicaView } from './view.ts';

/** So many of the newest offsets a picture tells apart. */
const TAIL = 10;

const isLed = ({ config, state }: Hosted): boolean => state.leader === config.id;

const countOf = ({ hosted }: LogBrokerState, holds: (one: Hosted) => boolean): number => {
  let count = 0;
  for (const one of hosted.values()) if (holds(one)) count += 1;
  return count;
};

const underReplicated = (state: LogBrokerState): number =>
  countOf(state, (one) => isLed(one) && one.state.isr.length < one.config.replicas.length);

const underMinIsr = (state: LogBrokerState): number =>
  countOf(state, (one) => isLed(one) && one.state.isr.length < one.config.minInsyncReplicas);

export const GAUGES: readonly Gauge<LogBrokerState>[] = [
  {
    kind: 'level',
    title: 'Leaders',
    about: 'Partitions that it leads (LeaderCount).',
    of: (state) => countOf(state, isLed),
  },
  {
    kind: 'level',
    title: 'Under-replicated',
    about: 'Partitions that it leads without all replicas in sync (UnderReplicatedPartitions).',
    of: underReplicated,
  },
  {
    kind: 'level',
    title: 'Under min ISR',
    about: 'Partitions that it leads with fewer in sync than min.insync.replicas.',
    of: underMinIsr,
  },
  {
    kind: 'level',
    title: 'Uncommitted',
    about: 'Records above the high watermarks of the partitions that it leads.',
    of({ hosted }) {
      let records = 0;
      for (const one of hosted.values()) {
        if (isLed(one)) records += one.state.log.end - one.state.highWatermark;
      }
      return records;
    },
  },
  {
    kind: 'level',
    title: 'Waiting writes',
    about: 'Writes that wait for other replicas (ProducerPurgatory).',
    of: ({ writes }) => writes.size,
  },
  {
    kind: 'count',
    title: 'Expired writes',
    about: 'Writes that waited for other replicas until their time was over (ExpiresPerSec).',
    of: ({ expired }) => expired,
  },
  {
    kind: 'count',
    title: 'Records in',
    about: 'Records that producers have sent (MessagesInPerSec).',
    of: ({ records }) => records,
  },
  {
    kind: 'count',
    title: 'Truncated',
    about: 'Records that it has dropped, for its leader’s log had others or none.',
    of: ({ truncated }) => truncated,
  },
  {
    kind: 'count',
    title: 'Deleted',
    about: 'Records of its replicas that retention has deleted.',
    of: ({ deleted }) => deleted,
  },
  {
    kind: 'count',
    title: 'Compacted',
    about: 'Records of its replicas that a later one of their key has replaced.',
    of: ({ compacted }) => compacted,
  },
];

/** What stands in the newest offsets beside records that count already. */
function tailOf({ log, producers }: PartitionState): Pick<ReplicaView, 'markers' | 'open'> {
  const markers: ReplicaView['markers'][number][] = [];
  const open: number[] = [];
  const from = Math.max(log.start, log.end - TAIL);
  for (const batch of log.read(from, log.end, Infinity)) {
    const { baseOffset, marker, producerId, isTransactional } = batch;
    if (marker !== null) markers.push({ offset: baseOffset, marker });
    else if (isTransactional && producers.openSince(producerId) <= baseOffset) {
      for (let at = Math.max(from, baseOffset); at < endOf(batch); at++) open.push(at);
    }
  }
  return { markers, open };
}

export function viewOf(
  state: LogBrokerState,
  nameOf: NameOf,
  { nowMicros, monoMicros }: Sight,
): LogBrokerView {
  const { cluster, hosted } = state;
  const own = [...hosted.values()].filter(({ isInternal }) => !isInternal);
  const replicas = own.map((one) => {
    const { partition, name, state: of, cut } = one;
    return {
      partition,
      name,
      isLeader: isLed(one),
      leader: of.leader < 0 ? null : nameOf(of.leader),
      leaderEpoch: of.leaderEpoch,
      logStart: of.log.start,
      highWatermark: of.highWatermark,
      lastStable: lastStableOffset(of),
      logEnd: of.log.end,
      isr: of.isr.map(nameOf),
      epochs: of.log.epochs.entries,
      ...tailOf(of),
      cut:
        cut === null
          ? null
          : { to: cut.to, dropped: cut.dropped, atMicros: nowMicros - monoMicros + cut.atMono },
    };
  });
  return {
    component: 'log-broker',
    isRegistered: cluster.brokerEpoch >= 0,
    isFenced: cluster.isFenced,
    replicas,
    fields: [
      { label: 'Fenced', value: cluster.isFenced },
      { label: 'Leads', value: countOf(state, isLed) },
      { label: 'Replicas', value: hosted.size },
      { label: 'Under-replicated', value: underReplicated(state) },
    ],
  };
}
