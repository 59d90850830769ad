/** The queueing grid: where it is read from, the shape of its rows, and which are quoted. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const FOLDER = process.env['CONFORMANCE_DIR'] ?? 'tests/conformance/data';

export interface Quantiles {
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
}

export interface MmcRow {
  readonly model: string;
  readonly lambda_: number;
  readonly mu: number;
  readonly c: number;
  readonly rho: number;
  readonly P_wait: number;
  readonly Wq: number;
  readonly W: number;
  readonly Lq: number;
  readonly L: number;
  readonly sojourn: Quantiles;
  readonly wait: Quantiles;
}

export interface LossRow {
  readonly model: string;
  readonly lambda_: number;
  readonly mu: number;
  readonly c: number;
  readonly K: number;
  readonly P_block: number;
  readonly throughput: number;
  readonly L: number;
  readonly Lq: number;
  readonly W: number;
  readonly Wq: number;
}

export interface Mg1Row {
  readonly service: string;
  readonly scv: number;
  readonly ES: number;
  readonly rho: number;
  readonly lambda_: number;
  readonly Wq: number;
  readonly W: number;
  readonly Lq: number;
  readonly W_processor_sharing: number;
  readonly W_LCFS_PR: number;
}

export interface Gim1Row {
  readonly model: string;
  readonly rho: number;
  readonly lambda_: number;
  readonly mu: number;
  readonly sigma: number;
  readonly Wq_exact: number;
  readonly W_exact: number;
  readonly Wq_kingman: number;
  readonly kingman_ratio: number;
  readonly p99_sojourn: number;
}

export interface ClosedPoint {
  readonly N: number;
  readonly X: number;
  readonly R: number;
  readonly Q: readonly number[];
}

export interface ClosedRow {
  readonly demands: readonly number[];
  readonly think: number;
  readonly Xmax: number;
  readonly Nstar: number;
  readonly points: readonly ClosedPoint[];
}

export interface PriorityRow {
  readonly lambda1: number;
  readonly lambda2: number;
  readonly mu: number;
  readonly nonpreemptive: { readonly Wq1: number; readonly Wq2: number };
  readonly preemptive: { readonly W1: number; readonly W2: number };
}

export interface SupermarketSimRow {
  readonly lambda: number;
  readonly d: number;
  readonly n: number;
  readonly ET_sim: number;
}

export interface Grid {
  readonly note: string;
  readonly supermarket_sim_protocol: string;
  readonly mmc: readonly MmcRow[];
  readonly mmck_loss: readonly LossRow[];
  readonly erlang_b: readonly { readonly c: number; readonly a: number; readonly B: number }[];
  readonly mg1_pollaczek_khinchine: readonly Mg1Row[];
  readonly gim1_and_kingman: readonly Gim1Row[];
  readonly closed_mva: readonly ClosedRow[];
  readonly priority_mm1: readonly PriorityRow[];
  readonly supermarket_mean_field: readonly {
    readonly lambda_: number;
    readonly d: number;
    readonly ET: number;
  }[];
  readonly fanout_binomial: readonly {
    readonly n: number;
    readonly p: number;
    readonly P_any_slow: number;
    readonly per_leaf_quantile_for_p99: number;
  }[];
  readonly fanout_exp_max: readonly {
    readonly n: number;
    readonly E_max: number;
    readonly p50: number;
    readonly p99: number;
  }[];
  readonly hedging_exponential: readonly {
    readonly delay: number;
    readonly extra_load: number;
    readonly E: number;
    readonly p99: number;
  }[];
  readonly supermarket_sim_n100_with_replacement: readonly SupermarketSimRow[];
  readonly supermarket_sim_n100_without_replacement: readonly SupermarketSimRow[];
  readonly mitzenmacher_2001_table1_from_memory: readonly {
    readonly lambda_: number;
    readonly d: number;
    readonly simulation: number;
    readonly prediction: number;
  }[];
  readonly tail_at_scale_from_memory_verify: {
    readonly fanout: { readonly n: number; readonly frac_over_1s: number };
  };
}

export const GRID = JSON.parse(readFileSync(join(FOLDER, 'queueing_grid.json'), 'utf8')) as Grid;
