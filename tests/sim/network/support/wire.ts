/** Two nodes and a wire between them: packets are routed and what became of them is measured. */
import { StreamBank } from '../../../../src/sim/kernel/random.ts';
import { Network } from '../../../../src/sim/network/network.ts';
import type { LinkSettings } from '../../../../src/sim/network/network.ts';
import { LinkSet } from '../../../../src/sim/network/packet-rule.ts';
import type { PacketRule } from '../../../../src/sim/network/packet-rule.ts';

export const COUNT = 20_000;
export const calm: LinkSettings = {
  latency: { kind: 'uniform', minMs: 1, maxMs: 3 },
  lossProbability: 0,
  duplicateProbability: 0,
  fifo: false,
};
export const all = new LinkSet(null, null);

export interface Sent {
  readonly fate: number;
  readonly takesMicros: number;
  readonly copyTakesMicros: number | null;
}

export class Wire {
  readonly bank: StreamBank;
  readonly network: Network;

  constructor(settings: Partial<LinkSettings> = {}, seed = 1) {
    this.bank = new StreamBank(seed);
    this.network = new Network(
      this.bank,
      () => ({ ...calm, ...settings }),
      (node) => `n${node}`,
    );
  }

  stream(name: string) {
    return this.bank.stream(`fault/${name}`);
  }

  install(...rules: readonly PacketRule[]): this {
    for (const rule of rules) this.network.install(rule);
    return this;
  }

  send(from = 0, to = 1, nowMicros = 0, keepsOrder = false): Sent {
    this.network.route(from, to, nowMicros, keepsOrder);
    const { fate, dueMicros, copyDueMicros } = this.network;
    const copyTakesMicros = copyDueMicros < 0 ? null : copyDueMicros - nowMicros;
    return { fate, takesMicros: dueMicros - nowMicros, copyTakesMicros };
  }

  many(count = COUNT, from = 0, to = 1): Sent[] {
    return Array.from({ length: count }, (_, i) => this.send(from, to, i * 1_000));
  }
}

export const share = (sent: readonly Sent[], fate: number) =>
  sent.filter((one) => one.fate === fate).length / sent.length;
export const mean = (values: readonly number[]) =>
  values.reduce((a, b) => a + b, 0) / values.length;
export const quantile = (values: readonly number[], q: number) =>
  values.toSorted((a, b) => a - b)[Math.floor(q * values.length)] as number;
/** Four standard errors of a share. */
export const tolerance = (p: number, count = COUNT) => 4 * Math.sqrt((p * (1 - p)) / count);
